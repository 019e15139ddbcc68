/**
 * SpecAugment: bands of time and of frequency are hidden, so that no one of them decides.
 *
 * @see Park et al. 2019, "SpecAugment", https://arxiv.org/abs/1904.08779, sections 2 and 3 (masks; no time warp)
 */
import type { Random } from '../../base/random.ts';

export type SpecAugmentOptions = {
  readonly frequencyMasks: number;
  /** Widest frequency mask, in bands (the paper's F). */
  readonly frequencyWidth: number;
  readonly timeMasks: number;
  /** Widest time mask, in frames (T). */
  readonly timeWidth: number;
  /** Widest time mask, as a share of the frames (p). */
  readonly timeShare: number;
};

/** The paper's LibriSpeech basic policy, for 64 to 80 bands and about a second. */
export const SPEC_AUGMENT: SpecAugmentOptions = {
  frequencyMasks: 2,
  frequencyWidth: 12,
  timeMasks: 2,
  timeWidth: 24,
  timeShare: 0.2,
};

/**
 * @param features - [mels, frames] float32; not changed
 * @param size - `frames` may be fewer than the width of a row when the rest is padding
 * @param value - what a hidden place holds: the features' mean
 * @returns a copy; each mask's width is uniform in 0 ... its widest, and its place uniform where it fits
 */
export function specAugment(
  features: Float32Array,
  size: { readonly mels: number; readonly frames: number; readonly rowLength?: number },
  random: Random,
  options: SpecAugmentOptions = SPEC_AUGMENT,
  value = 0,
): Float32Array {
  const { mels, frames, rowLength = frames } = size;
  const out = features.slice();
  const hide = (fromMel: number, toMel: number, fromFrame: number, toFrame: number) => {
    for (let m = fromMel; m < toMel; m++) out.fill(value, m * rowLength + fromFrame, m * rowLength + toFrame);
  };
  for (let i = 0; i < options.frequencyMasks; i++) {
    const [from, to] = mask(mels, Math.min(options.frequencyWidth, mels), random);
    hide(from, to, 0, frames);
  }
  const widest = Math.min(options.timeWidth, Math.floor(options.timeShare * frames));
  for (let i = 0; i < options.timeMasks; i++) {
    const [from, to] = mask(frames, widest, random);
    hide(0, mels, from, to);
  }
  return out;
}

function mask(length: number, widest: number, random: Random): readonly [number, number] {
  const width = random.below(widest + 1);
  const from = random.below(length - width + 1);
  return [from, from + width];
}
