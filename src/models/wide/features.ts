/**
 * The feature space of the wide part: which buckets are kept and how much each weighs, learned in one stream, and a
 * product as a sparse vector in it (Salton and Buckley 1988, with scikit-learn's smooth idf).
 */
import { BUCKET_BITS, type Group, NgramReader, type WideText } from './ngrams.ts';

export type FeatureSpace = {
  /** Kept buckets, ascending; a bucket's place is its column. */
  readonly buckets: Int32Array;
  /** ln((1 + products) / (1 + products with the bucket)) + 1, by column. */
  readonly idf: Float32Array;
  /** Products with the bucket, by column. */
  readonly counts: Int32Array;
};

/** A product: the first `length` columns, none twice, and their values. Reused by the next call. */
export type SparseVector = { readonly columns: Int32Array; readonly values: Float32Array; length: number };

/** Counts in how many products each bucket occurs; memory is fixed. */
export class FeatureCounter {
  readonly #counts = new Int32Array(1 << BUCKET_BITS);
  readonly #lastSeen = new Int32Array(1 << BUCKET_BITS);
  readonly #reader = new NgramReader((bucket) => bucket);
  #products = 0;

  add(product: WideText): void {
    const turn = ++this.#products;
    this.#reader.read(
      product,
      (bucket) => {
        if (this.#lastSeen[bucket] === turn) return;
        this.#lastSeen[bucket] = turn;
        this.#counts[bucket]!++;
      },
      () => {},
    );
  }

  /**
   * Buckets that occur in at least `minProducts` products; of more than `limit` the commonest, of equals the lower.
   */
  space({ minProducts, limit }: { readonly minProducts: number; readonly limit: number }): FeatureSpace {
    const counts = this.#counts;
    let kept: number[] = [];
    for (let bucket = 0; bucket < counts.length; bucket++)
      if (counts[bucket]! >= minProducts) kept.push(bucket);
    if (kept.length > limit) {
      kept.sort((a, b) => counts[b]! - counts[a]! || a - b);
      kept = kept.slice(0, limit).sort((a, b) => a - b);
    }
    return {
      buckets: Int32Array.from(kept),
      idf: Float32Array.from(kept, (bucket) => Math.log((1 + this.#products) / (1 + counts[bucket]!)) + 1),
      counts: Int32Array.from(kept, (bucket) => counts[bucket]!),
    };
  }
}

/** Turns products into vectors of one space. */
export class Vectorizer {
  readonly #space: Pick<FeatureSpace, 'buckets' | 'idf'>;
  readonly #reader: NgramReader;
  readonly #occurrences: Int32Array;
  readonly #vector: SparseVector;

  constructor(space: Pick<FeatureSpace, 'buckets' | 'idf'>) {
    this.#space = space;
    // Places are kept plus 1, so that the pages of buckets without a feature are never touched.
    const places = new Int32Array(1 << BUCKET_BITS);
    for (let column = 0; column < space.buckets.length; column++) places[space.buckets[column]!] = column + 1;
    this.#reader = new NgramReader((bucket) => places[bucket]! - 1);
    this.#occurrences = new Int32Array(space.buckets.length);
    const size = space.buckets.length;
    this.#vector = { columns: new Int32Array(size), values: new Float32Array(size), length: 0 };
  }

  /** (1 + ln tf) idf, each group of n-grams divided by its Euclidean norm. */
  vector(product: WideText): SparseVector {
    const vector = this.#vector;
    const { columns } = vector;
    vector.length = 0;
    let groupStart = 0;
    const occurrences = this.#occurrences;
    this.#reader.read(
      product,
      (column) => {
        if (occurrences[column]!++ === 0) columns[vector.length++] = column;
      },
      (group) => {
        this.#weigh(groupStart, group);
        groupStart = vector.length;
      },
    );
    return vector;
  }

  #weigh(from: number, group: Group): void {
    const { columns, values, length } = this.#vector;
    let squares = 0;
    for (let i = from; i < length; i++) {
      const column = columns[i]!;
      const value = (1 + Math.log(this.#occurrences[column]!)) * this.#space.idf[column]!;
      this.#occurrences[column] = 0;
      values[i] = value;
      squares += value * value;
    }
    const factor = squares > 0 ? GROUP_WEIGHT[group] / Math.sqrt(squares) : 0;
    for (let i = from; i < length; i++) values[i]! *= factor;
  }
}

/** Norm of each group in a product's vector. */
const GROUP_WEIGHT: Readonly<Record<Group, number>> = { words: 1, characters: 1, category: 1 };
