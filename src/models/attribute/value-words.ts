/**
 * What training labels say of single words: how often a word stands inside a value of an attribute, at its start and at
 * its end. It tells of a value that nobody labelled yet, but whose words others did.
 */
import { type Candidate, wordsOf } from './words.ts';

/** `inside` at `WORD_FEATURES` 0: mean share over the span's words; then the smallest; before it; after it; ... */
export const WORD_FEATURES = 7;

/** How often each word of an attribute's values stands in them. */
export type WordCounts = {
  readonly inside: Map<string, number>;
  readonly first: Map<string, number>;
  readonly last: Map<string, number>;
};

export const noWordCounts = (): WordCounts => ({ inside: new Map(), first: new Map(), last: new Map() });

/** @param value - normalised */
export function addValue(counts: WordCounts, value: string, times: number): void {
  const words = wordsOf(value, MOST_WORDS).map(({ start, end }) => value.slice(start, end));
  const bump = (map: Map<string, number>, word: string | undefined) => {
    if (word !== undefined) map.set(word, (map.get(word) ?? 0) + times);
  };
  for (const word of new Set(words)) bump(counts.inside, word);
  bump(counts.first, words[0]);
  bump(counts.last, words.at(-1));
}

const MOST_WORDS = 40;

/** Words of one text with the share of products in which each is inside, first in or last in a value of one attribute. */
export type TextWords = {
  /** Index of the word that begins at a character. */
  readonly wordAt: ReadonlyMap<number, number>;
  readonly words: readonly string[];
  /** Products of the category whose text has the word, the product itself left out. */
  readonly occurrences: Int32Array;
};

export function textWords(text: string, occurrencesOf: (word: string) => number): TextWords {
  const places = wordsOf(text, Number.POSITIVE_INFINITY);
  const words = places.map(({ start, end }) => text.slice(start, end).toLowerCase());
  return {
    wordAt: new Map(places.map(({ start }, i) => [start, i])),
    words,
    occurrences: Int32Array.from(words, occurrencesOf),
  };
}

export type WordShares = {
  /** Sums of the shares of the words before each: `[words + 1]`. */
  readonly upTo: Float64Array;
  readonly inside: Float64Array;
  readonly first: Float64Array;
  readonly last: Float64Array;
};

/** @param own - the product's own values, taken out of the counts */
export function wordShares(text: TextWords, counts: WordCounts, own: WordCounts | undefined): WordShares {
  const share = (kind: keyof WordCounts) =>
    Float64Array.from(text.words, (word, i) => {
      const count = Math.max(0, (counts[kind].get(word) ?? 0) - (own?.[kind].get(word) ?? 0));
      return count / (Math.max(text.occurrences[i]!, count) + 1);
    });
  const inside = share('inside');
  const upTo = new Float64Array(inside.length + 1);
  for (const [i, value] of inside.entries()) upTo[i + 1] = upTo[i]! + value;
  return { upTo, inside, first: share('first'), last: share('last') };
}

/**
 * Writes `WORD_FEATURES` numbers, each 0 to 1: the mean and the smallest share of the span's words being inside a value
 * of the attribute, that of the word before and of the word after, how often the first word begins a value and the last
 * one ends one, and the share of words that no other product has.
 */
export function wordFeatures(
  text: TextWords,
  { upTo, inside, first, last }: WordShares,
  { start, words }: Pick<Candidate, 'start' | 'words'>,
  out: Float32Array,
  at: number,
): void {
  const from = text.wordAt.get(start);
  if (from === undefined) return;
  const to = Math.min(from + words, inside.length);
  let least = 1;
  let unseen = 0;
  for (let i = from; i < to; i++) {
    if (inside[i]! < least) least = inside[i]!;
    if (text.occurrences[i] === 0) unseen++;
  }
  out[at] = (upTo[to]! - upTo[from]!) / (to - from);
  out[at + 1] = least;
  out[at + 2] = from > 0 ? inside[from - 1]! : 0;
  out[at + 3] = to < inside.length ? inside[to]! : 0;
  out[at + 4] = first[from]!;
  out[at + 5] = last[to - 1]!;
  out[at + 6] = unseen / (to - from);
}
