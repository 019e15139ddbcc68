/**
 * Two pictures of a batch made into one, with the labels of both: a loss is `weight` times that of the picture's own
 * label and `1 - weight` times that of its partner's.
 *
 * @see Zhang et al. 2018 https://arxiv.org/abs/1710.09412 (mixup), Yun et al. 2019 https://arxiv.org/abs/1905.04899 (CutMix)
 */
import type { Random } from '../../base/random.ts';
import type { Size } from './processor.ts';

export type Mix = {
  /** The chance that a batch is mixed at all. */
  readonly probability: number;
  /** `mixup` lays one picture over the other, `cutmix` puts a rectangle of one into the other. */
  readonly kind: 'mixup' | 'cutmix';
  /** Of the Beta(alpha, alpha) that the weight is drawn from, above 0; 0.2 for mixup and 1 for CutMix are usual. */
  readonly alpha: number;
};

export type MixedBatch = {
  /** `[batch, 3, height, width]`, a new array. */
  readonly pixels: Float32Array;
  /** `[batch]`: which picture each is mixed with. */
  readonly partners: Int32Array;
  /** How much of each is its own, in [0, 1]; 1 when nothing was mixed. */
  readonly weight: number;
};

/**
 * @param pixels - `[batch, 3, height, width]`, normalised or not; stays as it is
 * @param size - of one picture
 */
export function mixBatch(pixels: Float32Array, size: Size, mix: Mix, random: Random): MixedBatch {
  const length = 3 * size.height * size.width;
  const batch = pixels.length / length;
  const partners = Int32Array.from(random.shuffled(Array.from({ length: batch }, (_, i) => i)));
  if (random.uniform() >= mix.probability)
    return { pixels: pixels.slice(), partners: Int32Array.from(partners.keys()), weight: 1 };
  const drawn = beta(mix.alpha, random);
  if (mix.kind === 'mixup')
    return { pixels: blended(pixels, partners, length, drawn), partners, weight: drawn };
  const mixed = pixels.slice();
  const share = pasteRectangles(mixed, pixels, partners, size, 1 - drawn, random);
  return { pixels: mixed, partners, weight: 1 - share };
}

function blended(pixels: Float32Array, partners: Int32Array, length: number, weight: number): Float32Array {
  const mixed = new Float32Array(pixels.length);
  const rest = 1 - weight;
  for (let item = 0; item < partners.length; item++) {
    const own = item * length;
    const other = partners[item]! * length;
    for (let i = 0; i < length; i++) mixed[own + i] = weight * pixels[own + i]! + rest * pixels[other + i]!;
  }
  return mixed;
}

/**
 * Soft labels of a mixed batch.
 * @param targets - `[batch, classes]`, such as one 1 a row
 * @returns `[batch, classes]`, a new array
 */
export function mixTargets(
  targets: Float32Array,
  { partners, weight }: Pick<MixedBatch, 'partners' | 'weight'>,
): Float32Array {
  const classes = targets.length / partners.length;
  return targets.map((own, i) => {
    const other = partners[Math.floor(i / classes)]! * classes + (i % classes);
    return weight * own + (1 - weight) * targets[other]!;
  });
}

/** Copies one rectangle from each partner, about `share` of the area; returns its true share, cut at the edges. */
function pasteRectangles(
  mixed: Float32Array,
  pixels: Float32Array,
  partners: Int32Array,
  { height, width }: Size,
  share: number,
  random: Random,
): number {
  const across = Math.floor(width * Math.sqrt(share));
  const down = Math.floor(height * Math.sqrt(share));
  const left = random.below(width) - (across >> 1);
  const top = random.below(height) - (down >> 1);
  const [x0, x1] = [Math.max(0, left), Math.min(width, left + across)];
  const [y0, y1] = [Math.max(0, top), Math.min(height, top + down)];
  const plane = height * width;
  partners.forEach((partner, item) => {
    for (let channel = 0; channel < 3; channel++) {
      for (let y = y0; y < y1; y++) {
        const from = (partner * 3 + channel) * plane + y * width;
        mixed.set(pixels.subarray(from + x0, from + x1), (item * 3 + channel) * plane + y * width + x0);
      }
    }
  });
  return ((x1 - x0) * (y1 - y0)) / plane;
}

/** A draw from Beta(alpha, alpha): x / (x + y) of two gammas. */
function beta(alpha: number, random: Random): number {
  const x = gamma(alpha, random);
  const y = gamma(alpha, random);
  // Both can be so small that they are 0.
  return x + y === 0 ? 0.5 : x / (x + y);
}

/** Marsaglia and Tsang 2000, https://doi.org/10.1145/358407.358414; for shapes below 1 by a power of a uniform number. */
function gamma(shape: number, random: Random): number {
  if (shape < 1) return gamma(shape + 1, random) * random.uniform() ** (1 / shape);
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const normal = random.normal();
    const v = (1 + c * normal) ** 3;
    if (v > 0 && Math.log(1 - random.uniform()) < normal ** 2 / 2 + d - d * v + d * Math.log(v)) return d * v;
  }
}
