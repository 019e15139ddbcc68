import { execFileSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { JsonObject } from './files.ts';
import type { CheckpointContent } from './folder.ts';
import { readCheckpoint, writeCheckpoint } from './folder.ts';

const FIXTURES = join(import.meta.dirname, '../../../test/golden/tokenizers/fixtures');
const tokenizerJson = async (name: string) =>
  JSON.parse(await readFile(join(FIXTURES, `${name}.tokenizer.json`), 'utf8')) as JsonObject;
const SUPPORTED = ['bert', 'roberta', 'gpt2'];

let root: string;
let folder: string;
let content: CheckpointContent;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'attune-folder-'));
});
beforeEach(async () => {
  folder = join(await mkdtemp(join(root, 'model-')), 'model');
  const json = await tokenizerJson('bert-uncased');
  const vocabulary = Object.keys((json.model as { vocab: JsonObject }).vocab).length;
  content = {
    config: {
      model_type: 'bert',
      architectures: ['BertModel'],
      vocab_size: vocabulary,
      hidden_size: 8,
      num_hidden_layers: 1,
      num_attention_heads: 2,
      intermediate_size: 16,
      max_position_embeddings: 40,
    },
    tokenizerFiles: {
      'tokenizer.json': json,
      'tokenizer_config.json': { tokenizer_class: 'BertTokenizer', model_max_length: 32 },
    },
    tensors: bertTensors(vocabulary),
    dtype: 'F32',
    maxShardBytes: 5e9,
    pooling: { modes: ['mean'], normalize: true },
    maxTokens: 24,
  };
});
afterAll(() => rm(root, { recursive: true }));

/** The tensors of a one-layer BERT, 8 wide, with numbers that depend on the name and the position. */
function bertTensors(vocabulary: number) {
  const shapes: Record<string, number[]> = {
    'embeddings.word_embeddings.weight': [vocabulary, 8],
    'embeddings.position_embeddings.weight': [40, 8],
    'embeddings.token_type_embeddings.weight': [2, 8],
    'pooler.dense.weight': [8, 8],
    'pooler.dense.bias': [8],
  };
  const norm = (name: string) => Object.assign(shapes, { [`${name}.weight`]: [8], [`${name}.bias`]: [8] });
  const dense = (name: string, out: number, into: number) =>
    Object.assign(shapes, { [`${name}.weight`]: [out, into], [`${name}.bias`]: [out] });
  norm('embeddings.LayerNorm');
  for (const part of ['query', 'key', 'value']) dense(`encoder.layer.0.attention.self.${part}`, 8, 8);
  dense('encoder.layer.0.attention.output.dense', 8, 8);
  norm('encoder.layer.0.attention.output.LayerNorm');
  dense('encoder.layer.0.intermediate.dense', 16, 8);
  dense('encoder.layer.0.output.dense', 8, 16);
  norm('encoder.layer.0.output.LayerNorm');
  return Object.entries(shapes).map(([name, shape]) => ({
    name,
    shape,
    read: () =>
      Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(i + name.length)),
  }));
}

describe('a folder that was written', () => {
  it('reads back: config, tokenizer, weights, pooling and the longest input', async () => {
    await writeCheckpoint(folder, content);
    const read = await readCheckpoint(folder, SUPPORTED);
    expect(read.modelType).toBe('bert');
    expect(read.config).toEqual({ ...content.config, torch_dtype: 'float32' });
    expect(read.tokenizer.special).toEqual({ cls: 2, sep: 3, pad: 0, mask: 4, unknown: 1 });
    expect(read.tokenizerFiles).toEqual(content.tokenizerFiles);
    expect(read.pooling).toEqual({ modes: ['mean'], normalize: true });
    expect(read.maxTokens).toBe(24);
    expect(read.weights.shape('pooler.dense.weight')).toEqual([8, 8]);
    expect(await read.weights.read('pooler.dense.bias')).toEqual(content.tensors[4]!.read());
  });

  it.runIf(process.env.ATTUNE_PYTHON)(
    'loads in transformers and sentence-transformers ($ATTUNE_PYTHON)',
    async () => {
      await writeCheckpoint(folder, { ...content, maxShardBytes: 10_000 });
      const code = `
import json, sys, torch
from transformers import AutoModel, AutoTokenizer
from sentence_transformers import SentenceTransformer
model, info = AutoModel.from_pretrained(sys.argv[1], output_loading_info=True)
assert not info["missing_keys"] and not info["unexpected_keys"], info
tokenizer = AutoTokenizer.from_pretrained(sys.argv[1])
sentence = SentenceTransformer(sys.argv[1])
vector = sentence.encode("running shoes, size 38")
print(json.dumps({"bias": model.pooler.dense.bias.tolist(), "ids": tokenizer("running shoes")["input_ids"],
  "length": float((vector ** 2).sum()), "max": sentence.max_seq_length}))`;
      const printed = execFileSync(process.env.ATTUNE_PYTHON!, ['-c', code, folder], {
        encoding: 'utf8',
        stdio: 'pipe',
      });
      const result = JSON.parse(printed.trim().split('\n').at(-1)!);
      expect(Float32Array.from(result.bias)).toEqual(content.tensors[4]!.read());
      const { tokenizer } = await readCheckpoint(folder, SUPPORTED);
      expect(result.ids).toEqual([2, ...tokenizer.encode('running shoes').ids, 3]);
      expect(result.length).toBeCloseTo(1, 4);
      expect(result.max).toBe(24);
    },
    120_000,
  );

  it('says the dtype that the weights are in', async () => {
    await writeCheckpoint(folder, {
      ...content,
      dtype: 'BF16',
      config: { ...content.config, dtype: 'float32' },
    });
    const { config, weights } = await readCheckpoint(folder, SUPPORTED);
    expect(config.dtype).toBe('bfloat16');
    expect(weights.dtype('pooler.dense.bias')).toBe('BF16');
  });

  it('appears whole or not at all', async () => {
    const failing = { name: 'x', shape: [1], read: () => Promise.reject(new Error('power cut')) };
    await expect(
      writeCheckpoint(folder, { ...content, tensors: [...content.tensors, failing] }),
    ).rejects.toThrow('power cut');
    expect(await readdir(join(folder, '..'))).toEqual([]);
  });

  it('says so when the place cannot be written', async () => {
    await writeFile(folder, 'a file');
    await expect(writeCheckpoint(join(folder, 'model'), content)).rejects.toMatchObject({
      code: 'models/checkpoint-unreadable',
      message: expect.stringContaining('cannot be written'),
    });
  });
});

describe('the longest input', () => {
  it('of RoBERTa is two less than its positions', async () => {
    await writeCheckpoint(folder, {
      ...content,
      config: { ...content.config, model_type: 'roberta', max_position_embeddings: 20 },
    });
    expect((await readCheckpoint(folder, SUPPORTED)).maxTokens).toBe(18);
  });

  it('is refused when nothing says it', async () => {
    const { max_position_embeddings: _, ...config } = content.config;
    const { pooling: __, ...rest } = content;
    const files = {
      'tokenizer.json': content.tokenizerFiles['tokenizer.json'],
      'tokenizer_config.json': { model_max_length: 1e30 },
    };
    await writeCheckpoint(folder, { ...rest, config, tokenizerFiles: files });
    await expect(readCheckpoint(folder, SUPPORTED)).rejects.toThrow(/no max_position_embeddings/);
  });
});

describe('pooling', () => {
  const write = async (modules: unknown, pooling: unknown) => {
    await writeCheckpoint(folder, content);
    await writeFile(join(folder, 'modules.json'), JSON.stringify(modules));
    await writeFile(join(folder, '1_Pooling/config.json'), JSON.stringify(pooling));
    return readCheckpoint(folder, SUPPORTED);
  };
  const module = (kind: string, path: string) => ({
    idx: 0,
    name: '0',
    path,
    type: `sentence_transformers.models.${kind}`,
  });

  it('is read in the words of version 5 and before', async () => {
    const modules = [module('Transformer', ''), module('Pooling', '1_Pooling')];
    const modes = async (config: unknown) => (await write(modules, config)).pooling;
    expect(await modes({ pooling_mode: 'cls' })).toEqual({ modes: ['cls'], normalize: false });
    expect(await modes({ pooling_mode: ['mean', 'max'] })).toEqual({
      modes: ['mean', 'max'],
      normalize: false,
    });
    expect(await modes({ pooling_mode_lasttoken: true, pooling_mode_mean_tokens: false })).toEqual({
      modes: ['lasttoken'],
      normalize: false,
    });
    await expect(write(modules, { pooling_mode: 'median' })).rejects.toThrow(/pools by \["median"\]/);
    await expect(write(modules, {})).rejects.toThrow(/pools by \[\]/);
  });

  it('refuses modules that would change the embeddings, and paths out of the folder', async () => {
    await expect(write([module('Transformer', ''), module('Dense', '2_Dense')], {})).rejects.toMatchObject({
      code: 'models/architecture-unsupported',
      message: expect.stringContaining('models.Dense'),
    });
    await expect(write([module('Pooling', '../../secret')], {})).rejects.toThrow(/path inside the folder/);
  });

  it('is undefined where there is no modules.json', async () => {
    const { pooling: _, ...rest } = content;
    await writeCheckpoint(folder, rest);
    expect((await readCheckpoint(folder, SUPPORTED)).pooling).toBeUndefined();
  });
});

describe('a folder that cannot be used', () => {
  it('is refused with the architectures that are supported', async () => {
    await writeCheckpoint(folder, { ...content, config: { ...content.config, model_type: 'brt' } });
    await expect(readCheckpoint(folder, SUPPORTED)).rejects.toMatchObject({
      code: 'models/architecture-unsupported',
      message: expect.stringMatching(/model_type "brt"; Attune can train bert, roberta, gpt2/),
      hint: 'Did the config mean bert?',
    });
  });

  it.each(['config.json', 'tokenizer.json', 'model.safetensors'])('says that %s is missing', async (name) => {
    await writeCheckpoint(folder, content);
    await rm(join(folder, name));
    await expect(readCheckpoint(folder, SUPPORTED)).rejects.toMatchObject({
      code: 'models/checkpoint-missing',
      message: expect.stringContaining(name),
    });
  });

  it('says which file is not JSON', async () => {
    await writeCheckpoint(folder, content);
    await writeFile(join(folder, 'config.json'), '{"model_type":');
    await expect(readCheckpoint(folder, SUPPORTED)).rejects.toThrow(/config.json is not JSON/);
  });
});

describe('a tokenizer from before tokenizer.json', () => {
  const text = "Running shoes, GRÖSSE 42; 蓝色 <s> don't [SEP] ok";

  it.each([
    ['bert-uncased', {}],
    ['bert-cased', { do_lower_case: false, tokenize_chinese_chars: false }],
    ['mpnet', { do_lower_case: true, strip_accents: false }],
  ])('of the %s family is made of vocab.txt', async (name, config) => {
    const json = await tokenizerJson(name);
    await writeCheckpoint(folder, {
      ...content,
      tokenizerFiles: { 'tokenizer.json': json, 'tokenizer_config.json': config },
    });
    const expected = await readCheckpoint(folder, SUPPORTED);
    const vocab = Object.entries((json.model as { vocab: Record<string, number> }).vocab);
    for (const { content: token, id } of json.added_tokens as { content: string; id: number }[])
      vocab.push([token, id]);
    const lines = [...new Map(vocab.map(([token, id]) => [id, token]))]
      .sort(([a], [b]) => a - b)
      .map(([, token]) => token);
    await rm(join(folder, 'tokenizer.json'));
    await writeFile(join(folder, 'vocab.txt'), `${lines.join('\n')}\n`);
    const made = await readCheckpoint(folder, SUPPORTED);
    expect(made.tokenizer.encode(text)).toEqual(expected.tokenizer.encode(text));
    expect(made.tokenizer.special).toEqual(expected.tokenizer.special);
  });

  it('of the RoBERTa family is made of vocab.json and merges.txt', async () => {
    const json = await tokenizerJson('roberta');
    await writeCheckpoint(folder, { ...content, tokenizerFiles: { 'tokenizer.json': json } });
    const expected = await readCheckpoint(folder, SUPPORTED);
    const model = json.model as { vocab: JsonObject; merges: readonly (readonly string[])[] };
    await rm(join(folder, 'tokenizer.json'));
    await writeFile(join(folder, 'vocab.json'), JSON.stringify(model.vocab));
    await writeFile(
      join(folder, 'merges.txt'),
      `#version: 0.2\n${model.merges.map((pair) => pair.join(' ')).join('\n')}\n`,
    );
    const made = await readCheckpoint(folder, SUPPORTED);
    expect(made.tokenizer.encode(text)).toEqual(expected.tokenizer.encode(text));
    expect(made.tokenizer.special).toEqual(expected.tokenizer.special);
  });
});
