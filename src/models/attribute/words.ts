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

/** Features of how a candidate looks and where it stands, whatever it says. */
export const SHAPE_FEATURES = 16;

const LETTER_OR_DIGIT = /[\p{L}\p{N}]/u;
const UPPER = /\p{Lu}/u;
const MARK = /[^\s\p{L}\p{N}]/u;
const QUANTITY = /^\p{N}+(?:[.,]\p{N}+)?[\s-]*[\p{L}"'°%]{1,8}$/u;

/**
 * 0 or 1 each: starts upper; all upper; has a digit; only digits and marks; a number with a unit; all lower; at the
 * field's start; after a mark; at its end; before a mark; the word before starts upper; ... starts with a digit; the
 * next character is upper; ... a digit; starts with a mark; ends with a mark.
 */
export function shapeFeatures(text: string, { start, end }: Candidate, out: Float32Array, at: number): void {
  const value = text.slice(start, end);
  const before = text.slice(Math.max(0, start - 48), start).trimEnd();
  const after = text.slice(end, end + 48).trimStart();
  const wordBefore = /[^\s]*$/u.exec(before)![0];
  const first = firstCharacter(value);
  const hasLetter = /\p{L}/u.test(value);
  const facts = [
    UPPER.test(first),
    hasLetter && value === value.toUpperCase() && value.length > 1,
    /\p{N}/u.test(value),
    !hasLetter,
    QUANTITY.test(value),
    hasLetter && value === value.toLowerCase(),
    before === '',
    MARK.test(before.slice(-1)),
    after === '',
    MARK.test(firstCharacter(after)),
    UPPER.test(firstCharacter(wordBefore)),
    /\p{N}/u.test(firstCharacter(wordBefore)),
    UPPER.test(firstCharacter(after)),
    /\p{N}/u.test(firstCharacter(after)),
    !LETTER_OR_DIGIT.test(first),
    !LETTER_OR_DIGIT.test(value.slice(-1)),
  ];
  for (const [i, fact] of facts.entries()) out[at + i] = fact ? 1 : 0;
}

function firstCharacter(text: string): string {
  return text === '' ? '' : String.fromCodePoint(text.codePointAt(0)!);
}
