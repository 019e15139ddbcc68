/** From a stream of products to optimiser steps: products of like length together, so that little is padding. */
import { Random } from '../base/random.ts';

export type BatchOptions = {
  /** Products in a step. */
  readonly batchSize: number;
  readonly seed: number;
  readonly epoch: number;
};

/** Steps whose products are sorted by length together; more leaves less padding and less chance. */
const STEPS_SORTED = 8;

/**
 * Groups items into steps of `batchSize` (the last may be smaller). Steps within a window hold like lengths and come in
 * random order; all is a function of the seed and the epoch.
 */
export async function* steps<T>(
  items: AsyncIterable<readonly T[]>,
  length: (item: T) => number,
  { batchSize, seed, epoch }: BatchOptions,
): AsyncGenerator<readonly T[]> {
  const random = new Random(seed, epoch, 0xba7c);
  let waiting: T[] = [];
  const cut = (window: readonly T[]): (readonly T[])[] => {
    const ordered = window
      .map((item, i) => ({ item, length: length(item), i }))
      .sort((a, b) => a.length - b.length || a.i - b.i);
    const batches: (readonly T[])[] = [];
    for (let from = 0; from < ordered.length; from += batchSize)
      batches.push(ordered.slice(from, from + batchSize).map(({ item }) => item));
    return random.shuffled(batches);
  };
  const size = batchSize * STEPS_SORTED;
  for await (const chunk of items) {
    waiting.push(...chunk);
    while (waiting.length >= size) {
      yield* cut(waiting.slice(0, size));
      waiting = waiting.slice(size);
    }
  }
  if (waiting.length > 0) yield* cut(waiting);
}
