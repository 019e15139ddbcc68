import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { Random } from '../../base/random.ts';
import type { Product, ProductId } from '../../catalog/product.ts';
import { loadTokenizer } from '../../features/text/load-tokenizer.ts';
import { trainWordPiece } from '../../features/text/train-wordpiece.ts';
import { State } from '../../graph/state.ts';
import { attributeModelParameters } from '../../models/attribute/attribute-model.ts';
import { ExampleEncoder } from '../../models/attribute/example.ts';
import type { AttributeModelSpec } from '../../models/attribute/spec.ts';
import { initialValues } from '../../models/layers/parameters.ts';
import { trainingSchema } from '../config.ts';
import { trainMaskedLanguage } from './masked-language.ts';

const WORDS = ['red', 'blue', 'green', 'cotton', 'wool', 'shirt', 'scarf'];
const TITLES = Array.from(
  { length: 48 },
  (_, i) => `${WORDS[i % 3]} ${WORDS[3 + (i % 2)]} ${WORDS[5 + (i % 2)]}`,
);
const products = TITLES.map(
  (title, i): Product => ({
    id: String(i) as ProductId,
    group: undefined,
    category: undefined,
    texts: { title },
    labels: {},
    source: { file: 'titles.csv', row: i + 1 },
  }),
);
const catalog = {
  async *products() {
    yield products;
  },
};

async function parts(folder: string, resume = false) {
  const files = await trainWordPiece(TITLES, { vocabularySize: 60 });
  const tokenizer = loadTokenizer(files['tokenizer.json'], files['tokenizer_config.json']);
  const spec: AttributeModelSpec = {
    encoder: {
      model_type: 'bert',
      vocab_size: tokenizer.vocabularySize,
      hidden_size: 32,
      num_hidden_layers: 1,
      num_attention_heads: 2,
      intermediate_size: 64,
      max_position_embeddings: 32,
      type_vocab_size: 2,
    },
    vocabulary: undefined,
    pooling: 'mean',
    fields: [{ name: 'title', maxTokens: 16 }],
    categoryContext: false,
    maxTokens: 32,
    choices: [],
    numbers: [],
    spans: undefined,
  };
  const state = new State();
  const random = new Random(5);
  for (const each of attributeModelParameters(spec))
    state.set(each.name, each.shape, initialValues(each, random));
  const losses: number[] = [];
  return {
    losses,
    run: {
      spec,
      state,
      encoder: new ExampleEncoder(spec, tokenizer, undefined),
      special: tokenizer.special,
      catalog,
      fields: ['title'],
      products: products.length,
      config: trainingSchema.parse({ pretrainEpochs: 20, pretrainLearningRate: 3e-3, threads: 1, seed: 3 }),
      folder,
      fingerprint: 'this run',
      resume,
      onStep: ({ loss }: { readonly loss: number }) => losses.push(loss),
    },
  };
}

const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;

describe('trainMaskedLanguage', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'attune-masked-'));
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('learns the words of the texts, twice the same, and leaves nothing but the encoder behind', async () => {
    const first = await parts(join(folder, 'a'));
    const names = [...first.run.state.names];
    await trainMaskedLanguage(first.run);
    expect(mean(first.losses.slice(-6))).toBeLessThan(0.7 * mean(first.losses.slice(0, 6)));
    expect([...first.run.state.names].sort()).toEqual(names.sort());

    const second = await parts(join(folder, 'b'));
    await trainMaskedLanguage(second.run);
    expect(second.losses).toEqual(first.losses);
    for (const name of names) expect(second.run.state.read(name)).toEqual(first.run.state.read(name));
  });

  it('takes what an earlier run has learned when resumed', async () => {
    const resumed = await parts(join(folder, 'a'), true);
    await trainMaskedLanguage(resumed.run);
    expect(resumed.losses).toEqual([]);
  });

  it('takes nothing of another run, and stops when it is asked to', async () => {
    const other = await parts(join(folder, 'a'), true);
    const stopRequested = () => other.losses.length === 2;
    expect(await trainMaskedLanguage({ ...other.run, fingerprint: 'another', stopRequested })).toBe(false);
    expect(other.losses).toHaveLength(2);
    const { run } = await parts(join(folder, 'a'), true);
    // What the other run would have left stale is gone.
    expect(await trainMaskedLanguage({ ...run, stopRequested: () => true })).toBe(false);
  });

  it('refuses an encoder that reads from left to right', async () => {
    const { run } = await parts(join(folder, 'c'));
    const encoder = {
      model_type: 'gpt2',
      vocab_size: 60,
      n_embd: 32,
      n_layer: 1,
      n_head: 2,
      n_positions: 32,
    };
    await expect(trainMaskedLanguage({ ...run, spec: { ...run.spec, encoder } })).rejects.toThrow(
      /pretrainEpochs/,
    );
  });
});
