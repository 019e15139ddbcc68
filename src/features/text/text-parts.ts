import { isWhiteAt } from './characters.ts';

/** No part is longer, in UTF-16 units: a text without spaces is cut here, so that work stays linear and stops early. */
export const LONGEST_PART = 16_384;

/**
 * Cuts a text into parts that a tokenizer may work on one by one.
 * @param atSpaces - cut before each single space between two words, where every tokenizer starts a new word anyway; else
 *   only where a part would be too long
 * @returns ends (exclusive) of the parts, in order, found one at a time: what is not asked for is not read
 */
export function* cutText(text: string, atSpaces: boolean): Iterable<number> {
  let space = -1;
  for (let from = 0; from < text.length; ) {
    let to = Math.min(text.length, from + LONGEST_PART);
    if (to < text.length) to = lastSafeCut(text, from, to);
    if (atSpaces) {
      if (space <= from) space = nextWord(text, from + 1);
      if (space < to) to = space;
    }
    yield to;
    from = to;
  }
}

/** The next single space between two words, or the text's length. */
function nextWord(text: string, from: number): number {
  for (let i = text.indexOf(' ', from); i >= 0; i = text.indexOf(' ', i + 1)) {
    if (isBetweenWords(text, i)) return i;
  }
  return text.length;
}

function isBetweenWords(text: string, space: number): boolean {
  return (
    text[space] === ' ' &&
    space > 0 &&
    space + 1 < text.length &&
    !isWhiteAt(text, space - 1) &&
    !isWhiteAt(text, space + 1)
  );
}

/** The last space between words in the second half of a part, else its end, but not within a surrogate pair. */
function lastSafeCut(text: string, from: number, to: number): number {
  for (let i = to; i > from + LONGEST_PART / 2; i--) if (isBetweenWords(text, i)) return i;
  return text.codePointAt(to - 1)! > 0xffff ? to - 1 : to;
}
