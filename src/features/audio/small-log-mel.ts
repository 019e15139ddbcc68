/**
 * The sound as a small picture, for encoders of our own that train from nothing: log-mel of a fixed size, indifferent to
 * how loud the clip is.
 */
import { frameCount, type MelPlan, type MelPlanOptions, melPlan, melPower } from './mel-spectrogram.ts';

export type SmallLogMelOptions = {
  /** Bands from 50 Hz to 8 kHz. */
  readonly mels: number;
  /** Of 10 ms each. */
  readonly frames: number;
};

/** One second and a bit. */
export const SMALL_LOG_MEL: SmallLogMelOptions = { mels: 64, frames: 128 };
/** The samples that the features are made of. */
export const SMALL_LOG_MEL_RATE_HZ = 16_000;

/** Power below the clip's peak that still counts: 80 dB, as in Whisper. */
const RANGE = 1e-8;
const plans = new Map<number, MelPlan>();

/**
 * Log of the power in 25 ms Hann windows every 10 ms, cut 80 dB below the clip's peak, then of zero mean and unit variance over the
 * whole clip. A longer clip is cropped, a shorter one padded with 0, the mean.
 *
 * @param samples - [n] float32 at 16 kHz, n at least 1
 * @param options - the size
 * @param start - where the crop of a longer clip begins: 0 its start, 1 its end, 0.5 (the default) leaves as much on both sides
 * @returns [mels, frames] float32, finite; all 0 for silence
 */
export function smallLogMel(
  samples: Float32Array,
  options: SmallLogMelOptions = SMALL_LOG_MEL,
  start = 0.5,
): Float32Array {
  const { mels, frames } = options;
  const plan = planFor(mels);
  const there = frameCount(samples.length, plan.options);
  const power = melPower(samples, plan, there);
  const out = new Float32Array(mels * frames);
  const peak = power.reduce((most, value) => Math.max(most, value), 0);
  if (peak <= 0) return out;
  const logs = power.map((value) => Math.log(Math.max(value / peak, RANGE)));
  const mean = logs.reduce((sum, x) => sum + x, 0) / logs.length;
  const variance = logs.reduce((sum, x) => sum + (x - mean) ** 2, 0) / logs.length;
  const scale = 1 / Math.sqrt(variance + 1e-8);
  const skipped = Math.round(Math.max(0, there - frames) * start);
  for (let t = 0; t < Math.min(frames, there); t++) {
    for (let m = 0; m < mels; m++) out[m * frames + t] = (logs[(skipped + t) * mels + m]! - mean) * scale;
  }
  return out;
}

function planFor(mels: number): MelPlan {
  let plan = plans.get(mels);
  if (plan === undefined) {
    plan = melPlan(smallLogMelPlan(mels));
    plans.set(mels, plan);
  }
  return plan;
}

export function smallLogMelPlan(mels: number): MelPlanOptions {
  return {
    mels,
    fftLength: 512,
    frameLength: 400,
    hopLength: 160,
    sampleRateHz: SMALL_LOG_MEL_RATE_HZ,
    minHz: 50,
    maxHz: SMALL_LOG_MEL_RATE_HZ / 2,
    scale: 'htk',
    equalArea: false,
    window: 'periodic',
    centred: true,
  };
}

/** What `smallLogMel` does, for those who must do it without this program. */
export const SMALL_LOG_MEL_STEPS = [
  'power of each frame of `frameLength` samples every `hopLength`, centred on its sample (mirrored at both ends), under a periodic Hann window, with zeros behind up to `fftLength`',
  '`mels` triangles, straight in hertz, highest 1, from `minHz` to `maxHz`, evenly spaced on the `scale`',
  'natural logarithm of power / highest power of the clip, at least 1e-8',
  'less the mean, divided by sqrt(variance + 1e-8), both over the clip',
  'longer clips: `columns` frames from the middle; shorter ones: zeros behind',
] as const;
