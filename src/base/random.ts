/**
 * Seeded random numbers. Every random choice of a run is a function of (seed, purpose, counter), so a resumed run
 * draws what the killed one would have drawn; nothing keeps hidden state across a save.
 */

/** Mixes 32-bit words into one well-spread 32-bit hash (murmur3 finaliser over a running state). */
export function hash32(...words: readonly number[]): number {
  let h = 0x9e3779b9;
  for (const word of words) {
    h = Math.imul(h ^ word, 0x85ebca6b);
    h ^= h >>> 13;
    h = Math.imul(h, 0xc2b2ae35);
    h ^= h >>> 16;
  }
  return h >>> 0;
}

/** 32-bit FNV-1a of a string's UTF-16 units, finalised; stable across runs and machines. */
export function hashString(text: string, seed = 0): number {
  let h = 0x811c9dc5 ^ seed;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return hash32(h);
}

/** xoshiro128** (Blackman and Vigna 2018, https://prng.di.unimi.it): 32 random bits a call. */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #d: number;

  /** @param key - the words that name this stream: a seed, a purpose, a step ... */
  constructor(...key: readonly number[]) {
    this.#a = hash32(1, ...key);
    this.#b = hash32(2, ...key);
    this.#c = hash32(3, ...key);
    this.#d = hash32(4, ...key) | 1;
  }

  /** An integer in [0, 2^32). */
  uint32(): number {
    const x = Math.imul(this.#b, 5);
    const result = Math.imul((x << 7) | (x >>> 25), 9) >>> 0;
    const t = this.#b << 9;
    this.#c ^= this.#a;
    this.#d ^= this.#b;
    this.#b ^= this.#c;
    this.#a ^= this.#d;
    this.#c ^= t;
    this.#d = (this.#d << 11) | (this.#d >>> 21);
    return result;
  }

  /** A number in [0, 1) with 32 bits. */
  uniform(): number {
    return this.uint32() / 0x1_0000_0000;
  }

  /** An integer in [0, n), n >= 1. */
  below(n: number): number {
    return Math.floor(this.uniform() * n);
  }

  /** Standard normal (Box and Muller 1958). */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    return radius * Math.cos(2 * Math.PI * this.uniform());
  }

  /** One of `items`, which must not be empty. */
  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }

  /** A new array with the items in random order (Fisher and Yates). */
  shuffled<T>(items: readonly T[]): T[] {
    const result = [...items];
    for (let i = result.length - 1; i > 0; i--) {
      const j = this.below(i + 1);
      [result[i], result[j]] = [result[j]!, result[i]!];
    }
    return result;
  }
}
