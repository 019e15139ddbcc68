/**
 * From the samples of a clip to the array that an encoder reads of it, always of one size: the log-mel of our own encoders, or
 * what a checkpoint's `preprocessor_config.json` asks for.
 */
import { SMALL_LOG_MEL_RATE_HZ, type SmallLogMelOptions, smallLogMel } from './small-log-mel.ts';
import { createSoundExtractor, type SoundExtractor } from './sound-extractor.ts';

/** As plain data, which a bundle keeps. */
export type SoundPlan =
  | ({ readonly kind: 'small' } & SmallLogMelOptions)
  | {
      readonly kind: 'checkpoint';
      /** Its `preprocessor_config.json`. */
      readonly preprocessor: Readonly<Record<string, unknown>>;
      /** Length of a clip in samples, for encoders that read a wave (Wav2Vec2); others say it themselves. */
      readonly samples?: number;
    };

export type SoundInput = {
  /** What clips must be resampled to. */
  readonly sampleRateHz: number;
  /** Bands, or 1 for a wave, with a second row of 1 and 0 where the encoder must know what is padding. */
  readonly rows: number;
  /** Frames, or samples. */
  readonly columns: number;
  /** Whether rows are bands and columns frames, so that SpecAugment fits. */
  readonly spectrogram: boolean;
  /** Everything that `read` depends on, for caches. */
  readonly fingerprint: string;
  /** @param samples - [n] float32 at `sampleRateHz`, n at least 1; @returns [rows, columns] */
  read(samples: Float32Array): Float32Array;
};

const SMALL_VERSION = 'small-log-mel-1';
const CHECKPOINT_VERSION = 'sound-extractor-1';

/** Filters take longer to make than a clip to read, so each plan's are kept as long as the plan. */
const made = new WeakMap<SoundPlan, SoundInput>();

/** @throws `features/processor-unsupported`, `features/processor-invalid` */
export function soundInput(plan: SoundPlan): SoundInput {
  const known = made.get(plan);
  if (known) return known;
  const input = plan.kind === 'small' ? smallInput(plan) : checkpointInput(plan);
  made.set(plan, input);
  return input;
}

function smallInput({ mels, frames }: SmallLogMelOptions): SoundInput {
  return {
    sampleRateHz: SMALL_LOG_MEL_RATE_HZ,
    rows: mels,
    columns: frames,
    spectrogram: true,
    fingerprint: SMALL_VERSION,
    read: (samples) => smallLogMel(samples, { mels, frames }),
  };
}

function checkpointInput({
  preprocessor,
  samples,
}: Extract<SoundPlan, { readonly kind: 'checkpoint' }>): SoundInput {
  const extractor = createSoundExtractor(preprocessor);
  const common = {
    sampleRateHz: extractor.sampleRateHz,
    fingerprint: `${CHECKPOINT_VERSION} ${JSON.stringify([preprocessor, samples])}`,
  };
  if (extractor.kind === 'wav2vec2') {
    const columns = samples ?? extractor.sampleRateHz;
    const rows = extractor.attentionMask ? 2 : 1;
    return { ...common, rows, columns, spectrogram: false, read: (clip) => wave(extractor, clip, columns) };
  }
  const [first, second] = extractor.size;
  // AST's own order is [frames, bands].
  const framesFirst = extractor.kind === 'ast';
  const [rows, columns] = framesFirst ? [second, first] : [first, second];
  const read = (clip: Float32Array) => {
    const { data } = extractor.extract(clip);
    return framesFirst ? transposed(data, columns, rows) : data;
  };
  return { ...common, rows, columns, spectrogram: true, read };
}

/**
 * The first `length` samples, padded with 0. Without a mask the padding is part of what is normalised, with one it is not: as
 * transformers' extractor does with `padding="max_length"`.
 */
function wave(extractor: SoundExtractor, clip: Float32Array, length: number): Float32Array {
  const cut = clip.subarray(0, length);
  if (!extractor.attentionMask) {
    const padded = new Float32Array(length);
    padded.set(cut);
    return extractor.extract(padded).data;
  }
  const out = new Float32Array(2 * length);
  out.set(extractor.extract(cut).data);
  out.fill(1, length, length + cut.length);
  return out;
}

/** A matrix `[rows, columns]`, row by row, as `[columns, rows]`. */
export function transposed(data: Float32Array, rows: number, columns: number): Float32Array {
  const out = new Float32Array(data.length);
  for (let r = 0; r < rows; r++) for (let c = 0; c < columns; c++) out[c * rows + r] = data[r * columns + c]!;
  return out;
}
