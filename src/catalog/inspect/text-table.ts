/** Tables of text for terminals, where a Chinese character is two columns wide. */

export type Table = {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Places of the columns that are set to the right: numbers. */
  readonly right: readonly number[];
};

const WIDE =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\uff01-\uff60\u3000-\u303f]|\p{Emoji_Presentation}/u;
const MOST_OF_A_CELL = 32;

/** Lines of the table, indented by two; the last column takes what is left of the width, the others at most 32. */
export function table({ head, rows, right }: Table, width: number): readonly string[] {
  const all = [head, ...rows];
  const last = head.length - 1;
  const widths = head.map((_, i) =>
    i === last ? 0 : Math.min(MOST_OF_A_CELL, Math.max(...all.map((row) => textWidth(row[i] ?? '')))),
  );
  const used = widths.reduce((sum, each) => sum + each + 2, 2);
  const rest = Math.max(16, width - used);
  return all.map((row) =>
    `  ${row
      .map((cell, i) => {
        if (i === last) return clip(cell, rest);
        const cut = clip(cell, widths[i]!);
        return right.includes(i) ? pad('', widths[i]! - textWidth(cut)) + cut : pad(cut, widths[i]!);
      })
      .join('  ')}`.trimEnd(),
  );
}

/** Columns that a text takes on a terminal. */
function textWidth(text: string): number {
  let width = 0;
  for (const character of text) width += WIDE.test(character) ? 2 : /\p{M}|\p{Cf}/u.test(character) ? 0 : 1;
  return width;
}

export function pad(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - textWidth(text)));
}

/** The text, cut to a width with "..." at its end where it is longer. */
export function clip(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  let cut = '';
  let used = 0;
  for (const character of text) {
    used += textWidth(character);
    if (used > width - 3) break;
    cut += character;
  }
  return `${cut}...`;
}
