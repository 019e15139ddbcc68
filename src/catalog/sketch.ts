/**
 * A short sketch of a text from which the similarity of two texts can be told: the Jaccard similarity of their sets of
 * character 4-grams.
 *
 * The sketch has 120 bins. Every 4-gram is hashed into a bin and the smallest hash of a bin stays; rounds with other
 * hashes go on until no bin is empty, so that short titles have full sketches too. Two sketches agree in a bin with
 * the probability of their sets' similarity.
 *
 * @see Dahlgaard, Knudsen and Thorup 2017, "Fast Similarity Sketching", https://arxiv.org/abs/1704.04370
 */
export const SKETCH_BINS = 120;

/** Six bits of each bin, so that a sketch is a string of one byte a bin, which SQL can cut into bands. */
const SYMBOLS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-';
const GRAM = 4;
const SPACE = 32;

/** ASCII letters in lower case and digits; 0 for all that only divides words. */
const ASCII = Uint8Array.from({ length: 128 }, (_, code) => {
  const char = String.fromCharCode(code).toLowerCase();
  return /[a-z0-9]/.test(char) ? char.charCodeAt(0) : 0;
});

/** The hashes of a text's 4-grams, with repetitions, and a hash of the whole. */
export type Grams = {
  readonly hashes: Uint32Array;
  /** 53 bits; equal for texts that differ in case, width, punctuation and spaces only. */
  readonly whole: number;
};

/**
 * Case, punctuation, emoji and the width of letters do not count. A Chinese, Japanese or Korean character counts
 * double, because two of them say as much as a 4-gram of letters.
 */
export function gramsOf(text: string): Grams {
  const codes = codesOf(text);
  const count = Math.max(codes.length - GRAM + 1, codes.length > 0 ? 1 : 0);
  const hashes = new Uint32Array(count);
  for (let i = 0; i < count; i++) {
    let h = 0;
    const end = Math.min(i + GRAM, codes.length);
    for (let j = i; j < end; j++) h = Math.imul(h, 0x01000193) + codes[j]!;
    hashes[i] = mix(h);
  }
  let low = 0x811c9dc5;
  let high = 0x1000193;
  // A text of signs only (an emoji, "???") is told by its own characters.
  const told = codes.length > 0 ? codes : Array.from(text.trim(), (char) => char.codePointAt(0)!);
  for (let i = 0; i < told.length; i++) {
    low = Math.imul(low ^ told[i]!, 0x01000193);
    high = Math.imul(high ^ told[i]!, 0x85ebca6b) + 0x9e3779b9;
  }
  return { hashes, whole: (mix(high) & 0x1f_ffff) * 0x1_0000_0000 + mix(low) };
}

/** Letters and digits in lower case, words divided by one space, a space at both ends. */
function codesOf(text: string): ArrayLike<number> & { length: number } {
  const isAscii = !/[^\p{ASCII}]/u.test(text);
  const source = isAscii ? text : text.normalize('NFKC').toLowerCase();
  const codes = new Uint32Array(2 * source.length + 2);
  let n = 0;
  codes[n++] = SPACE;
  for (let i = 0; i < source.length; i++) {
    let code = source.codePointAt(i)!;
    if (code < 128) code = ASCII[code]!;
    else {
      const char = String.fromCodePoint(code);
      if (code > 0xffff) i++;
      if (!/[\p{L}\p{N}\p{M}]/u.test(char)) code = 0;
      else if (/[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}]/u.test(char)) codes[n++] = code;
    }
    if (code !== 0) codes[n++] = code;
    else if (codes[n - 1] !== SPACE) codes[n++] = SPACE;
  }
  if (n === 1) return [];
  if (codes[n - 1] !== SPACE) codes[n++] = SPACE;
  return codes.subarray(0, n);
}

/** The finaliser of MurmurHash3 (Appleby 2011): 32 bits in, 32 well-mixed bits out, one to one. */
function mix(value: number): number {
  let h = value;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

const minima = new Float64Array(SKETCH_BINS);

/**
 * @param hashes - of at least one 4-gram
 * @returns 120 characters of `A-Za-z0-9+-`
 */
export function sketchOf(hashes: Uint32Array): string {
  minima.fill(Number.POSITIVE_INFINITY);
  let empty = SKETCH_BINS;
  for (let round = 0; round < 2 * SKETCH_BINS && empty > 0; round++) {
    const salt = Math.imul(round, 0x9e3779b9);
    // A hash of a later round never displaces one of an earlier.
    const floor = round * 0x1_0000_0000;
    const only = round - SKETCH_BINS;
    if (only >= 0 && minima[only]! < floor) continue;
    for (let i = 0; i < hashes.length; i++) {
      const h = mix(hashes[i]! ^ salt);
      const bin = only >= 0 ? only : ((h >>> 16) * SKETCH_BINS) >>> 16;
      const value = floor + mix(h);
      if (value < minima[bin]!) {
        if (minima[bin] === Number.POSITIVE_INFINITY) empty--;
        minima[bin] = value;
      }
    }
  }
  let sketch = '';
  for (let bin = 0; bin < SKETCH_BINS; bin++) sketch += SYMBOLS[(minima[bin]! % 0x1_0000_0000) & 63];
  return sketch;
}

/** The estimated Jaccard similarity, 0 to 1; standard error at 0.8 about 0.04. Equal symbols by chance are deducted. */
export function similarity(a: string, b: string): number {
  let equal = 0;
  for (let i = 0; i < SKETCH_BINS; i++) if (a.charCodeAt(i) === b.charCodeAt(i)) equal++;
  return Math.max(0, (equal / SKETCH_BINS - 1 / 64) / (1 - 1 / 64));
}
