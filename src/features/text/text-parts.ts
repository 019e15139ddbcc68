import { ACCENT, kindOf, LETTER, NUMBER } from './characters.ts';

/** No part is longer, in UTF-16 units: a text without spaces is cut here, so that work stays linear and stops early. */
export const LONGEST_PART = 16_384;

/**
 * Cuts a text into parts that a tokenizer may work on one by one.
 * @param atSpaces - cut before each single space between two words, where every tokenizer starts a new word anyway; else
 *   only where a part would be too long
 * @returns ends (exclusive) of the parts, in order, found one at a time: what is not asked for is not read
 */
export function* cutText(text: string, atSpaces: boolean): Iterable<number> {
  const spaceFrom = (index: number) => {
    const found = text.indexOf(' ', index);
    return found < 0 ? text.length : found;
  };
  let space = -1;
  for (let from = 0; from < text.length; ) {
    let to = Math.min(text.length, from + LONGEST_PART);
    if (to < text.length) to = lastSafeCut(text, from, to);
    if (atSpaces) {
      if (space <= from) space = spaceFrom(from + 1);
      while (space < to && !isBetweenWords(text, space)) space = spaceFrom(space + 1);
      if (space < to) to = space;
    }
    yield to;
    from = to;
  }
}

function isBetweenWords(text: string, space: number): boolean {
  return (
    text.charCodeAt(space) === 0x20 &&
    space > 0 &&
    space + 1 < text.length &&
    isSolidAt(text, space - 1) &&
    isSolidAt(text, space + 1)
  );
}

/**
 * Whether a unit is of a word and stays so: no normaliser makes it, or a part of it, white space. Of what is not ASCII,
 * letters, digits and accents do (but for U+037A, which decomposes to a space and a mark); symbols may not.
 */
function isSolidAt(text: string, index: number): boolean {
  const unit = text.charCodeAt(index);
  if (unit < 0x80) return unit > 0x20 && unit < 0x7f;
  return unit !== 0x37a && (kindOf(unit) & (LETTER | NUMBER | ACCENT)) !== 0;
}

/** The last space between words in the second half of a part, else its end, but not within a surrogate pair. */
function lastSafeCut(text: string, from: number, to: number): number {
  for (let i = to; i > from + LONGEST_PART / 2; i--) if (isBetweenWords(text, i)) return i;
  return text.codePointAt(to - 1)! > 0xffff ? to - 1 : to;
}
