/**
 * Joins the encoder's numbers and the wide part's: for each attribute w_deep deep + w_wide wide, the weights found by least squares
 * on products that neither was trained on.
 */

/** A held-out product: standardised values `[N]` of both parts, and the true ones, NaN where none is known. */
export type NumberBlendRow = {
  readonly deep: ArrayLike<number>;
  readonly wide: ArrayLike<number>;
  readonly truth: ArrayLike<number>;
};

/** Plain JSON, one entry a number attribute; none is below 0. */
export type NumberBlend = { readonly deep: readonly number[]; readonly wide: readonly number[] };

const START = 0.5;

/**
 * Half of each part where nothing is known; the least-squares weights count as many times as there are rows against `priorRows` of
 * that. (A ridge penalty would not do: both parts say nearly the same, so it would hold their difference at nothing long after
 * the rows know better.)
 */
export function numberBlendWeights(
  numbers: number,
  rows: readonly NumberBlendRow[],
  priorRows = 10,
): NumberBlend {
  const pairs = Array.from({ length: numbers }, (_, n) => {
    const known = rows.filter(({ truth }) => !Number.isNaN(truth[n]!));
    const share = known.length / (known.length + priorRows);
    return solve(known, n).map((weight) => share * weight + (1 - share) * START) as [number, number];
  });
  return { deep: pairs.map(([deep]) => deep), wide: pairs.map(([, wide]) => wide) };
}

/** Standardised values `[N]` of a product from those of both parts. */
export function blendNumbers(
  blend: NumberBlend,
  deep: ArrayLike<number>,
  wide: ArrayLike<number>,
): Float32Array {
  return Float32Array.from(blend.deep, (weight, n) => weight * deep[n]! + blend.wide[n]! * wide[n]!);
}

/** So few rows that the weights would not be determined stay near the start. */
const TINY = 1e-3;

/** Least squares of two weights at 0 or above: where one would fall below, it is 0 and the other is found alone. */
function solve(rows: readonly NumberBlendRow[], n: number): [deep: number, wide: number] {
  let [dd, dw, ww, dy, wy] = [TINY, 0, TINY, TINY * START, TINY * START];
  for (const { deep, wide, truth } of rows) {
    const [d, w, y] = [deep[n]!, wide[n]!, truth[n]!];
    dd += d * d;
    dw += d * w;
    ww += w * w;
    dy += d * y;
    wy += w * y;
  }
  const determinant = dd * ww - dw * dw;
  const deep = (ww * dy - dw * wy) / determinant;
  const wide = (dd * wy - dw * dy) / determinant;
  if (wide < 0) return [Math.max(0, dy / dd), 0];
  if (deep < 0) return [0, Math.max(0, wy / ww)];
  return [deep, wide];
}
