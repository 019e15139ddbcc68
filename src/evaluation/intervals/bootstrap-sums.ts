import { Random } from '../../base/random.ts';
import { requireRange, requireSameLength } from '../columns.ts';
import { type BootstrapOptions, quantile } from './bootstrap.ts';
import type { Interval } from './interval.ts';

/** A word of the random key, so that other parts that use the same seed draw other numbers. */
const SUMS_STREAM = 0x5b007;

/**
 * The percentile bootstrap of `bootstrapInterval` for a statistic of sums over rows, such as micro F1, in time that
 * does not grow with the rows: rows (or groups) with the same contribution are drawn together, as one multinomial.
 *
 * @param contributions - one vector a row, all of one length
 * @param statistic - of the sums over the drawn rows; undefined where it is not defined
 * @returns undefined without rows, or where the statistic is undefined in more than half of the resamples
 * @throws evaluation/length-mismatch, evaluation/out-of-range
 */
export function bootstrapSums(
  contributions: readonly (readonly number[])[],
  statistic: (sums: readonly number[]) => number | undefined,
  { seed, level = 0.95, resamples = 1000, groups }: BootstrapOptions,
): Interval | undefined {
  requireRange('bootstrapSums', 'level', level, 0, 1, true);
  requireRange('bootstrapSums', 'number of resamples', resamples, 1, 1e9);
  if (contributions.length === 0) return undefined;
  const clusters = groups === undefined ? contributions : sumByGroup(contributions, groups);
  const kinds = distinct(clusters);
  const random = new Random(seed, SUMS_STREAM);
  const values: number[] = [];
  const sums = new Array<number>(contributions[0]!.length);
  for (let draw = 0; draw < resamples; draw++) {
    sums.fill(0);
    let left = clusters.length;
    let weightLeft = clusters.length;
    for (const { vector, count } of kinds) {
      const drawn = count === weightLeft ? left : drawBinomial(random, left, count / weightLeft);
      for (let i = 0; i < sums.length; i++) sums[i]! += drawn * vector[i]!;
      left -= drawn;
      weightLeft -= count;
      if (left === 0) break;
    }
    const value = statistic(sums);
    if (value !== undefined && Number.isFinite(value)) values.push(value);
  }
  if (values.length * 2 < resamples) return undefined;
  values.sort((a, b) => a - b);
  const [low, high] = [quantile(values, (1 - level) / 2), quantile(values, (1 + level) / 2)];
  return { low, high, level, method: 'bootstrap' };
}

function sumByGroup(
  contributions: readonly (readonly number[])[],
  groups: readonly (string | undefined)[],
): (readonly number[])[] {
  requireSameLength(
    'bootstrapSums',
    { name: 'row', length: contributions.length },
    { name: 'group', length: groups.length },
  );
  const alone: (readonly number[])[] = [];
  const named = new Map<string, number[]>();
  for (const [row, vector] of contributions.entries()) {
    const group = groups[row];
    if (group === undefined) alone.push(vector);
    else {
      const sums = named.get(group);
      if (sums === undefined) named.set(group, [...vector]);
      else for (const [i, value] of vector.entries()) sums[i]! += value;
    }
  }
  return [...alone, ...named.values()];
}

/** Equal vectors with how often they come, the most frequent first: most resamples are then drawn in a
 * few steps, whatever the order of the rows. */
function distinct(vectors: readonly (readonly number[])[]) {
  const kinds = new Map<
    string,
    { readonly key: string; readonly vector: readonly number[]; count: number }
  >();
  for (const vector of vectors) {
    const key = vector.join(' ');
    const kind = kinds.get(key);
    if (kind === undefined) kinds.set(key, { key, vector, count: 1 });
    else kind.count++;
  }
  return [...kinds.values()].sort((a, b) => b.count - a.count || (a.key < b.key ? -1 : 1));
}

/**
 * A draw from Binomial(n, p): by waiting times (Devroye 1986, X.4) where the variance is below 100, else by the normal
 * approximation rounded, whose error is far below the noise of a thousand resamples.
 */
function drawBinomial(random: Random, n: number, p: number): number {
  if (p > 0.5) return n - drawBinomial(random, n, 1 - p);
  const variance = n * p * (1 - p);
  if (variance > 100) {
    const draw = Math.round(n * p + Math.sqrt(variance) * random.normal());
    return Math.min(n, Math.max(0, draw));
  }
  if (p <= 0) return 0;
  const logMiss = Math.log1p(-p);
  let tried = 0;
  let hits = -1;
  while (tried <= n) {
    tried += Math.floor(Math.log(1 - random.uniform()) / logMiss) + 1;
    hits++;
  }
  return hits;
}
