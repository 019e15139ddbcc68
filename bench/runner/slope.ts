/** How fast something grows, and how sure that is. */

export type Slope = {
  /** Units of `values` in a unit of `times`. */
  readonly value: number;
  /** Half of the 95% interval. */
  readonly give: number;
};

const NORMAL_95 = 1.96;
const MOST_LIKENESS = 0.99;

/**
 * The straight line through points, by least squares. What comes one after another is alike (memory that was taken is held for a while),
 * so fewer points count than there are: `n (1 - r) / (1 + r)` of them, with r the correlation of neighbours (Bayley and Hammersley 1946).
 * @param times - ascending, three at least
 */
export function slopeOf(times: readonly number[], values: readonly number[]): Slope {
  const n = times.length;
  const mean = (list: readonly number[]) => list.reduce((a, b) => a + b, 0) / n;
  const [middle, level] = [mean(times), mean(values)];
  const spread = times.reduce((sum, time) => sum + (time - middle) ** 2, 0);
  const value = times.reduce((sum, time, i) => sum + (time - middle) * (values[i]! - level), 0) / spread;
  const rest = values.map((one, i) => one - level - value * (times[i]! - middle));
  const squares = rest.reduce((sum, one) => sum + one * one, 0);
  const likeness = rest.slice(1).reduce((sum, one, i) => sum + one * rest[i]!, 0) / (squares || 1);
  const r = Math.min(MOST_LIKENESS, Math.max(0, likeness));
  const counting = Math.max(1, (n * (1 - r)) / (1 + r));
  const variance = squares / (n - 2) / spread;
  return { value, give: NORMAL_95 * Math.sqrt((variance * n) / counting) };
}
