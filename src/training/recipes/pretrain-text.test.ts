import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Random } from '../../base/random.ts';
import type { Product, ProductId } from '../../catalog/product.ts';
import { loadTokenizer } from '../../features/text/load-tokenizer.ts';
import type { Tokenizer } from '../../features/text/tokenizer.ts';
import { trainWordPiece } from '../../features/text/train-wordpiece.ts';
import { State } from '../../graph/state.ts';
import { openArchitecture } from '../../models/architectures/registry.ts';
import { languageModelParameters } from '../../models/heads/language-model.ts';
import { initialValues } from '../../models/layers/parameters.ts';
import { trainingSchema } from '../config.ts';
import { MaskedJudge } from '../judge-masked.ts';
import { readTokens } from '../packed-rows.ts';
import { pretrainSchema } from '../pretrain-config.ts';
import { planSteps, pretrainText } from './pretrain-text.ts';

const WORDS = ['red', 'blue', 'green', 'cotton', 'wool', 'shirt', 'scarf'];
const KINDS = ['shirt', 'scarf'];
const products = Array.from({ length: 120 }, (_, i): Product => {
  const kind = KINDS[i % 2]!;
  return {
    id: String(i) as ProductId,
    group: undefined,
    category: undefined,
    texts: { title: `${WORDS[i % 3]} ${WORDS[3 + (i % 2)]} ${kind}` },
    labels: { kind: { state: 'value', values: [kind] } },
    source: { file: 'titles.csv', row: i + 1 },
  };
});
const catalog = {
  async *products({ sides, seed = 0 }: { readonly sides?: readonly string[]; readonly seed?: number } = {}) {
    const own = sides?.[0] === 'train' ? products.slice(0, 48) : products.slice(48);
    yield new Random(seed).shuffled(own);
  },
};
const FIELDS = ['title'];
const settings = pretrainSchema.parse({
  ...{ maxTokens: 16, batchTokens: 64, steps: 24, reports: 4, dropout: true, probe: ['kind'] },
});

describe('planSteps', () => {
  it('turns passes, or steps, into equal stretches', () => {
    const of = (given: object) => planSteps(900, pretrainSchema.parse({ maxTokens: 16, ...given }), 2);
    // 15 tokens of a text in a row: 60 rows, 4 in a step.
    expect(of({ batchTokens: 64, epochs: 2, reports: 5 })).toEqual({
      rowsPerStep: 4,
      stepsPerPass: 15,
      rounds: 5,
      stepsPerRound: 6,
    });
    expect(of({ batchTokens: 64, steps: 21, reports: 20 })).toMatchObject({ rounds: 11, stepsPerRound: 2 });
  });
});

describe('pretrainText', () => {
  let tokenizer: Tokenizer;
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'attune-pretrain-'));
    const titles = products.map(({ texts }) => texts.title!);
    const files = await trainWordPiece(titles, { vocabularySize: 60 });
    tokenizer = loadTokenizer(files['tokenizer.json'], files['tokenizer_config.json']);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  async function run(name: string, { resume = false, stopAfter = Infinity } = {}) {
    const encoder = openArchitecture({
      model_type: 'bert',
      vocab_size: tokenizer.vocabularySize,
      hidden_size: 32,
      num_hidden_layers: 1,
      num_attention_heads: 2,
      intermediate_size: 64,
      max_position_embeddings: 16,
    });
    const state = new State();
    const random = new Random(5);
    for (const each of [...encoder.parameters, ...languageModelParameters(encoder)])
      state.set(each.name, each.shape, initialValues(each, random));
    const tokens = products
      .slice(0, 48)
      .reduce((total, product) => total + readTokens(product, FIELDS, tokenizer)!.ids.length, 0);
    const losses: number[] = [];
    const judge = await MaskedJudge.open({
      ...{ encoder, state, tokenizer, catalog, settings, fields: FIELDS, threads: 1 },
      counts: { train: 48, dev: 72, test: 72 },
    });
    const before = await judge.judge('dev');
    const outcome = await pretrainText({
      ...{ encoder, state, tokenizer, catalog, settings, resume, fields: FIELDS },
      steps: planSteps(tokens, settings, tokenizer.special.cls),
      learningRate: 0.01,
      config: trainingSchema.parse({ threads: 1, seed: 3, saveEverySteps: 1000 }),
      folder: join(folder, name),
      fingerprint: 'this run',
      evaluate: async () => {
        const results = await judge.judge('dev');
        return results && { score: -results.loss, results };
      },
      onStep: ({ loss }) => losses.push(loss),
      stopRequested: () => losses.length >= stopAfter,
    });
    const after = await judge.judge('dev');
    await judge.close();
    return { outcome, losses, before: before!, after: after! };
  }

  it('lowers the loss within ten steps, and knows words and kinds of texts that it has not seen', async () => {
    const { losses, before, after, outcome } = await run('whole');
    const mean = (some: readonly number[]) => some.reduce((a, b) => a + b, 0) / some.length;
    expect(losses).toHaveLength(24);
    expect(mean(losses.slice(8, 11))).toBeLessThan(0.9 * mean(losses.slice(0, 3)));
    expect(after.loss).toBeLessThan(0.7 * before.loss);
    expect(after.accuracy).toBeGreaterThan(before.accuracy);
    expect(after.probes).toEqual([
      expect.objectContaining({ attribute: 'kind', products: 72, accuracy: 1, commonest: 0.5 }),
    ]);
    expect(outcome.history).toHaveLength(4);
  });

  it.each([5, 12, 17])('stopped after step %i and resumed, ends with the same weights', async (stopAfter) => {
    const whole = await run('whole again');
    const cut = await run('cut', { stopAfter });
    expect(cut.outcome.finished).toBe(false);
    const resumed = await run('cut', { resume: true });
    expect([...cut.losses, ...resumed.losses]).toEqual(whole.losses);
    expect(resumed.outcome.weights).toEqual(whole.outcome.weights);
    expect(resumed.after).toEqual(whole.after);
  });
});
