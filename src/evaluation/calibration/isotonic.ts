import { requireFinite, requireSameLength } from '../columns.ts';

/** A non-decreasing piecewise linear curve through (`x[i]`, `y[i]`), flat beyond both ends; `x` is increasing. */
export type IsotonicCurve = { readonly x: readonly number[]; readonly y: readonly number[] };

/**
 * Isotonic least squares by pool adjacent violators; targets of equal scores are averaged first, and only the ends of
 * flat stretches are kept. Equal to scikit-learn's `IsotonicRegression(out_of_bounds='clip')`.
 *
 * @param scores - one finite score a row
 * @param targets - one finite target a row, e.g. 0 or 1
 * @throws evaluation/length-mismatch, evaluation/not-finite
 * @see Barlow et al. 1972; Zadrozny and Elkan 2002
 */
export function fitIsotonic(scores: ArrayLike<number>, targets: ArrayLike<number>): IsotonicCurve {
  requireSameLength(
    'fitIsotonic',
    { name: 'target', length: targets.length },
    { name: 'score', length: scores.length },
  );
  requireFinite('fitIsotonic', 'the scores', scores);
  requireFinite('fitIsotonic', 'the targets', targets);
  const order = Uint32Array.from({ length: scores.length }, (_, i) => i).sort(
    (a, b) => scores[a]! - scores[b]! || a - b,
  );
  /** Blocks of pooled scores: first and last score, mean target, weight. */
  const blocks: { first: number; last: number; mean: number; weight: number }[] = [];
  for (let start = 0; start < order.length; ) {
    const score = scores[order[start]!]!;
    let end = start;
    let sum = 0;
    while (end < order.length && scores[order[end]!] === score) sum += targets[order[end++]!]!;
    const weight = end - start;
    let block = { first: score, last: score, mean: sum / weight, weight };
    for (
      let before = blocks.at(-1);
      before !== undefined && before.mean >= block.mean;
      before = blocks.at(-1)
    ) {
      blocks.pop();
      const pooled = before.weight + block.weight;
      block = {
        first: before.first,
        last: block.last,
        mean: before.mean + (block.weight / pooled) * (block.mean - before.mean),
        weight: pooled,
      };
    }
    blocks.push(block);
    start = end;
  }
  const x: number[] = [];
  const y: number[] = [];
  for (const { first, last, mean } of blocks) {
    x.push(first);
    y.push(mean);
    if (last > first) {
      x.push(last);
      y.push(mean);
    }
  }
  return { x, y };
}

/** The curve's value at `score`; the curve must have a point. */
export function isotonicValue({ x, y }: IsotonicCurve, score: number): number {
  let low = 0;
  let high = x.length - 1;
  if (score <= x[low]!) return y[low]!;
  if (score >= x[high]!) return y[high]!;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (x[middle]! <= score) low = middle;
    else high = middle;
  }
  const share = (score - x[low]!) / (x[high]! - x[low]!);
  return y[low]! + share * (y[high]! - y[low]!);
}
