import { featureError } from '../errors.ts';
import { aligned } from './aligned-text.ts';
import { BoundedMemo } from './bounded-memo.ts';
import { Heap } from './heap.ts';
import { buildNormalizer } from './normalizer.ts';
import { buildPreTokenizer } from './pre-tokenizer.ts';
import { cutText } from './text-parts.ts';

/** The special tokens of a trained vocabulary; their ids are their places. */
const SPECIAL = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]'] as const;
const PREFIX = '##';
const LONGEST_WORD = 100;

/** More distinct words than this are too many to keep: the rarest are forgotten. */
const MOST_WORDS = 1_000_000;

const NORMALIZER = {
  type: 'BertNormalizer',
  clean_text: true,
  handle_chinese_chars: true,
  strip_accents: null,
  lowercase: true,
};
const PRE_TOKENIZER = { type: 'BertPreTokenizer' };

export type WordPieceOptions = {
  /** Tokens at most, special ones and characters included. */
  readonly vocabularySize: number;
  /** A pair seen less often than this is not merged; 2 keeps out what only one product says. */
  readonly minimumCount: number;
  /** Different characters at most; the rarest beyond it become unknown. Chinese and Japanese need thousands. */
  readonly alphabetSize: number;
};

const DEFAULTS: WordPieceOptions = {
  vocabularySize: 8000,
  minimumCount: 2,
  alphabetSize: 2000,
};

export type TrainedTokenizer = {
  readonly 'tokenizer.json': Readonly<Record<string, unknown>>;
  readonly 'tokenizer_config.json': Readonly<Record<string, unknown>>;
};

/**
 * Learns a WordPiece vocabulary (lower case, BERT's normaliser) from texts, for a model that starts from random weights: the
 * characters, then the merges of neighbours by how often they stand side by side, as the `tokenizers` library's trainer does.
 *
 * The result depends on the texts and not on their order (up to a million different words): of pairs seen equally often the
 * first by code units is merged.
 * @returns the two files of a Hugging Face tokenizer, for `loadTokenizer`
 * @throws features/vocabulary-too-small when there is no room for the special tokens and a character, or no text
 * @see Schuster and Nakajima 2012; Sennrich et al. 2016, https://arxiv.org/abs/1508.07909
 */
export async function trainWordPiece(
  texts: Iterable<string> | AsyncIterable<string>,
  options: Partial<WordPieceOptions> = {},
): Promise<TrainedTokenizer> {
  const { vocabularySize, minimumCount, alphabetSize } = { ...DEFAULTS, ...options };
  const words = await countWords(texts);
  if (words.size === 0 || vocabularySize <= SPECIAL.length) {
    const problem =
      words.size === 0 ? 'there is no word in the texts' : `${vocabularySize} tokens have no room for any`;
    throw featureError('features/vocabulary-too-small', `No vocabulary can be learned: ${problem}.`);
  }
  const tokens = learnTokens(words, vocabularySize - SPECIAL.length, minimumCount, alphabetSize);
  const vocab = Object.fromEntries([...SPECIAL, ...tokens].map((token, id) => [token, id]));
  return { 'tokenizer.json': tokenizerJson(vocab), 'tokenizer_config.json': TOKENIZER_CONFIG };
}

/** How often each normalised word stands in the texts. */
async function countWords(texts: Iterable<string> | AsyncIterable<string>): Promise<Map<string, number>> {
  const normalizer = buildNormalizer(NORMALIZER);
  const preTokenizer = buildPreTokenizer(PRE_TOKENIZER);
  const known = new BoundedMemo<readonly string[]>(32_768);
  let counts = new Map<string, number>();
  for await (const text of texts) {
    let from = 0;
    for (const to of cutText(text, true)) {
      const part = text.slice(from, to);
      let words = part.length <= 48 ? known.get(part) : undefined;
      if (words === undefined) {
        const normalized = normalizer.apply(aligned(part), { first: true, last: true });
        words = preTokenizer.split(normalized, true).map((word) => word.text);
        if (part.length <= 48) known.set(part, words);
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

/** A word as the ids of its symbols. */
type Word = { symbols: number[]; readonly count: number };
type Pair = { readonly left: number; readonly right: number; count: number; readonly words: Set<number> };
/** A pair as it stood when it was put in the heap. */
type Offer = { readonly pair: Pair; readonly count: number };

/** Symbol ids stay below this. */
const RIGHT = 2 ** 26;

function learnTokens(
  counts: ReadonlyMap<string, number>,
  size: number,
  minimumCount: number,
  alphabetSize: number,
): string[] {
  const tokens: string[] = [];
  const ids = new Map<string, number>();
  const idOf = (token: string) => {
    const known = ids.get(token);
    if (known !== undefined) return known;
    ids.set(token, tokens.length);
    return tokens.push(token) - 1;
  };
  const alphabet = commonCharacters(counts, alphabetSize);
  for (const character of alphabet) if (tokens.length < size) idOf(character);
  for (const character of alphabet) if (tokens.length < size) idOf(PREFIX + character);

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
    const symbols = Array.from(text, (character, i) => ids.get((i === 0 ? '' : PREFIX) + character) ?? -1);
    if (symbols.includes(-1)) continue;
    words.push({ symbols, count });
    for (let i = 0; i + 1 < symbols.length; i++) touch(symbols[i]!, symbols[i + 1]!, count, words.length - 1);
  }

  const isBefore = (a: Offer, b: Offer) => {
    if (a.count !== b.count) return a.count > b.count;
    if (a.pair.left !== b.pair.left) return tokens[a.pair.left]! < tokens[b.pair.left]!;
    return tokens[a.pair.right]! < tokens[b.pair.right]!;
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
    const merged = idOf(tokens[pair.left]! + tokens[pair.right]!.slice(PREFIX.length));
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
  return tokens;
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

/** The characters of the words, the commonest first; equally common ones by code units. */
function commonCharacters(counts: ReadonlyMap<string, number>, limit: number): string[] {
  const characters = new Map<string, number>();
  for (const [word, count] of counts) {
    for (const character of word) characters.set(character, (characters.get(character) ?? 0) + count);
  }
  return [...characters]
    .sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
    .slice(0, limit)
    .map(([character]) => character);
}

const TOKENIZER_CONFIG = {
  tokenizer_class: 'BertTokenizer',
  do_lower_case: true,
  strip_accents: null,
  tokenize_chinese_chars: true,
  cls_token: '[CLS]',
  sep_token: '[SEP]',
  pad_token: '[PAD]',
  mask_token: '[MASK]',
  unk_token: '[UNK]',
};

function tokenizerJson(vocab: Readonly<Record<string, number>>): Record<string, unknown> {
  const mark = (id: string, type: number) => ({ SpecialToken: { id, type_id: type } });
  const text = (id: string, type: number) => ({ Sequence: { id, type_id: type } });
  const single = [mark('[CLS]', 0), text('A', 0), mark('[SEP]', 0)];
  const entry = (token: string) => [token, { id: token, ids: [vocab[token]], tokens: [token] }];
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: SPECIAL.map((content, id) => ({
      id,
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    })),
    normalizer: NORMALIZER,
    pre_tokenizer: PRE_TOKENIZER,
    post_processor: {
      type: 'TemplateProcessing',
      single,
      pair: [...single, text('B', 1), mark('[SEP]', 1)],
      special_tokens: Object.fromEntries([entry('[CLS]'), entry('[SEP]')]),
    },
    decoder: { type: 'WordPiece', prefix: PREFIX, cleanup: true },
    model: {
      type: 'WordPiece',
      unk_token: '[UNK]',
      continuing_subword_prefix: PREFIX,
      max_input_chars_per_word: LONGEST_WORD,
      vocab,
    },
  };
}
