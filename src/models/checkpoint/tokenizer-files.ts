import { join } from 'node:path';
import { modelError } from '../errors.ts';
import type { JsonObject } from './files.ts';
import { readIfThere, readJsonIfThere } from './files.ts';

export type TokenizerFiles = {
  readonly 'tokenizer.json': JsonObject;
  readonly 'tokenizer_config.json'?: JsonObject;
};

/**
 * The tokenizer of a checkpoint folder: `tokenizer.json`, or, in folders from before it, what is made of `vocab.txt`
 * (BERT and its kin) or of `vocab.json` with `merges.txt` (GPT-2 and RoBERTa).
 * @throws models/checkpoint-missing when none of these is there
 */
export async function readTokenizerFiles(folder: string): Promise<TokenizerFiles> {
  const config = await readJsonIfThere(join(folder, 'tokenizer_config.json'));
  const json =
    (await readJsonIfThere(join(folder, 'tokenizer.json'))) ??
    (await fromVocabularyList(folder, config)) ??
    (await fromMerges(folder, config));
  if (json === undefined) {
    throw modelError('models/checkpoint-missing', `${folder} has no tokenizer.json.`, {
      hint:
        'Make it in Python: from transformers import AutoTokenizer; ' +
        `AutoTokenizer.from_pretrained(${JSON.stringify(folder)}).save_pretrained(${JSON.stringify(folder)})`,
    });
  }
  return config === undefined
    ? { 'tokenizer.json': json }
    : { 'tokenizer.json': json, 'tokenizer_config.json': config };
}

async function fromVocabularyList(
  folder: string,
  config: JsonObject | undefined,
): Promise<JsonObject | undefined> {
  const bytes = await readIfThere(join(folder, 'vocab.txt'));
  if (bytes === undefined) return undefined;
  const lines = bytes
    .toString('utf8')
    .replace(/\r?\n$/, '')
    .split(/\r?\n/);
  const vocab: Record<string, number> = Object.fromEntries(lines.map((token, id) => [token, id]));
  const mpnet = '<s>' in vocab && '</s>' in vocab;
  const [open, close] = mpnet ? ['<s>', '</s>'] : ['[CLS]', '[SEP]'];
  const special = mpnet
    ? ['<s>', '<pad>', '</s>', '<unk>', '<mask>', '[UNK]']
    : ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]'];
  const unknown = '[UNK]' in vocab ? '[UNK]' : '<unk>';
  const flag = (key: string, otherwise: boolean) =>
    typeof config?.[key] === 'boolean' ? config[key] : otherwise;
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: special.filter((token) => token in vocab).map((token) => addedToken(token, vocab[token]!)),
    normalizer: {
      type: 'BertNormalizer',
      clean_text: true,
      handle_chinese_chars: flag('tokenize_chinese_chars', true),
      strip_accents: typeof config?.strip_accents === 'boolean' ? config.strip_accents : null,
      lowercase: flag('do_lower_case', true),
    },
    pre_tokenizer: { type: 'BertPreTokenizer' },
    post_processor: template(open!, close!, vocab, mpnet),
    decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
    model: {
      type: 'WordPiece',
      unk_token: unknown,
      continuing_subword_prefix: '##',
      max_input_chars_per_word: 100,
      vocab,
    },
  };
}

async function fromMerges(folder: string, config: JsonObject | undefined): Promise<JsonObject | undefined> {
  const vocab = await readJsonIfThere(join(folder, 'vocab.json'));
  const merges = await readIfThere(join(folder, 'merges.txt'));
  if (vocab === undefined || merges === undefined) return undefined;
  const ids = vocab as Record<string, number>;
  const special = ['<s>', '<pad>', '</s>', '<unk>', '<mask>', '<|endoftext|>'].filter(
    (token) => token in ids,
  );
  const roberta = '<s>' in ids && '</s>' in ids;
  const lines = merges.toString('utf8').split(/\r?\n/);
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: special.map((token) => addedToken(token, ids[token]!)),
    normalizer: null,
    pre_tokenizer: {
      type: 'ByteLevel',
      add_prefix_space: config?.add_prefix_space === true,
      trim_offsets: true,
      use_regex: true,
    },
    post_processor: roberta
      ? {
          type: 'RobertaProcessing',
          sep: ['</s>', ids['</s>']!],
          cls: ['<s>', ids['<s>']!],
          trim_offsets: true,
          add_prefix_space: false,
        }
      : { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true },
    decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: '',
      end_of_word_suffix: '',
      fuse_unk: false,
      byte_fallback: false,
      vocab,
      merges: lines.filter((line) => line !== '' && !line.startsWith('#version')),
    },
  };
}

function addedToken(content: string, id: number): JsonObject {
  return {
    id,
    content,
    single_word: false,
    lstrip: content === '<mask>',
    rstrip: false,
    normalized: false,
    special: true,
  };
}

/** What BERT (`[CLS] a [SEP] b [SEP]`) and MPNet (`<s> a </s></s> b </s>`) put round one text and two. */
function template(open: string, close: string, vocab: Record<string, number>, doubled: boolean): JsonObject {
  const mark = (id: string, type: number) => ({ SpecialToken: { id, type_id: type } });
  const text = (id: string, type: number) => ({ Sequence: { id, type_id: type } });
  const second = doubled ? 0 : 1;
  const single = [mark(open, 0), text('A', 0), mark(close, 0)];
  const pair = [...single, ...(doubled ? [mark(close, 0)] : []), text('B', second), mark(close, second)];
  const entry = (token: string) => [token, { id: token, ids: [vocab[token] ?? 0], tokens: [token] }] as const;
  return {
    type: 'TemplateProcessing',
    single,
    pair,
    special_tokens: Object.fromEntries([entry(open), entry(close)]),
  };
}
