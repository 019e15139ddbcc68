import { unitsAt } from './aligned-text.ts';
import type { TokenModel } from './token-model.ts';
import { component, flag, invalid, isId, optionalText, unsupported, vocabularyOf } from './tokenizer-json.ts';

/**
 * Byte-pair encoding: a word starts as its characters; the neighbours that were merged first in training are merged first,
 * leftmost first, until no merge applies. O(n log n) in the length of a word.
 *
 * @see Sennrich et al. 2016, https://arxiv.org/abs/1508.07909
 */
export function bytePair(value: unknown, special: ReadonlySet<string>): TokenModel {
  const where = 'model (BPE)';
  const spec = component(value, where);
  if (typeof spec.dropout === 'number' && spec.dropout > 0) unsupported(where, 'drops merges at random');
  if (flag(spec, 'byte_fallback', false)) unsupported(where, 'falls back to bytes');
  const vocabulary = vocabularyOf(spec.vocab, `${where}.vocab`);
  const prefix = optionalText(spec, 'continuing_subword_prefix') ?? '';
  const suffix = optionalText(spec, 'end_of_word_suffix') ?? '';
  const unknownToken = optionalText(spec, 'unk_token');
  const unknown = unknownToken === undefined ? undefined : vocabulary.get(unknownToken);
  const fuseUnknown = flag(spec, 'fuse_unk', false);
  const whole = flag(spec, 'ignore_merges', false);
  const merges = mergeTable(spec.merges, vocabulary, prefix, special, where);
  return {
    vocabulary,
    unknown,
    split: (word, emit) => {
      const id = whole && !special.has(word) ? vocabulary.get(word) : undefined;
      if (id !== undefined) emit(id, 0, word.length);
      else mergeWord(symbolsOf(word), merges, emit);
    },
  };

  function symbolsOf(word: string): Symbols {
    const symbols: Symbols = { ids: [], from: [], to: [] };
    for (let from = 0; from < word.length; ) {
      const to = from + unitsAt(word, from);
      const character = word.slice(from, to);
      const id = vocabulary.get((from > 0 ? prefix : '') + character + (to === word.length ? suffix : ''));
      const previous = symbols.ids.length - 1;
      if (id !== undefined && !special.has(character)) add(symbols, id, from, to);
      else if (unknown !== undefined) {
        if (fuseUnknown && symbols.ids[previous] === unknown) symbols.to[previous] = to;
        else add(symbols, unknown, from, to);
      }
      from = to;
    }
    return symbols;
  }
}

type Symbols = { readonly ids: number[]; readonly from: number[]; readonly to: number[] };

/** What a pair of ids merges into, and how early it was learned. Keys are `left * 2^24 + right`. */
type Merges = ReadonlyMap<number, { readonly rank: number; readonly id: number }>;

const RIGHT = 2 ** 24;

function add(symbols: Symbols, id: number, from: number, to: number): void {
  symbols.ids.push(id);
  symbols.from.push(from);
  symbols.to.push(to);
}

function mergeTable(
  value: unknown,
  vocabulary: ReadonlyMap<string, number>,
  prefix: string,
  special: ReadonlySet<string>,
  where: string,
): Merges {
  if (!Array.isArray(value)) return invalid(where, 'has no list of merges');
  const merges = new Map<number, { rank: number; id: number }>();
  for (const [rank, merge] of value.entries()) {
    const pair: unknown = typeof merge === 'string' ? merge.split(' ') : merge;
    const [left, right] =
      Array.isArray(pair) && pair.length === 2 ? pair : invalid(where, `has a merge ${merge}`);
    const token = left + (prefix !== '' && right.startsWith(prefix) ? right.slice(prefix.length) : right);
    const ids = [left, right, token].map((part) => vocabulary.get(part));
    const [leftId, rightId, id] = ids;
    if (!isId(leftId) || !isId(rightId) || !isId(id)) {
      return invalid(where, `merges ${JSON.stringify(pair)}, which the vocabulary does not have`);
    }
    const key = leftId * RIGHT + rightId;
    if (!merges.has(key) && !special.has(token)) merges.set(key, { rank, id });
  }
  return merges;
}

/** Applies the merges to a chain of symbols; a heap holds the possible merges by rank, then place. */
function mergeWord(
  symbols: Symbols,
  merges: Merges,
  emit: (id: number, from: number, to: number) => void,
): void {
  const { ids, from, to } = symbols;
  const count = ids.length;
  const next = Int32Array.from(ids, (_, i) => (i + 1 < count ? i + 1 : -1));
  const previous = Int32Array.from(ids, (_, i) => i - 1);
  const heap = new MergeHeap();
  const offer = (left: number) => {
    const right = left < 0 ? -1 : next[left]!;
    if (right < 0) return;
    const merge = merges.get(ids[left]! * RIGHT + ids[right]!);
    if (merge !== undefined) heap.push(merge.rank, left, ids[left]! * RIGHT + ids[right]!);
  };
  for (let i = 0; i + 1 < count; i++) offer(i);
  for (let left = heap.pop(); left >= 0; left = heap.pop()) {
    const right = next[left]!;
    const stale = ids[left]! < 0 || right < 0 || ids[left]! * RIGHT + ids[right]! !== heap.poppedPair;
    if (stale) continue;
    ids[left] = merges.get(heap.poppedPair)!.id;
    to[left] = to[right]!;
    ids[right] = -1;
    next[left] = next[right]!;
    if (next[left]! >= 0) previous[next[left]!] = left;
    offer(previous[left]!);
    offer(left);
  }
  for (let i = count === 0 ? -1 : 0; i >= 0; i = next[i]!) emit(ids[i]!, from[i]!, to[i]!);
}

/** A binary heap of merges: lowest rank first, leftmost first; lives as long as one word. */
class MergeHeap {
  readonly #ranks: number[] = [];
  readonly #places: number[] = [];
  readonly #pairs: number[] = [];
  /** The pair of ids of the merge that was popped last. */
  poppedPair = -1;

  push(rank: number, place: number, pair: number): void {
    this.#ranks.push(rank);
    this.#places.push(place);
    this.#pairs.push(pair);
    let i = this.#ranks.length - 1;
    while (i > 0 && this.#before(i, (i - 1) >> 1)) {
      this.#swap(i, (i - 1) >> 1);
      i = (i - 1) >> 1;
    }
  }

  /** The place of the first merge, or -1 when there is none. */
  pop(): number {
    const last = this.#ranks.length - 1;
    if (last < 0) return -1;
    this.#swap(0, last);
    this.#ranks.pop();
    const place = this.#places.pop()!;
    this.poppedPair = this.#pairs.pop()!;
    for (let i = 0; ; ) {
      let least = i;
      for (const child of [2 * i + 1, 2 * i + 2])
        if (child < last && this.#before(child, least)) least = child;
      if (least === i) return place;
      this.#swap(i, least);
      i = least;
    }
  }

  #before(a: number, b: number): boolean {
    const rank = this.#ranks[a]! - this.#ranks[b]!;
    return rank < 0 || (rank === 0 && this.#places[a]! < this.#places[b]!);
  }

  #swap(a: number, b: number): void {
    for (const column of [this.#ranks, this.#places, this.#pairs]) {
      const held = column[a]!;
      column[a] = column[b]!;
      column[b] = held;
    }
  }
}
