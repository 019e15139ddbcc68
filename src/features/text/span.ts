/**
 * The span of a text that some of its tokens cover, made fit to show: whole characters as a reader sees them, without
 * white space at its edges. Tokenizers drop accents and joiners, so a token may end before its letter's last mark.
 * @param text - the original text
 * @param start - first UTF-16 unit; @param end - after the last
 */
export function readableSpan(
  text: string,
  start: number,
  end: number,
): { readonly start: number; readonly end: number } {
  let from = start;
  let to = end;
  while (from > 0 && joins(text, from)) from--;
  while (to < text.length && to > from && joins(text, to)) to++;
  while (from < to && /\s/.test(text[from]!)) from++;
  while (to > from && /\s/.test(text[to - 1]!)) to--;
  return { start: from, end: to };
}

/** Whether the unit at `index` belongs to the character before it: half a pair, a mark, a joiner or what it joins. */
function joins(text: string, index: number): boolean {
  const low = text.charCodeAt(index);
  if (low >= 0xdc00 && low <= 0xdfff && text.codePointAt(index - 1)! > 0xffff) return true;
  const character = String.fromCodePoint(text.codePointAt(index)!);
  if (/[\p{M}\p{Emoji_Modifier}\p{Join_Control}]/u.test(character)) return true;
  return text.charCodeAt(index - 1) === 0x200d && /\p{Extended_Pictographic}/u.test(character);
}
