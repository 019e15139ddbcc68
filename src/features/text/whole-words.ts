import { ACCENT, IDEOGRAPH, kindOf, LETTER, NUMBER } from './characters.ts';
import type { Encoding } from './tokenizer.ts';

/** Pieces of a word at most: a sentence of a script without spaces is more than one. */
const MOST_PIECES = 10;

/**
 * Which tokens go on with the word of the token before them: those that follow it without a gap, a letter, a digit or an accent on
 * both sides. Chinese characters are words of their own. As BERT's whole-word masking has it for word pieces ("##s"), and the
 * same for any other tokenizer.
 * @returns 1 for a token that goes on with a word, 0 for one that starts one; `[tokens]`
 */
export function wordContinuations(text: string, { starts, ends }: Encoding): Uint8Array {
  const result = new Uint8Array(starts.length);
  let pieces = 1;
  for (let i = 1; i < result.length; i++) {
    const from = starts[i]!;
    const end = ends[i - 1]!;
    // Byte-level vocabularies split characters, and some have a token for the space before a word, which is of no length here.
    const goesOn = from < end || starts[i - 1] === end || (from === end && isWithinWord(text, from));
    pieces = goesOn && pieces < MOST_PIECES ? pieces + 1 : 1;
    result[i] = pieces > 1 ? 1 : 0;
  }
  return result;
}

function isWithinWord(text: string, at: number): boolean {
  const before = text.codePointAt(at - (isSecondHalf(text.charCodeAt(at - 1)) ? 2 : 1));
  const after = text.codePointAt(at);
  return before !== undefined && after !== undefined && isOfWord(before) && isOfWord(after);
}

function isOfWord(codePoint: number): boolean {
  const kind = kindOf(codePoint);
  return (kind & (LETTER | NUMBER | ACCENT)) !== 0 && (kind & IDEOGRAPH) === 0;
}

const isSecondHalf = (unit: number) => unit >= 0xdc00 && unit <= 0xdfff;
