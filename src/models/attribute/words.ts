/** Words and candidate spans of a text. Places are UTF-16 units of the original text. */

/** `words` counts whole or cut words; a partial candidate ends inside a word, where training knows such a value. */
export type Candidate = {
  readonly field: number;
  readonly start: number;
  readonly end: number;
  readonly words: number;
  readonly partial: boolean;
};
type Word = { readonly start: number; readonly end: number };

/** Runs of letters and digits, single other marks, and single characters of scripts that write no spaces. */
const WORD =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]|[\p{L}\p{M}\p{N}]+?(?=$|[^\p{L}\p{M}\p{N}]|[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}])|[^\s\p{L}\p{M}\p{N}]/gu;

/** @param limit - at most this many words are read */
export function wordsOf(text: string, limit: number): readonly Word[] {
  const words: Word[] = [];
  for (const match of text.matchAll(WORD)) {
    words.push({ start: match.index, end: match.index + match[0].length });
    if (words.length === limit) break;
  }
  return words;
}

/** Values are compared without case and with single spaces. */
export function normaliseValue(value: string): string {
  return value.toLowerCase().split(/\s+/u).filter(Boolean).join(' ');
}

export type CandidateOptions = {
  readonly maxWords: number;
  /** Words read of each field. */
  readonly wordLimits: readonly number[];
  /** Exact values that training has seen; candidates may end inside a word where they make one of these. */
  readonly knownValues: ReadonlySet<string>;
};

/** Longest candidate, in words, that may end inside one. */
const PARTIAL_WORDS = 4;
const LONGEST_WORD = 40;

/** All runs of up to `maxWords` whole words of each field, and known values that end inside a word. */
export function candidatesOf(
  fields: readonly string[],
  { maxWords, wordLimits, knownValues }: CandidateOptions,
): readonly Candidate[] {
  const candidates: Candidate[] = [];
  for (const [field, text] of fields.entries()) {
    const words = wordsOf(text, wordLimits[field] ?? Number.POSITIVE_INFINITY);
    for (let first = 0; first < words.length; first++) {
      const start = words[first]!.start;
      for (let last = first; last < Math.min(words.length, first + maxWords); last++) {
        const word = words[last]!;
        candidates.push({ field, start, end: word.end, words: last - first + 1, partial: false });
        if (last - first >= PARTIAL_WORDS || word.end - word.start > LONGEST_WORD) continue;
        for (let end = word.start + 1; end < word.end; end++) {
          if (knownValues.has(text.slice(start, end)))
            candidates.push({ field, start, end, words: last - first + 1, partial: true });
        }
      }
    }
  }
  return candidates;
}
