import { requireSameLength } from '../columns.ts';
import { bootstrapInterval } from '../intervals/bootstrap.ts';
import type { Interval } from '../intervals/interval.ts';
import { clusteredWilson, wilsonInterval } from '../intervals/wilson.ts';

/** One way to divide the rows: `values[row]` names the row's slice; undefined leaves the row out. */
export type Slicing = { readonly name: string; readonly values: readonly (string | undefined)[] };

export type SliceScore = {
  readonly slicing: string;
  readonly slice: string;
  readonly count: number;
  readonly value: number | undefined;
  readonly interval: Interval | undefined;
  /** Set only where the interval excludes the overall value. */
  readonly flag: 'worse' | 'better' | undefined;
};

export type SliceReport = {
  readonly count: number;
  readonly overall: number | undefined;
  /** Level of each interval: raised so that all of them hold together (Bonferroni). */
  readonly level: number;
  /** By slicing in the order given, the worst first within each; slices where the metric is undefined last. */
  readonly slices: readonly SliceScore[];
};

/** A metric of some of the rows; undefined where it is not defined. */
export type RowMetric = {
  readonly higherIsBetter: boolean;
  readonly value: (rows: Uint32Array) => number | undefined;
  readonly interval: (rows: Uint32Array, level: number) => Interval | undefined;
};

/** The share of rows that are right, with Wilson's interval, widened where rows come in groups. */
export function accuracyMetric(
  correct: readonly boolean[],
  groups?: readonly (string | undefined)[],
): RowMetric {
  const rightOf = (rows: Uint32Array) => rows.reduce((sum, row) => sum + (correct[row] ? 1 : 0), 0);
  return {
    higherIsBetter: true,
    value: (rows) => (rows.length > 0 ? rightOf(rows) / rows.length : undefined),
    interval: (rows, level) =>
      groups === undefined
        ? wilsonInterval(rightOf(rows), rows.length, level)
        : clusteredWilson(
            Array.from(rows, (row) => correct[row]!),
            Array.from(rows, (row) => groups[row]),
            level,
          ),
  };
}

/** Any statistic of rows, with a bootstrap interval of `resamples` (1,000) draws. */
export function bootstrapMetric(
  statistic: (rows: Uint32Array) => number | undefined,
  options: {
    readonly higherIsBetter: boolean;
    readonly seed: number;
    readonly resamples?: number;
    readonly groups?: readonly (string | undefined)[];
  },
): RowMetric {
  const { higherIsBetter, seed, resamples, groups } = options;
  return {
    higherIsBetter,
    value: statistic,
    interval: (rows, level) =>
      bootstrapInterval(rows.length, (drawn) => statistic(drawn.map((i) => rows[i]!)), {
        seed,
        level,
        ...(resamples !== undefined && { resamples }),
        ...(groups !== undefined && { groups: Array.from(rows, (row) => groups[row]) }),
      }),
  };
}

/**
 * A metric on each slice of the rows. A slice is flagged only where its interval excludes the overall value; the level
 * of the intervals counts how many slices were looked at, so that 50 slices of noise raise a flag in one report of 20.
 *
 * @param count - number of rows
 * @param level - confidence that all intervals hold together, in (0, 1)
 * @throws evaluation/length-mismatch
 */
export function scoreSlices(
  count: number,
  metric: RowMetric,
  slicings: readonly Slicing[],
  level = 0.95,
): SliceReport {
  const divided = slicings.map((slicing) => ({ name: slicing.name, slices: rowsBySlice(count, slicing) }));
  const looked = divided.reduce((sum, { slices }) => sum + slices.size, 0);
  const eachLevel = 1 - (1 - level) / Math.max(1, looked);
  const overall = metric.value(Uint32Array.from({ length: count }, (_, row) => row));
  const sign = metric.higherIsBetter ? 1 : -1;
  const slices = divided.flatMap(({ name, slices }) =>
    [...slices]
      .map(([slice, members]) => {
        const rows = Uint32Array.from(members);
        const interval = metric.interval(rows, eachLevel);
        return {
          slicing: name,
          slice,
          count: rows.length,
          value: metric.value(rows),
          interval,
          flag: flagOf(interval, overall, metric.higherIsBetter),
        };
      })
      .sort(
        (a, b) => sign * ((a.value ?? sign * Infinity) - (b.value ?? sign * Infinity)) || b.count - a.count,
      ),
  );
  return { count, overall, level: eachLevel, slices };
}

function flagOf(
  interval: Interval | undefined,
  overall: number | undefined,
  higherIsBetter: boolean,
): SliceScore['flag'] {
  if (interval === undefined || overall === undefined) return undefined;
  if (interval.high < overall) return higherIsBetter ? 'worse' : 'better';
  if (interval.low > overall) return higherIsBetter ? 'better' : 'worse';
  return undefined;
}

function rowsBySlice(count: number, { name, values }: Slicing): Map<string, number[]> {
  requireSameLength(
    `scoreSlices (${name})`,
    { name: 'row', length: count },
    { name: 'slice name', length: values.length },
  );
  const slices = new Map<string, number[]>();
  for (const [row, slice] of values.entries()) {
    if (slice === undefined) continue;
    const members = slices.get(slice);
    if (members === undefined) slices.set(slice, [row]);
    else members.push(row);
  }
  return slices;
}
