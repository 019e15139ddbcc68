/** Dropout masks as a function of (seed, step, name): what a resumed run draws is what the killed one would have. */
import { createCipheriv, createHash } from 'node:crypto';

const ONES = 0x01010101;
const LOW_BITS = 0x7f7f7f7f;
let zeros: Uint8Array = new Uint8Array(0);

/**
 * Writes 1 with probability `keep`, else 0, into the first `length` bytes (and up to three more).
 *
 * Random bytes come from AES-128 in counter mode, keyed by what names the mask (Salmon et al. 2011, "Parallel random
 * numbers: as easy as 1, 2, 3"). Seven bits an element are compared with a threshold, four elements at once. The
 * threshold 128 (1 - keep) is seldom whole: words take its floor or its ceiling in turn, so that the share is exact.
 * @param out - at least `length` bytes, rounded up to a multiple of four, at an offset that is a multiple of four
 */
export function drawMask(
  out: Uint8Array,
  length: number,
  keep: number,
  seed: number,
  step: number,
  name: string,
): void {
  const words = new Int32Array(out.buffer, out.byteOffset, Math.ceil(length / 4));
  const random = randomWords(words.length, `${seed}/${step}/${name}`);
  const threshold = 128 * (1 - keep);
  const floor = Math.floor(threshold);
  const rest = threshold - floor;
  // Adding 128 - threshold sets a byte's top bit exactly where the byte is at least the threshold.
  const addFloor = Math.imul(128 - floor, ONES);
  const addCeiling = Math.imul(127 - floor, ONES);
  let owed = (random[0]! >>> 0) / 0x1_0000_0000;
  for (let i = 0; i < words.length; i++) {
    owed += rest;
    const ceiling = owed >= 1;
    if (ceiling) owed -= 1;
    words[i] = (((random[i]! & LOW_BITS) + (ceiling ? addCeiling : addFloor)) >>> 7) & ONES;
  }
}

function randomWords(count: number, key: string): Int32Array {
  if (zeros.length < count * 4) zeros = new Uint8Array(count * 4);
  const digest = createHash('sha256').update(key).digest();
  const cipher = createCipheriv('aes-128-ctr', digest.subarray(0, 16), digest.subarray(16, 32));
  const bytes = cipher.update(zeros.subarray(0, count * 4));
  return bytes.byteOffset % 4 === 0
    ? new Int32Array(bytes.buffer, bytes.byteOffset, count)
    : new Int32Array(Uint8Array.from(bytes).buffer);
}
