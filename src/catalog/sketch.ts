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
/** Of the rolling hash, and its fourth power. */
const BASE = 0x01000193;
const BASE_TO_GRAM = [1, 1, 1].reduce((power) => Math.imul(power, BASE), BASE);
/** Makes the hash that is kept another than the one that tells the bin. */
const VALUE_SALT = 0x5bd1e995;
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
  let h = 0;
  for (let i = 0; i < codes.length; i++) {
    h = Math.imul(h, BASE) + codes[i]!;
    if (i >= GRAM) h -= Math.imul(codes[i - GRAM]!, BASE_TO_GRAM);
    if (i >= GRAM - 1) hashes[i - GRAM + 1] = mix(h);
  }
  if (codes.length > 0 && codes.length < GRAM) hashes[0] = mix(h);
  let low = 0x811c9dc5;
  let high = 0x1000193;
  // A text of signs only (an emoji, "???") is told by its own characters.
  const told = codes.length > 0 ? codes : Uint32Array.from(text.trim(), (char) => char.codePointAt(0)!);
  for (let i = 0; i < told.length; i++) {
    low = Math.imul(low ^ told[i]!, 0x01000193);
    high = Math.imul(high ^ told[i]!, 0x85ebca6b) + 0x9e3779b9;
  }
  return { hashes, whole: (mix(high) & 0x1f_ffff) * 0x1_0000_0000 + mix(low) };
}

/** The codes of the text at hand; kept, because a new array for each text is most of the work. */
let buffer = new Uint32Array(4096);

/** Letters and digits in lower case, words divided by one space, a space at both ends; until the next call. */
function codesOf(text: string): Uint32Array {
  const isAscii = !/[^\p{ASCII}]/u.test(text);
  const source = isAscii ? text : text.normalize('NFKC').toLowerCase();
  if (buffer.length < 2 * source.length + 2) buffer = new Uint32Array(4 * source.length + 2);
  buffer[0] = SPACE;
  let n = isAscii ? asciiCodes(source, buffer) : unicodeCodes(source, buffer);
  if (n === 1) n = 0;
  else if (buffer[n - 1] !== SPACE) buffer[n++] = SPACE;
  return buffer.subarray(0, n);
}

function asciiCodes(text: string, codes: Uint32Array): number {
  let n = 1;
  for (let i = 0; i < text.length; i++) {
    const code = ASCII[text.charCodeAt(i)]!;
    if (code !== 0) codes[n++] = code;
    else if (codes[n - 1] !== SPACE) codes[n++] = SPACE;
  }
  return n;
}

function unicodeCodes(text: string, codes: Uint32Array): number {
  let n = 1;
  for (let i = 0; i < text.length; i++) {
    let code = text.codePointAt(i)!;
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
  return n;
}

/** The finaliser of MurmurHash3 (Appleby 2011): 32 bits in, 32 well-mixed bits out, one to one. */
function mix(value: number): number {
  let h = value;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

const minima = new Uint32Array(SKETCH_BINS);
/** The round that filled each bin; only that round may lower it. */
const filledIn = new Int16Array(SKETCH_BINS);

/**
 * @param hashes - of at least one 4-gram
 * @returns 120 characters of `A-Za-z0-9+-`
 */
export function sketchOf(hashes: Uint32Array): string {
  filledIn.fill(-1);
  let empty = SKETCH_BINS;
  for (let round = 0; round < SKETCH_BINS && empty > 0; round++) {
    const salt = Math.imul(round, 0x9e3779b9);
    for (let i = 0; i < hashes.length; i++) {
      const h = round === 0 ? hashes[i]! : mix(hashes[i]! ^ salt);
      const bin = ((h >>> 16) * SKETCH_BINS) >>> 16;
      if (filledIn[bin]! < 0) {
        filledIn[bin] = round;
        minima[bin] = mix(h ^ VALUE_SALT);
        empty--;
      } else if (filledIn[bin] === round) {
        const value = mix(h ^ VALUE_SALT);
        if (value < minima[bin]!) minima[bin] = value;
      }
    }
  }
  // What chance left empty after as many rounds as bins takes the smallest of one more hash each.
  for (let bin = 0; bin < SKETCH_BINS && empty > 0; bin++) {
    if (filledIn[bin]! >= 0) continue;
    const salt = Math.imul(SKETCH_BINS + bin, 0x9e3779b9);
    minima[bin] = hashes.reduce((least, hash) => Math.min(least, mix(hash ^ salt)), 0xffff_ffff);
  }
  let sketch = '';
  for (let bin = 0; bin < SKETCH_BINS; bin++) sketch += SYMBOLS[minima[bin]! & 63];
  return sketch;
}

/** The estimated Jaccard similarity, 0 to 1; standard error at 0.8 about 0.04. Equal symbols by chance are deducted. */
export function similarity(a: string, b: string): number {
  let equal = 0;
  for (let i = 0; i < SKETCH_BINS; i++) if (a.charCodeAt(i) === b.charCodeAt(i)) equal++;
  return Math.max(0, (equal / SKETCH_BINS - 1 / 64) / (1 - 1 / 64));
}
