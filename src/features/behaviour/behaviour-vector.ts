/**
 * A product's counts as a vector of fixed length: amounts by their logarithm, rates smoothed towards those of all
 * products.
 */
import type { BehaviourEncoding } from './behaviour-encoding.ts';

/** What is counted in each window. */
export const COUNTED = ['view', 'cart', 'purchase', 'return', 'shoppers', 'units'] as const;
export type Counted = (typeof COUNTED)[number];

/** Of one product, or of all, one entry a window: those of `windowDays`, then all time. */
export type BehaviourCounts = Readonly<Record<Counted, readonly number[]>>;

/** What is counted in each month of the year, which tells what sells in summer. */
export const SEASONAL = ['view', 'purchase'] as const;
const MONTHS = 12;

export type ProductCounts = BehaviourCounts & {
  /** Days from the first and the last event to the prediction. */
  readonly firstDays: number;
  readonly lastDays: number;
  /** Mean price paid; undefined when nothing was bought or no price is known. */
  readonly meanPrice: number | undefined;
  /** Different queries that found it. */
  readonly queries: number;
  /** Of each of `SEASONAL`, all time, the events of January to December (UTC). */
  readonly months: readonly (readonly number[])[];
  /** For each profile attribute the buyers with each value, then with another. */
  readonly buyers: readonly (readonly number[])[];
};

const RATES = [
  ['cart', 'view'],
  ['purchase', 'view'],
  ['purchase', 'cart'],
  ['return', 'purchase'],
] as const;

function windowNames({ options }: BehaviourEncoding): string[] {
  return [...options.windowDays.map((days) => `${days}d`), 'all'];
}

/** What each place of the vector is. */
export function behaviourNames(encoding: BehaviourEncoding): string[] {
  const windows = windowNames(encoding);
  return [
    'no events',
    'log days since first',
    'log days since last',
    'price paid missing',
    'log price paid',
    'log queries',
    ...windows.flatMap((window) => [
      ...COUNTED.map((counted) => `log ${counted} ${window}`),
      ...RATES.map(([part, whole]) => `${part} per ${whole} ${window}`),
    ]),
    ...SEASONAL.flatMap((kind) => Array.from({ length: MONTHS }, (_, i) => `${kind} in month ${i + 1}`)),
    ...encoding.profile.flatMap(({ attribute, values }) =>
      [...values, 'other'].map((value) => `buyers ${attribute}=${value}`),
    ),
  ];
}

/** The vector of a product without any event before the time: the first place is 1, all others 0. */
export function emptyBehaviour(encoding: BehaviourEncoding): Float32Array {
  const vector = new Float32Array(behaviourNames(encoding).length);
  vector[0] = 1;
  return vector;
}

/**
 * @param totals - of all products together, with `months` and `buyers` of all
 * @returns [features] float32, finite: logarithms log(1 + x); rates as the logarithm of the ratio of the product's smoothed rate to
 * that of all, 0 where nothing is known; months and buyers as the difference of the product's smoothed share to that of all, -1 to 1
 */
export function behaviourVector(
  counts: ProductCounts,
  totals: BehaviourCounts & Pick<ProductCounts, 'months' | 'buyers'>,
  encoding: BehaviourEncoding,
): Float32Array {
  const { smoothing } = encoding.options;
  const values = [
    0,
    Math.log1p(counts.firstDays),
    Math.log1p(counts.lastDays),
    counts.meanPrice === undefined ? 1 : 0,
    Math.log1p(counts.meanPrice ?? 0),
    Math.log1p(counts.queries),
  ];
  for (let window = 0; window <= encoding.options.windowDays.length; window++) {
    for (const counted of COUNTED) values.push(Math.log1p(counts[counted][window]!));
    for (const [part, whole] of RATES) {
      // Half an event more, so that a shop where nothing was returned yet has a rate.
      const overall = (totals[part][window]! + 0.5) / (totals[whole][window]! + 1);
      const own = (counts[part][window]! + smoothing * overall) / (counts[whole][window]! + smoothing);
      values.push(Math.log(own / overall));
    }
  }
  const shares = (own: readonly (readonly number[])[], all: readonly (readonly number[])[]) =>
    own.flatMap((counted, i) => excessShares(counted, all[i]!, smoothing));
  values.push(...shares(counts.months, totals.months), ...shares(counts.buyers, totals.buyers));
  return Float32Array.from(values);
}

/** The product's share of each place, smoothed towards that of all, less that of all. */
function excessShares(own: readonly number[], all: readonly number[], smoothing: number): number[] {
  const [ownSum, allSum] = [sum(own), sum(all)];
  return all.map((count, place) => {
    const share = allSum === 0 ? 0 : count / allSum;
    return (own[place]! + smoothing * share) / (ownSum + smoothing) - share;
  });
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
