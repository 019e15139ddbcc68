/**
 * The input of a pretrained sound encoder, as its `preprocessor_config.json` asks for it: Whisper's log-mel, AST's
 * Kaldi filter bank, Wav2Vec2's normalised waveform. Equal to transformers' extractors within 1e-4.
 */
import { z } from 'zod';
import { featureError } from '../errors.ts';
import { frameCount, melPlan, melPower } from './mel-spectrogram.ts';

export type SoundFeatures = { readonly data: Float32Array; readonly dims: readonly number[] };

export type SoundExtractor = {
  readonly kind: 'whisper' | 'ast' | 'wav2vec2';
  /** What the samples must be resampled to. */
  readonly sampleRateHz: number;
  /** What `extract` gives of every clip, as `dims`; [0, 0] for wav2vec2, where it is as long as the clip. */
  readonly size: readonly [number, number];
  /**
   * - whisper: `[mels, frames]`, the same for every clip, cropped or padded with silence; about -1.5 to 2
   * - ast: `[frames, mels]`, the same for every clip, cropped or padded with 0 before it is standardised
   * - wav2vec2: `[samples]`, as long as the clip; pad a batch with 0 where the model takes a mask or not
   *
   * @param samples - [n] float32 of one channel at `sampleRateHz`, n at least 1; silence gives finite features
   */
  readonly extract: (samples: Float32Array) => SoundFeatures;
  /** wav2vec2: whether the model wants an attention mask when a batch is padded. */
  readonly attentionMask: boolean;
};

const count = z.int().min(1);
const WHISPER = z.object({
  feature_size: count.default(80),
  sampling_rate: count.default(16_000),
  hop_length: count.default(160),
  chunk_length: count.default(30),
  n_fft: count.multipleOf(2).default(400),
  padding_value: z.literal(0).default(0),
  padding_side: z.literal('right').default('right'),
  dither: z.literal(0).default(0),
});
const AST = z.object({
  sampling_rate: z.literal(16_000).default(16_000),
  num_mel_bins: count.default(128),
  max_length: count.default(1024),
  padding_value: z.literal(0).default(0),
  do_normalize: z.boolean().default(true),
  mean: z.number().default(-4.2677393),
  std: z.number().positive().default(4.5689974),
});
const WAV2VEC2 = z.object({
  feature_size: z.literal(1).default(1),
  sampling_rate: count.default(16_000),
  padding_value: z.literal(0).default(0),
  do_normalize: z.boolean().default(true),
  return_attention_mask: z.boolean().default(false),
});

const EXTRACTORS: Readonly<Record<string, (json: unknown) => SoundExtractor>> = {
  WhisperFeatureExtractor: (json) => whisper(parse(WHISPER, json)),
  ASTFeatureExtractor: (json) => ast(parse(AST, json)),
  Wav2Vec2FeatureExtractor: (json) => wav2vec2(parse(WAV2VEC2, json)),
};

/**
 * @param json - the parsed `preprocessor_config.json`
 * @throws `features/processor-unsupported`, `features/processor-invalid`
 */
export function createSoundExtractor(json: unknown): SoundExtractor {
  const name = (json as { readonly feature_extractor_type?: unknown } | null)?.feature_extractor_type;
  const make = EXTRACTORS[String(name)];
  if (make === undefined) {
    throw featureError(
      'features/processor-unsupported',
      `The feature_extractor_type of preprocessor_config.json is ${JSON.stringify(name) ?? 'missing'}; read are ${Object.keys(EXTRACTORS).join(', ')}.`,
      { details: { type: name } },
    );
  }
  return make(json);
}

function parse<T extends z.ZodType>(schema: T, json: unknown): z.infer<T> {
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  throw featureError(
    'features/processor-invalid',
    `${issue.path.join('.')} of preprocessor_config.json: ${issue.message}.`,
    { details: { path: issue.path } },
  );
}

/** Of the power; Whisper and Kaldi (the least step of float32 at 1). */
const WHISPER_FLOOR = 1e-10;
const KALDI_FLOOR = 2 ** -23;

/** @see Radford et al. 2022, "Robust Speech Recognition via Large-Scale Weak Supervision", section 2.2 */
function whisper(config: z.infer<typeof WHISPER>): SoundExtractor {
  const mels = config.feature_size;
  const length = config.chunk_length * config.sampling_rate;
  const frames = Math.floor(length / config.hop_length);
  const plan = melPlan({
    mels,
    fftLength: config.n_fft,
    frameLength: config.n_fft,
    hopLength: config.hop_length,
    sampleRateHz: config.sampling_rate,
    minHz: 0,
    maxHz: 8000,
    scale: 'slaney',
    equalArea: true,
    window: 'periodic',
    centred: true,
  });
  const extract = (samples: Float32Array): SoundFeatures => {
    const power = melPower(samples.subarray(0, length), plan, frames, length);
    const peak = power.reduce((most, value) => Math.max(most, value), WHISPER_FLOOR);
    // Eight decades are kept: log10 is cut at that of the peak, less 8.
    const floor = Math.max(WHISPER_FLOOR, peak * 1e-8);
    const quiet = (Math.log10(floor) + 4) / 4;
    const data = new Float32Array(mels * frames).fill(quiet);
    for (let t = 0; t < frames; t++) {
      for (let m = 0; m < mels; m++) {
        const value = power[t * mels + m]!;
        if (value > floor) data[m * frames + t] = (Math.log10(value) + 4) / 4;
      }
    }
    return { data, dims: [mels, frames] };
  };
  return {
    kind: 'whisper',
    sampleRateHz: config.sampling_rate,
    size: [mels, frames],
    extract,
    attentionMask: false,
  };
}

/** @see Gong, Chung and Glass 2021, "AST: Audio Spectrogram Transformer"; Kaldi's `fbank` with a Hann window */
function ast(config: z.infer<typeof AST>): SoundExtractor {
  const { num_mel_bins: mels, max_length: maxFrames, sampling_rate: sampleRateHz } = config;
  const plan = melPlan({
    mels,
    fftLength: 512,
    frameLength: 400,
    hopLength: 160,
    sampleRateHz,
    minHz: 20,
    maxHz: sampleRateHz / 2,
    scale: 'kaldi',
    equalArea: false,
    window: 'symmetric',
    centred: false,
    removeMean: true,
    preemphasis: 0.97,
  });
  const [shift, scale] = config.do_normalize ? [config.mean, 2 * config.std] : [0, 1];
  const extract = (samples: Float32Array): SoundFeatures => {
    const frames = Math.min(maxFrames, frameCount(samples.length, plan.options));
    const power = melPower(samples, plan, frames);
    const data = new Float32Array(maxFrames * mels).fill(-shift / scale);
    for (let i = 0; i < power.length; i++) {
      data[i] = (Math.log(Math.max(KALDI_FLOOR, power[i]!)) - shift) / scale;
    }
    return { data, dims: [maxFrames, mels] };
  };
  return { kind: 'ast', sampleRateHz, size: [maxFrames, mels], extract, attentionMask: false };
}

/** @see Baevski et al. 2020, "wav2vec 2.0", section 4: raw audio of zero mean and unit variance */
function wav2vec2(config: z.infer<typeof WAV2VEC2>): SoundExtractor {
  const extract = (samples: Float32Array): SoundFeatures => {
    if (!config.do_normalize) return { data: samples, dims: [samples.length] };
    let sum = 0;
    for (const x of samples) sum += x;
    const mean = sum / samples.length;
    let squares = 0;
    for (const x of samples) squares += (x - mean) ** 2;
    const scale = 1 / Math.sqrt(squares / samples.length + 1e-7);
    return { data: samples.map((x) => (x - mean) * scale), dims: [samples.length] };
  };
  return {
    kind: 'wav2vec2',
    sampleRateHz: config.sampling_rate,
    size: [0, 0],
    extract,
    attentionMask: config.return_attention_mask,
  };
}
