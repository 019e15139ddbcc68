/**
 * The quantiles of a stream in bounded memory: exact up to the first few thousand values, then within a known error.
 *
 * Values stand in levels; a value of level h stands for 2^h. A full level is sorted and every other value, the even or the odd by
 * chance, goes up.
 *
 * @see Karnin, Lang and Liberty 2016, "Optimal Quantile Approximation in Streams", https://arxiv.org/abs/1603.05346
 */
import { Random } from '../../base/random.ts';

export type QuantileSketch = {
  /** @param value - finite */
  readonly add: (value: number) => void;
  /** How many values were added. */
  readonly count: () => number;
  /**
   * The quantiles at the given ranks, each in [0, 1], between two values linearly, as numpy's default. Exact while `count` is at most
   * the capacity; else the rank is off by about 2 / capacity.
   */
  readonly quantiles: (ranks: readonly number[]) => number[];
};

/** Keeps about three times this many values. */
const CAPACITY = 4096;
/** Each level below the top holds this share of the one above. */
const SHRINK = 2 / 3;
const SMALLEST_LEVEL = 8;

export function quantileSketch(seed: number, capacity: number = CAPACITY): QuantileSketch {
  const random = new Random(seed, capacity);
  const levels: number[][] = [[]];
  let count = 0;
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;

  const capacityOf = (level: number) =>
    Math.max(SMALLEST_LEVEL, Math.ceil(capacity * SHRINK ** (levels.length - 1 - level)));

  function add(value: number): void {
    levels[0]!.push(value);
    count++;
    least = Math.min(least, value);
    most = Math.max(most, value);
    for (let level = 0; level < levels.length && levels[level]!.length > capacityOf(level); level++) {
      compact(level);
    }
  }

  function compact(level: number): void {
    const values = levels[level]!.sort((a, b) => a - b);
    // An odd one stays, so that the weights keep adding up to the count.
    const kept = values.length % 2 === 1 ? [values.pop()!] : [];
    const offset = random.below(2);
    levels[level + 1] ??= [];
    for (let i = offset; i < values.length; i += 2) levels[level + 1]!.push(values[i]!);
    levels[level] = kept;
  }

  function quantiles(ranks: readonly number[]): number[] {
    const weighted = levels
      .flatMap((values, level) => values.map((value) => ({ value, weight: 2 ** level })))
      .sort((a, b) => a.value - b.value);
    // Each value stands at the middle of the ranks that it stands for, 0 to count - 1.
    const places: number[] = [];
    let before = 0;
    for (const { weight } of weighted) {
      places.push(before + (weight - 1) / 2);
      before += weight;
    }
    return ranks.map((rank) => {
      const wanted = rank * (count - 1);
      if (rank <= 0) return least;
      if (rank >= 1) return most;
      const next = firstAtLeast(places, wanted);
      const from =
        next === 0
          ? { place: 0, value: least }
          : { place: places[next - 1]!, value: weighted[next - 1]!.value };
      const to =
        next === places.length
          ? { place: count - 1, value: most }
          : { place: places[next]!, value: weighted[next]!.value };
      if (to.place === from.place) return to.value;
      const share = (wanted - from.place) / (to.place - from.place);
      // Rounding must not step over the next value.
      return Math.min(to.value, from.value + (to.value - from.value) * share);
    });
  }

  return { add, count: () => count, quantiles };
}

/** The first index whose element is at least `wanted`; the length when there is none. */
export function firstAtLeast(sorted: readonly number[], wanted: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}
