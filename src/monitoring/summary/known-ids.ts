/** Which products a model was trained on, in a few bits each. */
import { hashString } from '../../base/random.ts';

/** JSON of a Bloom filter: `bits` is base64. */
export type KnownIdsData = { readonly hashes: number; readonly bits: string };

const BITS_EACH = 10;
const HASHES = 7;
const LEAST_BITS = 1024;

/**
 * A Bloom filter (Bloom 1970): an id that was added is always known; of the others about 1 in 100 is taken for known.
 */
export class KnownIds {
  readonly #bits: Uint8Array;
  readonly #hashes: number;

  private constructor(bits: Uint8Array, hashes: number) {
    this.#bits = bits;
    this.#hashes = hashes;
  }

  /** @param count - how many will be added, about */
  static sized(count: number): KnownIds {
    return new KnownIds(new Uint8Array(Math.ceil(Math.max(LEAST_BITS, count * BITS_EACH) / 8)), HASHES);
  }

  static from({ hashes, bits }: KnownIdsData): KnownIds {
    return new KnownIds(Uint8Array.from(Buffer.from(bits, 'base64')), hashes);
  }

  add(id: string): void {
    for (const place of this.#places(id)) this.#bits[place >> 3]! |= 1 << (place & 7);
  }

  has(id: string): boolean {
    return this.#places(id).every((place) => (this.#bits[place >> 3]! & (1 << (place & 7))) !== 0);
  }

  data(): KnownIdsData {
    return { hashes: this.#hashes, bits: Buffer.from(this.#bits).toString('base64') };
  }

  /** Two hashes make them all (Kirsch and Mitzenmacher 2006). */
  #places(id: string): readonly number[] {
    const size = this.#bits.length * 8;
    const [first, second] = [hashString(id, 0xb1), (hashString(id, 0x00f) | 1) >>> 0];
    return Array.from({ length: this.#hashes }, (_, i) => (first + i * second) % size);
  }
}
