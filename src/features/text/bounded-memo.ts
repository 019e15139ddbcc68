/**
 * Remembers results by word within bounds: when the young generation is full it becomes the old one, and what was in the
 * old one and was not asked for since is forgotten.
 */
export class BoundedMemo<Value> {
  readonly #capacity: number;
  #young = new Map<string, Value>();
  #old = new Map<string, Value>();

  /** @param capacity - entries of one generation; at most twice as many are kept */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get(key: string): Value | undefined {
    const young = this.#young.get(key);
    if (young !== undefined) return young;
    const old = this.#old.get(key);
    if (old !== undefined) this.#keep(key, old);
    return old;
  }

  /** @param key - is copied: as part of a long text it would keep all of it in memory */
  set(key: string, value: Value): void {
    this.#keep(Buffer.from(key, 'utf16le').toString('utf16le'), value);
  }

  get size(): number {
    return this.#young.size + this.#old.size;
  }

  #keep(key: string, value: Value): void {
    if (this.#young.size >= this.#capacity) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(key, value);
  }
}
