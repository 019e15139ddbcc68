import { featureError } from '../errors.ts';
import { aligned } from './aligned-text.ts';
import { countWords, LONGEST_WORD } from './count-words.ts';
import { learnMerges } from './learn-merges.ts';
import { buildNormalizer } from './normalizer.ts';
import { buildPreTokenizer } from './pre-tokenizer.ts';

/** The special tokens of a trained vocabulary; their ids are their places. */
const SPECIAL = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]'] as const;
const PREFIX = '##';

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
 * The result depends on the texts and not on their order (up to a million different words).
 * @returns the two files of a Hugging Face tokenizer, for `loadTokenizer`
 * @throws features/vocabulary-too-small when there is no room for the special tokens and a character, or no text
 * @see Schuster and Nakajima 2012; Sennrich et al. 2016, https://arxiv.org/abs/1508.07909
 */
export async function trainWordPiece(
  texts: Iterable<string> | AsyncIterable<string>,
  options: Partial<WordPieceOptions> = {},
): Promise<TrainedTokenizer> {
  const { vocabularySize, minimumCount, alphabetSize } = { ...DEFAULTS, ...options };
  const normalizer = buildNormalizer(NORMALIZER);
  const preTokenizer = buildPreTokenizer(PRE_TOKENIZER);
  const words = await countWords(texts, (part) => {
    const normalized = normalizer.apply(aligned(part), { first: true, last: true });
    return preTokenizer.split(normalized, true).map((word) => word.text);
  });
  if (words.size === 0 || vocabularySize <= SPECIAL.length) {
    const problem =
      words.size === 0 ? 'there is no word in the texts' : `${vocabularySize} tokens have no room for any`;
    throw featureError('features/vocabulary-too-small', `No vocabulary can be learned: ${problem}.`);
  }
  const tokens = learnTokens(words, vocabularySize - SPECIAL.length, minimumCount, alphabetSize);
  const vocab = Object.fromEntries([...SPECIAL, ...tokens].map((token, id) => [token, id]));
  return { 'tokenizer.json': tokenizerJson(vocab), 'tokenizer_config.json': TOKENIZER_CONFIG };
}

function learnTokens(
  counts: ReadonlyMap<string, number>,
  size: number,
  minimumCount: number,
  alphabetSize: number,
): readonly string[] {
  return learnMerges(counts, {
    alphabet: symbolsOfAlphabet(counts, alphabetSize, size),
    symbolsOf,
    join: (left, right) => left + right.slice(PREFIX.length),
    size,
    minimumCount,
  }).tokens;
}

const symbolsOf = (word: string) => Array.from(word, (character, i) => (i === 0 ? '' : PREFIX) + character);

/**
 * The commonest characters, as many as there is room for (of equally common ones the first by code units), then those of them that
 * go on with a word, which take a token more; each in the order of code units.
 */
function symbolsOfAlphabet(counts: ReadonlyMap<string, number>, limit: number, size: number): string[] {
  const characters = new Map<string, number>();
  const within = new Set<string>();
  for (const [word, count] of counts) {
    for (const [i, character] of Array.from(word).entries()) {
      characters.set(character, (characters.get(character) ?? 0) + count);
      if (i > 0) within.add(character);
    }
  }
  const commonest = [...characters].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)).slice(0, limit);
  const alphabet: string[] = [];
  let room = size;
  for (const [character] of commonest) {
    room -= within.has(character) ? 2 : 1;
    if (room < 0) break;
    alphabet.push(character);
  }
  alphabet.sort();
  return [...alphabet, ...alphabet.filter((character) => within.has(character)).map((each) => PREFIX + each)];
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
