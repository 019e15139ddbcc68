/** A fair sample of a stream in bounded memory. */
import { Random } from '../../base/random.ts';

/** What was drawn, with the row each is of. */
export type Sample<T> = { readonly ids: readonly string[]; readonly values: readonly T[] };

/**
 * Each of the items that came is in the sample with equal chance (Vitter 1985, algorithm R). A function of the seed and
 * of the order in which they came.
 */
export class Reservoir<T> {
  readonly #size: number;
  readonly #random: Random;
  readonly #ids: string[] = [];
  readonly #values: T[] = [];
  #seen = 0;

  /** @param size - the most that are kept, at least 1 */
  constructor(size: number, ...key: readonly number[]) {
    this.#size = size;
    this.#random = new Random(...key);
  }

  /** @param make - called where the item is kept */
  add(id: string, make: () => T): void {
    const place = this.#seen < this.#size ? this.#seen : this.#random.below(this.#seen + 1);
    this.#seen++;
    if (place >= this.#size) return;
    this.#ids[place] = id;
    this.#values[place] = make();
  }

  sample(): Sample<T> {
    return { ids: [...this.#ids], values: [...this.#values] };
  }
}
