/** Bytes of a key: a SHA-256. */
export const KEY_BYTES = 32;

/**
 * Numbers by 32-byte key, in about 50 bytes a key: a million rows take 50 MB, where a Map of strings takes 200.
 * Keys are hashes already, so their first four bytes say where to look; collisions go to the next free place.
 */
export class KeyTable {
  #keys = new Uint8Array(1024 * KEY_BYTES);
  #values = new Float64Array(1024);
  /** 1 + the number of the key that stands there; 0 is free. At least half are free. */
  #slots = new Int32Array(2048);
  #count = 0;

  get size(): number {
    return this.#count;
  }

  /** @param key - 32 bytes, random ones such as a hash's */
  get(key: Uint8Array): number | undefined {
    const entry = this.#slots[this.#slotOf(key)]!;
    return entry === 0 ? undefined : this.#values[entry - 1]!;
  }

  set(key: Uint8Array, value: number): void {
    const slot = this.#slotOf(key);
    const entry = this.#slots[slot]!;
    if (entry !== 0) {
      this.#values[entry - 1] = value;
      return;
    }
    if (this.#count === this.#values.length) {
      this.#grow();
      this.set(key, value);
      return;
    }
    this.#keys.set(key, this.#count * KEY_BYTES);
    this.#values[this.#count] = value;
    this.#slots[slot] = ++this.#count;
  }

  /** Where `key` stands, or would. */
  #slotOf(key: Uint8Array): number {
    const mask = this.#slots.length - 1;
    let slot = (key[0]! | (key[1]! << 8) | (key[2]! << 16) | (key[3]! << 24)) & mask;
    for (;;) {
      const entry = this.#slots[slot]!;
      if (entry === 0 || this.#isKey(entry - 1, key)) return slot;
      slot = (slot + 1) & mask;
    }
  }

  #isKey(number: number, key: Uint8Array): boolean {
    const start = number * KEY_BYTES;
    for (let i = 0; i < KEY_BYTES; i++) if (this.#keys[start + i] !== key[i]) return false;
    return true;
  }

  #grow(): void {
    const capacity = this.#values.length * 2;
    const keys = new Uint8Array(capacity * KEY_BYTES);
    keys.set(this.#keys);
    const values = new Float64Array(capacity);
    values.set(this.#values);
    this.#keys = keys;
    this.#values = values;
    this.#slots = new Int32Array(capacity * 2);
    for (let i = 0; i < this.#count; i++) {
      const key = keys.subarray(i * KEY_BYTES, (i + 1) * KEY_BYTES);
      this.#slots[this.#slotOf(key)] = i + 1;
    }
  }
}
