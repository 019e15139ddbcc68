import { requireRange } from '../columns.ts';
import type { Interval } from './interval.ts';
import { normalQuantile } from './normal.ts';

/**
 * Wilson's score interval for a proportion; never outside [0, 1], sensible at 0 and at `total` successes.
 *
 * centre = (p̂ + z²/2n) / (1 + z²/n), half width = z·√(p̂(1 − p̂)/n + z²/4n²) / (1 + z²/n).
 * @param successes - in [0, total]; may be fractional when `total` is an effective sample size
 * @param total - number of trials
 * @param level - confidence in (0, 1)
 * @returns undefined without trials
 * @throws evaluation/out-of-range
 * @see Wilson 1927; Brown, Cai, DasGupta 2001
 * @example wilsonInterval(8, 10) // 0.4902 to 0.9433
 */
export function wilsonInterval(successes: number, total: number, level = 0.95): Interval | undefined {
  requireRange('wilsonInterval', 'level', level, 0, 1, true);
  if (total === 0) return undefined;
  requireRange('wilsonInterval', 'number of successes', successes, 0, total);
  const z = normalQuantile((1 + level) / 2);
  const share = successes / total;
  const scale = 1 + (z * z) / total;
  const centre = (share + (z * z) / (2 * total)) / scale;
  const half = (z * Math.sqrt((share * (1 - share)) / total + (z * z) / (4 * total * total))) / scale;
  return {
    low: successes === 0 ? 0 : Math.max(0, centre - half),
    high: successes === total ? 1 : Math.min(1, centre + half),
    level,
    method: 'wilson',
  };
}

/**
 * Wilson's interval for the share of `correct` rows when rows of one group (variants of a product) are alike: the
 * number of rows is divided by the design effect, the ratio of the cluster-robust variance of the mean to the
 * variance of independent rows (Kish 1965), where that is above 1. Where all rows are right, or none is, nothing tells how alike
 * those of a group are, and each group counts as one row.
 *
 * @param correct - one outcome a row
 * @param groups - one group a row; undefined is a group of its own
 * @returns undefined without rows
 */
export function clusteredWilson(
  correct: ArrayLike<boolean>,
  groups: ArrayLike<string | undefined>,
  level = 0.95,
): Interval | undefined {
  const count = correct.length;
  if (count === 0) return undefined;
  let right = 0;
  for (let row = 0; row < count; row++) if (correct[row]) right++;
  const share = right / count;
  const sums = new Map<string, number>();
  let squares = 0;
  for (let row = 0; row < count; row++) {
    const deviation = (correct[row] ? 1 : 0) - share;
    const group = groups[row];
    if (group === undefined) squares += deviation * deviation;
    else sums.set(group, (sums.get(group) ?? 0) + deviation);
  }
  for (const sum of sums.values()) squares += sum * sum;
  const independent = count * share * (1 - share);
  const designEffect =
    independent > 0 ? Math.max(1, squares / independent) : count / Math.max(1, unitsOf(groups));
  return wilsonInterval(right / designEffect, count / designEffect, level);
}

/** How many groups there are; each undefined one is a group of its own. */
export function unitsOf(groups: ArrayLike<string | undefined>): number {
  const named = new Set<string>();
  let alone = 0;
  for (let row = 0; row < groups.length; row++) {
    const group = groups[row];
    if (group === undefined) alone++;
    else named.add(group);
  }
  return named.size + alone;
}
