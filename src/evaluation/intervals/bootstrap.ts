import { Random } from '../../base/random.ts';
import { requireRange, requireSameLength } from '../columns.ts';
import type { Interval } from './interval.ts';

export type BootstrapOptions = {
  /** Every draw is a function of it. */
  readonly seed: number;
  /** Confidence in (0, 1); 0.95 when not given. */
  readonly level?: number;
  /** Number of resamples, at least 1; 1,000 when not given. */
  readonly resamples?: number;
  /** One group a row: whole groups are drawn, so that variants of a product do not pass for independent evidence. */
  readonly groups?: readonly (string | undefined)[];
};

/** A word of the random key, so that other parts that use the same seed draw other numbers. */
const BOOTSTRAP_STREAM = 0xb007;

/**
 * Percentile bootstrap interval of any statistic of rows (Efron 1979): rows, or whole groups of rows, are drawn with
 * replacement as often as there are, and the interval lies between the (1 ∓ level)/2 quantiles of the statistic.
 *
 * @param count - number of rows
 * @param statistic - of row indices (with repetition, in no order; do not keep the array); undefined where it is not
 *   defined, such as R² of one row
 * @returns undefined without rows, or where the statistic is undefined in more than half of the resamples; those
 *   where it is undefined are left out
 * @throws evaluation/length-mismatch, evaluation/out-of-range
 */
export function bootstrapInterval(
  count: number,
  statistic: (rows: Uint32Array) => number | undefined,
  { seed, level = 0.95, resamples = 1000, groups }: BootstrapOptions,
): Interval | undefined {
  requireRange('bootstrapInterval', 'level', level, 0, 1, true);
  requireRange('bootstrapInterval', 'number of resamples', resamples, 1, 1e9);
  if (count === 0) return undefined;
  const clusters = groups === undefined ? undefined : membersByGroup(count, groups);
  const random = new Random(seed, BOOTSTRAP_STREAM);
  const values: number[] = [];
  let rows = new Uint32Array(count);
  for (let draw = 0; draw < resamples; draw++) {
    let size = 0;
    if (clusters === undefined) {
      for (; size < count; size++) rows[size] = random.below(count);
    } else {
      for (let g = 0; g < clusters.length; g++) {
        const members = random.pick(clusters);
        if (size + members.length > rows.length) rows = grown(rows, size + members.length);
        rows.set(members, size);
        size += members.length;
      }
    }
    const value = statistic(rows.subarray(0, size));
    if (value !== undefined && Number.isFinite(value)) values.push(value);
  }
  if (values.length * 2 < resamples) return undefined;
  values.sort((a, b) => a - b);
  return {
    low: quantile(values, (1 - level) / 2),
    high: quantile(values, (1 + level) / 2),
    level,
    method: 'bootstrap',
  };
}

/** The rows of each group, groups in order of first appearance; an undefined group is one row. */
function membersByGroup(count: number, groups: readonly (string | undefined)[]): Uint32Array[] {
  requireSameLength(
    'bootstrapInterval',
    { name: 'row', length: count },
    { name: 'group', length: groups.length },
  );
  const named = new Map<string, number[]>();
  const members: number[][] = [];
  for (const [row, group] of groups.entries()) {
    const known = group === undefined ? undefined : named.get(group);
    if (known !== undefined) {
      known.push(row);
      continue;
    }
    const fresh = [row];
    members.push(fresh);
    if (group !== undefined) named.set(group, fresh);
  }
  return members.map((rows) => Uint32Array.from(rows));
}

function grown(rows: Uint32Array<ArrayBuffer>, needed: number): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(Math.max(needed, rows.length * 2));
  larger.set(rows);
  return larger;
}

/** Linear interpolation between order statistics (numpy's default, Hyndman and Fan 1996, type 7); not empty. */
export function quantile(sorted: ArrayLike<number>, share: number): number {
  const position = share * (sorted.length - 1);
  const below = Math.floor(position);
  const low = sorted[below]!;
  const high = sorted[Math.min(below + 1, sorted.length - 1)]!;
  return low + (position - below) * (high - low);
}
