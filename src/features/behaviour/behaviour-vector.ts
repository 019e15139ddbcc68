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

export type ProductCounts = BehaviourCounts & {
  /** Days from the first and the last event to the prediction. */
  readonly firstDays: number;
  readonly lastDays: number;
  /** Mean price paid; undefined when nothing was bought or no price is known. */
  readonly meanPrice: number | undefined;
  /** Different queries that found it. */
  readonly queries: number;
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
 * @param totals - of all products together, with `buyers` of all
 * @returns [features] float32, finite: logarithms log(1 + x); rates as the logarithm of the ratio of the product's smoothed rate to
 * that of all, 0 where nothing is known; buyers as the difference of the product's smoothed share to that of all, -1 to 1
 */
export function behaviourVector(
  counts: ProductCounts,
  totals: BehaviourCounts & Pick<ProductCounts, 'buyers'>,
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
  encoding.profile.forEach((_, i) => {
    const all = totals.buyers[i]!;
    const own = counts.buyers[i]!;
    const allSum = sum(all);
    const ownSum = sum(own);
    for (let place = 0; place < all.length; place++) {
      const share = allSum === 0 ? 0 : all[place]! / allSum;
      values.push((own[place]! + smoothing * share) / (ownSum + smoothing) - share);
    }
  });
  return Float32Array.from(values);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
