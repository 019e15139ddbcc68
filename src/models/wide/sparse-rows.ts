/** Sparse vectors kept one after the other, up to a fixed number of entries. */
import type { SparseVector } from './features.ts';

/** An entry is 8 bytes. */
const FIRST_CAPACITY = 1 << 16;

export class SparseRows {
  readonly #limit: number;
  #columns = new Int32Array(FIRST_CAPACITY);
  #values = new Float32Array(FIRST_CAPACITY);
  /** Where each row begins, and where the last one ends. */
  readonly #starts: number[] = [0];

  /** @param limit - most entries of all rows together */
  constructor(limit: number) {
    this.#limit = limit;
  }

  get count(): number {
    return this.#starts.length - 1;
  }

  /** @returns whether the vector found room */
  add({ columns, values, length }: SparseVector): boolean {
    const from = this.#starts.at(-1)!;
    if (from + length > this.#limit) return false;
    if (from + length > this.#columns.length) this.#grow(from + length);
    this.#columns.set(columns.subarray(0, length), from);
    this.#values.set(values.subarray(0, length), from);
    this.#starts.push(from + length);
    return true;
  }

  /** A view of a row's entries. */
  row(row: number): SparseVector {
    const [from, to] = [this.#starts[row]!, this.#starts[row + 1]!];
    return {
      columns: this.#columns.subarray(from, to),
      values: this.#values.subarray(from, to),
      length: to - from,
    };
  }

  #grow(needed: number): void {
    const capacity = Math.min(this.#limit, Math.max(needed, 2 * this.#columns.length));
    const columns = new Int32Array(capacity);
    const values = new Float32Array(capacity);
    columns.set(this.#columns);
    values.set(this.#values);
    this.#columns = columns;
    this.#values = values;
  }
}
