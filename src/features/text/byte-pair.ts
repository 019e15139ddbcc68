import { unitsAt } from './aligned-text.ts';
import { Heap } from './heap.ts';
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

/** By the left id, then the right: what the pair merges into, and how early that was learned. */
type Merges = readonly (ReadonlyMap<number, { readonly rank: number; readonly id: number }> | undefined)[];

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
  const merges: (Map<number, { rank: number; id: number }> | undefined)[] = [];
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
    merges[leftId] ??= new Map();
    if (!merges[leftId].has(rightId) && !special.has(token)) merges[leftId].set(rightId, { rank, id });
  }
  return merges;
}

/** Applies the merges to a chain of symbols. */
function mergeWord(
  symbols: Symbols,
  merges: Merges,
  emit: (id: number, from: number, to: number) => void,
): void {
  const { ids, from, to } = symbols;
  const count = ids.length;
  if (count === 0) return;
  const next = Int32Array.from(ids, (_, i) => (i + 1 < count ? i + 1 : -1));
  const previous = Int32Array.from(ids, (_, i) => i - 1);
  const waiting = new Heap<Candidate>((a, b) => a.rank < b.rank || (a.rank === b.rank && a.left < b.left));
  const offer = (left: number) => {
    const right = left < 0 ? -1 : next[left]!;
    if (right < 0) return;
    const [leftId, rightId] = [ids[left]!, ids[right]!];
    const merge = merges[leftId]?.get(rightId);
    if (merge !== undefined) waiting.push({ rank: merge.rank, id: merge.id, left, leftId, rightId });
  };
  for (let i = 0; i + 1 < count; i++) offer(i);
  for (let candidate = waiting.pop(); candidate !== undefined; candidate = waiting.pop()) {
    const { left, leftId, rightId, id } = candidate;
    const right = next[left]!;
    if (ids[left] !== leftId || right < 0 || ids[right] !== rightId) continue;
    ids[left] = id;
    to[left] = to[right]!;
    ids[right] = -1;
    next[left] = next[right]!;
    if (next[left]! >= 0) previous[next[left]!] = left;
    offer(previous[left]!);
    offer(left);
  }
  for (let i = 0; i >= 0; i = next[i]!) emit(ids[i]!, from[i]!, to[i]!);
}

/** A merge that may be done, unless a neighbour was merged meanwhile. */
type Candidate = {
  readonly rank: number;
  readonly id: number;
  readonly left: number;
  readonly leftId: number;
  readonly rightId: number;
};
