import { unitsAt } from './aligned-text.ts';
import { kindOf, LETTER, NUMBER, WHITE } from './characters.ts';

/** The endings that English writes after an apostrophe. */
const ENDINGS = ["'s", "'t", "'re", "'ve", "'m", "'ll", "'d"];

/**
 * GPT-2's words: `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`, as a scanner, since the
 * expression would run out of stack on long texts.
 * @returns parts that cover the text
 */
export function* splitLikeGpt2(text: string): Iterable<readonly [from: number, to: number]> {
  for (let from = 0; from < text.length; ) {
    const to = endOfWord(text, from);
    yield [from, to];
    from = to;
  }
}

function endOfWord(text: string, from: number): number {
  const ending =
    text[from] === "'" ? ENDINGS.find((candidate) => text.startsWith(candidate, from)) : undefined;
  if (ending !== undefined) return from + ending.length;
  const start = text[from] === ' ' ? from + 1 : from;
  const kind = kindAt(text, start);
  if (kind !== undefined && kind !== WHITE) return endOfRun(text, start, kind);
  const end = endOfRun(text, from, WHITE);
  // The last white space before a word belongs to the word, unless it is all there is.
  return end === text.length || end - from === 1 ? end : end - 1;
}

function endOfRun(text: string, from: number, kind: number): number {
  let to = from;
  while (to < text.length && kindAt(text, to) === kind) to += unitsAt(text, to);
  return to;
}

/** Letter, number, white space or 0 for anything else; undefined at the end. */
function kindAt(text: string, index: number): number | undefined {
  return index < text.length ? kindOf(text.codePointAt(index)!) & (LETTER | NUMBER | WHITE) : undefined;
}
