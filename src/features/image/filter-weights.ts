/**
 * The weights of a resampling along one axis, in the fixed-point numbers of Pillow.
 *
 * A result pixel is a weighted mean of the source pixels under a filter, which is stretched by the scale when the
 * picture shrinks, so that every source pixel counts (no aliasing). Weights are divided by their sum and rounded to
 * 1/2^22, as Pillow's `precompute_coeffs` and `normalize_coeffs_8bpc` do.
 *
 * @see https://github.com/python-pillow/Pillow/blob/main/src/libImaging/Resample.c
 */
type Filter = {
  /** Half the width of the filter, in source pixels at scale 1. */
  readonly support: number;
  readonly weight: (x: number) => number;
};

const FILTERS = {
  box: { support: 0.5, weight: (x) => (x > -0.5 && x <= 0.5 ? 1 : 0) },
  bilinear: { support: 1, weight: (x) => Math.max(0, 1 - Math.abs(x)) },
  hamming: { support: 1, weight: hamming },
  bicubic: { support: 2, weight: bicubic },
  lanczos: { support: 3, weight: (x) => (x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0) },
} as const satisfies Record<string, Filter>;

/** The filters that weigh; `nearest` is no filter, it picks. */
export type FilterName = keyof typeof FILTERS;

/** Bits behind the point: 8 bits of pixel and 2 of overshoot leave 22 of 32. */
export const PRECISION_BITS = 22;

export type FilterWeights = {
  /** The most source pixels that one result pixel reads; the row length of `weights`. */
  readonly taps: number;
  /** `[size]`: the first source pixel that each result pixel reads. */
  readonly first: Int32Array;
  /** `[size]`: how many it reads. */
  readonly count: Int32Array;
  /** `[size, taps]`: in 1/2^22. */
  readonly weights: Int32Array;
};

/**
 * @param from - the source's length along the axis, in pixels
 * @param start - where the part begins that is resampled, in source pixels; may lie inside a pixel
 * @param end - where it ends
 * @param size - the result's length, in pixels
 */
export function filterWeights(
  filter: FilterName,
  from: number,
  start: number,
  end: number,
  size: number,
): FilterWeights {
  const { support: halfWidth, weight } = FILTERS[filter];
  // Pillow keeps the box in float32 and computes in float64.
  const scale = Math.fround(Math.fround(end) - Math.fround(start)) / size;
  const stretch = Math.max(1, scale);
  const support = halfWidth * stretch;
  const taps = Math.ceil(support) * 2 + 1;
  const first = new Int32Array(size);
  const count = new Int32Array(size);
  const weights = new Int32Array(size * taps);
  const row = new Float64Array(taps);
  for (let at = 0; at < size; at++) {
    const centre = Math.fround(start) + (at + 0.5) * scale;
    const low = Math.max(0, Math.trunc(centre - support + 0.5));
    const number = Math.min(from, Math.trunc(centre + support + 0.5)) - low;
    let sum = 0;
    for (let i = 0; i < number; i++) {
      row[i] = weight((i + low - centre + 0.5) * (1 / stretch));
      sum += row[i]!;
    }
    for (let i = 0; i < number; i++) {
      const share = (sum === 0 ? row[i]! : row[i]! / sum) * 2 ** PRECISION_BITS;
      weights[at * taps + i] = Math.trunc(share < 0 ? share - 0.5 : share + 0.5);
    }
    first[at] = low;
    count[at] = number;
  }
  return { taps, first, count, weights };
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(x * Math.PI) / (x * Math.PI);
}

function hamming(x: number): number {
  const distance = Math.abs(x);
  if (distance === 0) return 1;
  if (distance >= 1) return 0;
  return (Math.sin(distance * Math.PI) / (distance * Math.PI)) * (0.54 + 0.46 * Math.cos(distance * Math.PI));
}

/** Keys' cubic with a = -0.5. */
function bicubic(x: number): number {
  const a = -0.5;
  const distance = Math.abs(x);
  if (distance < 1) return ((a + 2) * distance - (a + 3)) * distance * distance + 1;
  if (distance < 2) return (((distance - 5) * distance + 8) * distance - 4) * a;
  return 0;
}
