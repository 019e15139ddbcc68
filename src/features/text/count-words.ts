import { BoundedMemo } from './bounded-memo.ts';
import { cutText } from './text-parts.ts';

/** Longer ones, in units, are no words. */
export const LONGEST_WORD = 100;
/** More distinct words than this are too many to keep: the rarest are forgotten. */
const MOST_WORDS = 1_000_000;
/** Parts up to this long, and as many of them, are remembered: words come again and again in a catalog. */
const REMEMBERED_LENGTH = 48;
const REMEMBERED_PARTS = 32_768;

/**
 * How often each word stands in texts.
 * @param split - the words of a part of a text, which is cut at spaces only
 */
export async function countWords(
  texts: Iterable<string> | AsyncIterable<string>,
  split: (part: string) => readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const known = new BoundedMemo<readonly string[]>(REMEMBERED_PARTS);
  let counts = new Map<string, number>();
  for await (const text of texts) {
    let from = 0;
    for (const to of cutText(text, true)) {
      const part = text.slice(from, to);
      let words = part.length <= REMEMBERED_LENGTH ? known.get(part) : undefined;
      if (words === undefined) {
        words = split(part);
        if (part.length <= REMEMBERED_LENGTH) known.set(part, words);
      }
      for (const word of words) {
        if (word.length <= LONGEST_WORD) counts.set(word, (counts.get(word) ?? 0) + 1);
      }
      from = to;
    }
    if (counts.size > MOST_WORDS) counts = withoutRarest(counts);
  }
  return counts;
}

/** Forgets the words seen least often, at least half of them. */
function withoutRarest(counts: Map<string, number>): Map<string, number> {
  const median = [...counts.values()].sort((a, b) => a - b)[counts.size >> 1]!;
  return new Map([...counts].filter(([, count]) => count > median));
}
