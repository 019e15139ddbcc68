/** Comparing how often each value comes in two samples. */
import { chiSquaredTail } from '../../evaluation/intervals/tails.ts';

/** How often one value comes in the first and in the second sample; at least 0, not both 0. */
export type CountPair = readonly [first: number, second: number];

export type ChiSquared = {
  readonly statistic: number;
  readonly freedom: number;
  readonly pValue: number;
};

/**
 * Pearson's chi-squared test that both samples come from one distribution (homogeneity), without a continuity
 * correction: `scipy.stats.chi2_contingency(correction=False)`. With two values it is the two-sided z-test of two
 * proportions.
 *
 * Evidently compares the second sample with the first as if the first were the truth, which calls chance drift when
 * the first is small, and any new value certain drift; this counts the chance of both.
 * @returns undefined where a sample is empty or there is one value only
 */
export function chiSquared(pairs: readonly CountPair[]): ChiSquared | undefined {
  const [first, second] = totals(pairs);
  if (pairs.length < 2 || first === 0 || second === 0) return undefined;
  let statistic = 0;
  for (const [a, b] of pairs) {
    const [x, y] = [((a + b) * first) / (first + second), ((a + b) * second) / (first + second)];
    statistic += (a - x) ** 2 / x + (b - y) ** 2 / y;
  }
  const freedom = pairs.length - 1;
  return { statistic, freedom, pValue: chiSquaredTail(statistic, freedom) };
}

/**
 * The Jensen-Shannon distance, the root of the divergence in nats: `scipy.spatial.distance.jensenshannon`.
 *
 * @returns in [0, √ln 2 = 0.8326]; undefined where a sample is empty
 */
export function jensenShannon(pairs: readonly CountPair[]): number | undefined {
  const [first, second] = totals(pairs);
  if (first === 0 || second === 0) return undefined;
  let divergence = 0;
  for (const pair of pairs) divergence += jensenShannonPart(pair, first, second);
  return Math.sqrt(Math.max(0, divergence));
}

/** What one value adds to the divergence, in nats; at least 0. */
export function jensenShannonPart([a, b]: CountPair, first: number, second: number): number {
  const [p, q] = [a / first, b / second];
  const middle = (p + q) / 2;
  return ((p > 0 ? p * Math.log(p / middle) : 0) + (q > 0 ? q * Math.log(q / middle) : 0)) / 2;
}

export function totals(pairs: readonly CountPair[]): CountPair {
  let [first, second] = [0, 0];
  for (const [a, b] of pairs) {
    first += a;
    second += b;
  }
  return [first, second];
}

/**
 * Puts values that are too rare to test each by itself together, in a last pair, so that each is expected at least
 * five times in both samples (Cochran 1954) where that can be. Which are put together depends on the sums over both
 * samples only, so the test keeps its level.
 *
 * @returns the pairs to test, and the indices of the values that stand alone, in the same order
 */
export function pooled(pairs: readonly CountPair[]): {
  readonly pairs: readonly CountPair[];
  readonly alone: readonly number[];
} {
  const [first, second] = totals(pairs);
  const least = (5 * (first + second)) / Math.min(first, second);
  const alone: number[] = [];
  let rest: CountPair = [0, 0];
  for (const [i, [a, b]] of pairs.entries()) {
    if (a + b >= least) alone.push(i);
    else rest = [rest[0] + a, rest[1] + b];
  }
  const kept = alone.map((i) => pairs[i]!);
  return { pairs: rest[0] + rest[1] > 0 ? [...kept, rest] : kept, alone };
}
