/** Thresholds to test, from the strictest to the loosest, each with its share of the error budget. */
export type ThresholdGrid = {
  readonly thresholds: readonly number[];
  /** In [0, 1], summing to one: where testing starts afresh. Elsewhere a test lives on what the one before passed on. */
  readonly weights: readonly number[];
};

const POINTS = 60;
/** Places where testing starts afresh, at most. */
export const STARTS = 5;

/** Thresholds fixed in advance, for want of other confidences to place them by. */
const FIXED = [
  0.999, 0.995, 0.99, 0.98, 0.97, 0.96, 0.95, 0.93, 0.9, 0.87, 0.83, 0.8, 0.75, 0.7, 0.6, 0.5, 0,
];

/**
 * Places a grid where it can succeed, without looking at the examples that will be tested, which would void the
 * guarantee: at quantiles of the confidences of other examples (those that the calibrator was fitted on, say).
 *
 * Testing starts at up to five coverages, in geometric steps from the smallest that can be expected to hold enough
 * examples to the whole.
 * @param otherConfidences - of examples that are not tested; a fixed grid from 0.999 to 0 without any
 * @param expectedCount - how many examples will be tested
 * @param fewest - accepted examples below which no test can succeed at a start's share of the budget
 */
export function thresholdGrid(
  otherConfidences: ArrayLike<number>,
  expectedCount: number,
  fewest: number,
): ThresholdGrid {
  const sorted = Float64Array.from(otherConfidences).sort().reverse();
  if (sorted.length === 0) return evenStarts(FIXED);
  // A tenth more than the fewest: the count above a quantile of other examples varies.
  const smallest = Math.min(1, (1.1 * fewest) / Math.max(1, expectedCount));
  const thresholds: number[] = [];
  const coverages: number[] = [];
  for (let i = 0; i < POINTS; i++) {
    const coverage = smallest ** (1 - i / (POINTS - 1));
    const threshold = sorted[Math.max(0, Math.ceil(coverage * sorted.length) - 1)]!;
    if (threshold === thresholds.at(-1)) coverages[coverages.length - 1] = coverage;
    else {
      thresholds.push(threshold);
      coverages.push(coverage);
    }
  }
  const starts = new Set<number>();
  const count = smallest === 1 ? 1 : STARTS;
  for (let start = 0; start < count; start++) {
    const coverage = smallest ** (1 - start / Math.max(1, count - 1));
    starts.add(coverages.findIndex((c) => c >= coverage - 1e-12));
  }
  return { thresholds, weights: thresholds.map((_, i) => (starts.has(i) ? 1 / starts.size : 0)) };
}

function evenStarts(thresholds: readonly number[]): ThresholdGrid {
  const stride = Math.ceil(thresholds.length / STARTS);
  const starts = Math.ceil(thresholds.length / stride);
  return { thresholds, weights: thresholds.map((_, i) => (i % stride === 0 ? 1 / starts : 0)) };
}
