/** A text as a vector that needs no model: its words, hashed. */
import { hashString } from '../../base/random.ts';

export const WORD_VECTOR_WIDTH = 256;
const SIGN = 0x516e;

/**
 * Signed feature hashing of the words in lower case (Weinberger et al. 2009, https://arxiv.org/abs/0902.2206): each
 * adds the root of how often it comes, to one place.
 *
 * @returns `[256]`, of unit length; zeros for a text without words
 */
export function wordVector(text: string): Float32Array {
  const counts = new Map<string, number>();
  for (const [word] of text.toLowerCase().matchAll(/[\p{L}\p{N}\p{M}]+/gu))
    counts.set(word, (counts.get(word) ?? 0) + 1);
  const vector = new Float32Array(WORD_VECTOR_WIDTH);
  for (const [word, count] of counts) {
    const place = hashString(word) % WORD_VECTOR_WIDTH;
    vector[place]! += hashString(word, SIGN) & 1 ? Math.sqrt(count) : -Math.sqrt(count);
  }
  return unit(vector);
}

/** Divided by its length; zeros stay. */
export function unit(vector: Float32Array): Float32Array {
  let squares = 0;
  for (const value of vector) squares += value * value;
  const scale = squares > 0 ? 1 / Math.sqrt(squares) : 0;
  return vector.map((value) => value * scale);
}
