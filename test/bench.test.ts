/** That the benchmarks start, and that those of training run: tiny sizes, no peers; what they measure here means nothing. */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BenchOptions } from '../bench/runner/options.ts';
import { run as trainStep } from '../bench/train-step.ts';
import { AttuneEpochs } from '../bench/training/attune-epoch.ts';
import { type ClassifierPlan, operationsOf } from '../bench/training/classifier.ts';
import { runLarge } from '../bench/training/large-model.ts';

const PLAN: ClassifierPlan = {
  encoder: {
    model_type: 'xlm-roberta',
    vocab_size: 64,
    hidden_size: 16,
    num_hidden_layers: 1,
    num_attention_heads: 2,
    intermediate_size: 32,
    max_position_embeddings: 32,
    pad_token_id: 1,
  },
  classes: 3,
  batch: 2,
  tokens: 4,
  frozen: false,
  threads: 1,
};

const BENCHMARKS = readdirSync('bench').flatMap((file) =>
  file.endsWith('.ts') && file !== 'main.ts' ? [file.slice(0, -'.ts'.length)] : [],
);

describe('npm run bench', () => {
  it.each(BENCHMARKS)('%s starts, and says which options it has', (name) => {
    const { status, stdout, stderr } = spawnSync('npm', ['run', '--silent', 'bench', '--', name, '--help'], {
      encoding: 'utf8',
    });
    expect(status, stderr).toBe(0);
    expect(stdout).toContain(`Options of ${name}:`);
  });
});

describe('benchmarks of training', () => {
  let scratch: string;
  beforeAll(async () => {
    scratch = await mkdtemp(join(tmpdir(), 'attune-bench-'));
  });
  afterAll(() => rm(scratch, { recursive: true, force: true }));

  it('train-step times every row and says how it compares with a plain matmul', async () => {
    const options: BenchOptions = {
      python: undefined,
      data: '',
      own: { quick: 'yes', threads: '1', pictures: 'attune-image-small' },
      say: () => {},
    };
    const figures = await trainStep(options);
    expect(figures.map(({ name, unit }) => `${name} ${unit}`)).toEqual([
      'matmul 1024x384x1536 fp32 GFLOP/s',
      'matmul 1024x1024x1024 fp32 GFLOP/s',
      ...['all', 'embeddings frozen', '128 rows in use'].flatMap((row) =>
        ['ms', 'tokens/s', 'GFLOP/s', '% of matmul'].map((unit) => `2x8 ${row} fp32 ${unit}`),
      ),
      ...['ms', 'pictures/s', 'GFLOP/s', '% of matmul'].map((unit) => `attune-image-small x2 fp32 ${unit}`),
    ]);
    expect(figures.every(({ value }) => value > 0)).toBe(true);
  });

  it('a fine-tuning epoch goes through every title', async () => {
    const titles = Array.from({ length: 20 }, (_, i) => ({
      text: `${['red', 'blue'][i % 2]} cotton shirt number ${i}`,
      label: ['Red', 'Blue'][i % 2]!,
    }));
    const epochs = await AttuneEpochs.open(titles, {
      model: undefined,
      batchSize: 8,
      maxTokens: 16,
      learningRate: 1e-3,
      weightDecay: 0.01,
      threads: 1,
      scratch,
    });
    const { products, seconds, loss } = await epochs.once();
    epochs.close();
    expect(products).toBe(20);
    expect(seconds).toBeGreaterThan(0);
    expect(loss).toBeLessThan(2);
  });

  it('a large model steps, is saved and read back', async () => {
    const { steps, peakMb } = await runLarge(PLAN, join(scratch, 'weights'), 2);
    expect(steps).toHaveLength(2);
    expect(peakMb).toBeGreaterThan(1);
  });

  it('operations are counted as 2 for each multiplication and addition of a product', () => {
    // One layer: four [16, 16] products and two of 16 x 32 a token, scores and context of 4 tokens.
    const forward = 2 * (4 * 16 * 16 + 2 * 16 * 32 + 2 * 4 * 16);
    expect(operationsOf(PLAN)).toBe(3 * 8 * forward);
    expect(operationsOf({ ...PLAN, frozen: true })).toBe(8 * (3 * forward - 2 * 3 * 16 * 16));
  });
});
