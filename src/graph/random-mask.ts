/** Dropout masks as a function of (seed, step, name): what a resumed run draws is what the killed one would have. */
import { hash32, hashString } from '../base/random.ts';

/**
 * Writes 1 with probability `keep`, else 0, into the first `length` bytes (and up to three more).
 *
 * xoshiro128++ gives four bytes a call. A byte decides alone unless it equals the threshold's whole part, where a
 * further draw decides, so that the probability is exact to 2^-32.
 * @param out - at least `length` bytes rounded up to a multiple of four
 */
export function drawMask(
  out: Uint8Array,
  length: number,
  keep: number,
  seed: number,
  step: number,
  name: string,
): void {
  const key = hashString(name);
  let a = hash32(seed, step, key, 1);
  let b = hash32(seed, step, key, 2);
  let c = hash32(seed, step, key, 3);
  let d = hash32(seed, step, key, 4) | 1;
  const drop = (1 - keep) * 256;
  const whole = Math.floor(drop);
  const rest = Math.floor((drop - whole) * 0x1_0000_0000);
  const advance = (): number => {
    const total = (a + d) | 0;
    const result = (((total << 7) | (total >>> 25)) + a) | 0;
    const t = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= t;
    d = (d << 11) | (d >>> 21);
    return result;
  };
  const decide = (byte: number): number =>
    byte > whole ? 1 : byte < whole ? 0 : advance() >>> 0 < rest ? 0 : 1;
  const words = new Int32Array(out.buffer, out.byteOffset, Math.ceil(length / 4));
  for (let i = 0; i < words.length; i++) {
    const bits = advance();
    words[i] =
      decide(bits & 0xff) |
      (decide((bits >>> 8) & 0xff) << 8) |
      (decide((bits >>> 16) & 0xff) << 16) |
      (decide(bits >>> 24) << 24);
  }
}
