/** Answers that were given, by what was asked: in memory up to a number of bytes, and in a Redis that several services share. */
import { LRUCache } from 'lru-cache';
import type { ProductPrediction } from '../../prediction/prediction.ts';

export interface AnswerCache {
  /** In the order of the keys; undefined where there is none. */
  get(keys: readonly string[]): Promise<readonly (ProductPrediction | undefined)[]>;
  set(key: string, prediction: ProductPrediction): void;
  close(): Promise<void>;
}

/** A text as key and as JSON takes two bytes a character, and the objects that it becomes about twice that. */
const BYTES_PER_CHARACTER = 4;
const BYTES_PER_ENTRY = 300;

/** The least recently used go first. */
export function memoryCache(maxBytes: number): AnswerCache {
  const answers = new LRUCache<string, ProductPrediction>({
    maxSize: maxBytes,
    sizeCalculation: (prediction) =>
      BYTES_PER_ENTRY + BYTES_PER_CHARACTER * JSON.stringify(prediction).length,
  });
  return {
    get: async (keys) => keys.map((key) => answers.get(key)),
    set: (key, prediction) => void answers.set(key, prediction),
    close: async () => answers.clear(),
  };
}

/** Never caches. */
export const noCache: AnswerCache = {
  get: async (keys) => keys.map(() => undefined),
  set: () => {},
  close: async () => {},
};

/** Asks `near` first, then `far`; what `far` had is kept in `near`. */
export function tieredCache(near: AnswerCache, far: AnswerCache): AnswerCache {
  return {
    async get(keys) {
      const found = [...(await near.get(keys))];
      const missing = keys.flatMap((_, i) => (found[i] === undefined ? [i] : []));
      if (missing.length === 0) return found;
      const others = await far.get(missing.map((i) => keys[i]!));
      missing.forEach((at, i) => {
        const other = others[i];
        if (other === undefined) return;
        found[at] = other;
        near.set(keys[at]!, other);
      });
      return found;
    },
    set(key, prediction) {
      near.set(key, prediction);
      far.set(key, prediction);
    },
    async close() {
      await near.close();
      await far.close();
    },
  };
}
