import { featureError } from '../errors.ts';
import { aligned } from './aligned-text.ts';
import { BYTE_CHARACTERS } from './byte-characters.ts';
import { countWords } from './count-words.ts';
import { learnMerges } from './learn-merges.ts';
import { buildPreTokenizer } from './pre-tokenizer.ts';
import type { TrainedTokenizer } from './train-wordpiece.ts';

/** GPT-2's one special token: it ends a text. Its id is 0. */
export const END_OF_TEXT = '<|endoftext|>';
const PRE_TOKENIZER = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true };

export type BytePairOptions = {
  /** Tokens at most, the special one and the 256 bytes included. */
  readonly vocabularySize: number;
  /** A pair seen less often than this is not merged. */
  readonly minimumCount: number;
};

const DEFAULTS: BytePairOptions = { vocabularySize: 8000, minimumCount: 2 };

/**
 * Learns a byte-level vocabulary as GPT-2 has it, for a decoder that starts from random weights: any text can be written with it,
 * capitals, spaces and rare characters too. The result depends on the texts and not on their order.
 * @returns the two files of a Hugging Face tokenizer, for `loadTokenizer` and transformers' `GPT2TokenizerFast`
 * @throws features/vocabulary-too-small when there is no room for the special token and the bytes
 * @see Radford et al. 2019, section 2.2
 */
export async function trainBytePair(
  texts: Iterable<string> | AsyncIterable<string>,
  options: Partial<BytePairOptions> = {},
): Promise<TrainedTokenizer> {
  const { vocabularySize, minimumCount } = { ...DEFAULTS, ...options };
  const least = 1 + BYTE_CHARACTERS.length;
  if (vocabularySize < least) {
    throw featureError(
      'features/vocabulary-too-small',
      `No vocabulary can be learned: ${vocabularySize} tokens have no room for the 256 bytes and the end of a text, which are ${least}.`,
    );
  }
  const preTokenizer = buildPreTokenizer(PRE_TOKENIZER);
  const words = await countWords(texts, (part) =>
    preTokenizer.split(aligned(part), true).map((word) => word.text),
  );
  const { tokens, merges } = learnMerges(words, {
    alphabet: [...BYTE_CHARACTERS].sort(),
    symbolsOf: (word) => Array.from(word),
    join: (left, right) => left + right,
    size: vocabularySize - 1,
    minimumCount,
  });
  const vocab = Object.fromEntries([END_OF_TEXT, ...tokens].map((token, id) => [token, id]));
  return {
    'tokenizer.json': tokenizerJson(vocab, merges),
    'tokenizer_config.json': {
      tokenizer_class: 'GPT2Tokenizer',
      add_prefix_space: false,
      bos_token: END_OF_TEXT,
      eos_token: END_OF_TEXT,
      unk_token: END_OF_TEXT,
    },
  };
}

function tokenizerJson(
  vocab: Readonly<Record<string, number>>,
  merges: readonly (readonly [string, string])[],
): Record<string, unknown> {
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: [
      {
        id: 0,
        content: END_OF_TEXT,
        single_word: false,
        lstrip: false,
        rstrip: false,
        normalized: false,
        special: true,
      },
    ],
    normalizer: null,
    pre_tokenizer: PRE_TOKENIZER,
    post_processor: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: false, use_regex: true },
    decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: '',
      end_of_word_suffix: '',
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: false,
      vocab,
      merges,
    },
  };
}
