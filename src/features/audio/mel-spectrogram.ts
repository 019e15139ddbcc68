/**
 * The power of a sound in mel bands, frame by frame.
 */
import { type RealTransform, realTransform } from './fourier.ts';
import { type MelFilterOptions, type MelFilters, melFilters } from './mel-filters.ts';

export type MelPlanOptions = MelFilterOptions & {
  /** Samples under the window; the transform's other samples are 0. */
  readonly frameLength: number;
  readonly hopLength: number;
  /** A Hann window that ends on 0 (Kaldi), or one whose next sample would be 0. */
  readonly window: 'symmetric' | 'periodic';
  /** Frame i is centred on sample i * hop, the sound mirrored at its ends; or it starts there and lies inside. */
  readonly centred: boolean;
  /** Subtract each frame's mean. */
  readonly removeMean?: boolean | undefined;
  /** Subtract this share of the sample before, 0 to 1. */
  readonly preemphasis?: number | undefined;
};

/** Tables and buffers that are made once. Not for two threads at once. */
export type MelPlan = {
  readonly options: MelPlanOptions;
  readonly transform: RealTransform;
  readonly filters: MelFilters;
  readonly window: Float64Array;
};

export function melPlan(options: MelPlanOptions): MelPlan {
  const { frameLength, window } = options;
  const period = window === 'periodic' ? frameLength : frameLength - 1;
  return {
    options,
    transform: realTransform(options.fftLength),
    filters: melFilters(options),
    window: Float64Array.from(
      { length: frameLength },
      (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / period),
    ),
  };
}

/** Frames of a sound of so many samples; 0 when it is shorter than one and they are not centred. */
export function frameCount(samples: number, { centred, frameLength, hopLength }: MelPlanOptions): number {
  const room = centred ? samples : samples - frameLength;
  return room < 0 ? 0 : 1 + Math.floor(room / hopLength);
}

/**
 * @param samples - [n]; what lies behind its end up to `length` is silence
 * @param frames - how many to make, from the first on; at most `frameCount(length)`
 * @returns power [frames, mels] float64, at least 0
 */
export function melPower(
  samples: Float32Array,
  plan: MelPlan,
  frames: number,
  length: number = samples.length,
): Float64Array {
  const { options, transform, filters, window } = plan;
  const { frameLength, hopLength, fftLength, mels, preemphasis = 0 } = options;
  const frame = new Float64Array(fftLength);
  const power = new Float64Array(fftLength / 2 + 1);
  const out = new Float64Array(frames * mels);
  const before = options.centred ? frameLength >> 1 : 0;
  for (let t = 0; t < frames; t++) {
    const start = t * hopLength - before;
    // A frame of silence has no power; most of a short clip's thirty seconds are such frames.
    if (!fillFrame(frame, samples, start, frameLength, length)) continue;
    if (options.removeMean) removeMean(frame, frameLength);
    if (preemphasis !== 0) {
      for (let i = frameLength - 1; i > 0; i--) frame[i]! -= preemphasis * frame[i - 1]!;
      frame[0]! *= 1 - preemphasis;
    }
    for (let i = 0; i < frameLength; i++) frame[i]! *= window[i]!;
    transform.power(frame, power);
    for (let m = 0; m < mels; m++) {
      const row = filters.weights[m]!;
      const first = filters.first[m]!;
      let sum = 0;
      for (let k = 0; k < row.length; k++) sum += row[k]! * power[first + k]!;
      out[t * mels + m] = sum;
    }
  }
  return out;
}

/** Puts the samples from `start` on into the frame, mirrored at 0 and `length`; false when all are 0. */
function fillFrame(
  frame: Float64Array,
  samples: Float32Array,
  start: number,
  frameLength: number,
  length: number,
): boolean {
  let hasSound = false;
  if (start >= 0 && start + frameLength <= samples.length) {
    for (let i = 0; i < frameLength; i++) {
      const value = samples[start + i]!;
      frame[i] = value;
      if (value !== 0) hasSound = true;
    }
    return hasSound;
  }
  for (let i = 0; i < frameLength; i++) {
    const value = samples[mirrored(start + i, length)] ?? 0;
    frame[i] = value;
    if (value !== 0) hasSound = true;
  }
  return hasSound;
}

/** The place in [0, length) that a mirror at either end shows at `at`: -1 is 1, length is length - 2. */
function mirrored(at: number, length: number): number {
  if (at >= 0 && at < length) return at;
  if (length === 1) return 0;
  const period = 2 * length - 2;
  const inPeriod = ((at % period) + period) % period;
  return inPeriod < length ? inPeriod : period - inPeriod;
}

function removeMean(frame: Float64Array, length: number): void {
  let sum = 0;
  for (let i = 0; i < length; i++) sum += frame[i]!;
  const mean = sum / length;
  for (let i = 0; i < length; i++) frame[i]! -= mean;
}
