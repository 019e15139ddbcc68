import { Heap } from './heap.ts';

/** A word as the ids of its symbols. */
type Word = { symbols: number[]; readonly count: number };
type Pair = { readonly left: number; readonly right: number; count: number; readonly words: Set<number> };
/** A pair as it stood when it was put in the heap. */
type Offer = { readonly pair: Pair; readonly count: number };

/** Symbol ids stay below this. */
const RIGHT = 2 ** 26;

export type MergeOptions = {
  /** Symbols that are there from the start. */
  readonly alphabet: readonly string[];
  /** A word as symbols; one with a symbol beyond the alphabet is left out. */
  symbolsOf(word: string): readonly string[];
  /** The symbol that two neighbours become. */
  join(left: string, right: string): string;
  /** Symbols at most, the alphabet's among them. */
  readonly size: number;
  /** A pair seen less often than this is not merged. */
  readonly minimumCount: number;
};

export type Merges = {
  /** The alphabet, then what was merged, in order. */
  readonly tokens: readonly string[];
  readonly merges: readonly (readonly [left: string, right: string])[];
};

/**
 * Merges the neighbours that stand side by side most often, again and again, as the `tokenizers` library's trainers do: of pairs
 * seen equally often the one whose left symbol is the older is merged, then whose right symbol is. The order of the words does not
 * matter.
 * @see Sennrich et al. 2016, https://arxiv.org/abs/1508.07909
 */
export function learnMerges(
  counts: ReadonlyMap<string, number>,
  { alphabet, symbolsOf, join, size, minimumCount }: MergeOptions,
): Merges {
  const tokens: string[] = [];
  const merges: (readonly [string, string])[] = [];
  const ids = new Map<string, number>();
  const idOf = (token: string) => {
    const known = ids.get(token);
    if (known !== undefined) return known;
    ids.set(token, tokens.length);
    return tokens.push(token) - 1;
  };
  for (const symbol of alphabet) idOf(symbol);

  const words: Word[] = [];
  const pairs = new Map<number, Pair>();
  const touch = (left: number, right: number, change: number, word: number) => {
    const key = left * RIGHT + right;
    let pair = pairs.get(key);
    if (pair === undefined) {
      pair = { left, right, count: 0, words: new Set() };
      pairs.set(key, pair);
    }
    pair.count += change;
    if (change > 0) pair.words.add(word);
    return pair;
  };
  for (const [text, count] of [...counts].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const symbols = symbolsOf(text).map((symbol) => ids.get(symbol) ?? -1);
    if (symbols.includes(-1)) continue;
    words.push({ symbols, count });
    for (let i = 0; i + 1 < symbols.length; i++) touch(symbols[i]!, symbols[i + 1]!, count, words.length - 1);
  }

  const isBefore = (a: Offer, b: Offer) => {
    if (a.count !== b.count) return a.count > b.count;
    return a.pair.left === b.pair.left ? a.pair.right < b.pair.right : a.pair.left < b.pair.left;
  };
  const heap = new Heap<Offer>(isBefore);
  for (const pair of pairs.values()) heap.push({ pair, count: pair.count });
  while (tokens.length < size) {
    const best = heap.pop();
    if (best === undefined || best.count < minimumCount) break;
    const { pair } = best;
    if (best.count !== pair.count) {
      if (pair.count > 0) heap.push({ pair, count: pair.count });
      continue;
    }
    const [left, right] = [tokens[pair.left]!, tokens[pair.right]!];
    const merged = idOf(join(left, right));
    merges.push([left, right]);
    const changed = new Set<Pair>();
    for (const index of pair.words) {
      const word = words[index]!;
      const before = word.symbols;
      const after = mergePair(before, pair.left, pair.right, merged);
      if (after.length === before.length) continue;
      for (let i = 0; i + 1 < before.length; i++) touch(before[i]!, before[i + 1]!, -word.count, index);
      for (let i = 0; i + 1 < after.length; i++)
        changed.add(touch(after[i]!, after[i + 1]!, word.count, index));
      word.symbols = after;
    }
    for (const next of changed) if (next.count > 0) heap.push({ pair: next, count: next.count });
  }
  return { tokens, merges };
}

function mergePair(symbols: readonly number[], left: number, right: number, merged: number): number[] {
  const result: number[] = [];
  for (let i = 0; i < symbols.length; i++) {
    if (symbols[i] === left && symbols[i + 1] === right) {
      result.push(merged);
      i++;
    } else result.push(symbols[i]!);
  }
  return result;
}
