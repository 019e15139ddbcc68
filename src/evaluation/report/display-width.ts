/** How many columns a terminal gives a text. */

const SEGMENTER = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** East Asian Wide and Fullwidth blocks (Unicode 15.1, UAX 11), as inclusive ranges of code points. */
const WIDE: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x231a, 0x231b],
  [0x2329, 0x232a],
  [0x2e80, 0x303e],
  [0x3041, 0x33ff],
  [0x3400, 0x4dbf],
  [0x4e00, 0xa4cf],
  [0xa960, 0xa97c],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe10, 0xfe19],
  [0xfe30, 0xfe6f],
  [0xff01, 0xff60],
  [0xffe0, 0xffe6],
  [0x16fe0, 0x18cff],
  [0x1aff0, 0x1b2ff],
  [0x20000, 0x3fffd],
];

/** Columns of a text without control characters: 2 for wide characters and emoji, 0 for combining marks alone. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const { segment } of SEGMENTER.segment(text)) width += graphemeWidth(segment);
  return width;
}

function graphemeWidth(grapheme: string): number {
  if (/^[\p{M}\p{Cf}]+$/u.test(grapheme)) return 0;
  if (/\p{Emoji_Presentation}|\ufe0f/u.test(grapheme)) return 2;
  const code = grapheme.codePointAt(0)!;
  return WIDE.some(([low, high]) => code >= low && code <= high) ? 2 : 1;
}

/**
 * The text in exactly `width` columns: padded with spaces, or cut at a whole character and ended with "…".
 *
 * @param align - where the text stands in its column
 */
export function fitWidth(text: string, width: number, align: 'left' | 'right'): string {
  let fitted = text;
  if (displayWidth(text) > width) {
    fitted = '';
    let used = 1;
    for (const { segment } of SEGMENTER.segment(text)) {
      used += graphemeWidth(segment);
      if (used > width) break;
      fitted += segment;
    }
    fitted += '…';
  }
  const padding = ' '.repeat(Math.max(0, width - displayWidth(fitted)));
  return align === 'left' ? fitted + padding : padding + fitted;
}

/** Data may not move the cursor: control characters become U+FFFD. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, '\ufffd');
}
