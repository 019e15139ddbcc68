/** Numbers that words tell, through the commands: the wide part learns them, is saved, and answers beside the encoder. */
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { Random } from '../../src/base/random.ts';
import { attune, type Ran, workspace } from './attune.ts';
import { config, csv } from './shop.ts';

const { folder } = workspace('wide-numbers');
const GRAMS = { shirt: 150, mug: 350, lamp: 1200 } as const;
let trained: Ran;

/** The title says what the weight is about; the price says nothing of it. */
function products(count: number, seed: number) {
  const random = new Random(seed, 0x3a4);
  return Array.from({ length: count }, (_, i) => {
    const kind = random.pick(Object.keys(GRAMS) as (keyof typeof GRAMS)[]);
    return {
      sku: `p${seed}-${i}`,
      title: `${kind} number ${random.below(1000)} of ${random.below(1000)}`,
      price: String(5 + random.below(60)),
      weight: String(Math.round(GRAMS[kind] * (0.95 + 0.1 * random.uniform()))),
    };
  });
}

const explained = ({ stdout }: Ran) => (JSON.parse(stdout) as { results: { r2: number }[] }).results[0]!.r2;

beforeAll(async () => {
  writeFileSync(join(folder(), 'products.csv'), csv(products(200, 1)));
  writeFileSync(
    join(folder(), 'attune.yaml'),
    config({
      data: '{path: products.csv, id: sku, split: {by: hash, dev: 0.2, test: 0.2}}',
      inputs: '{title: text, price: number}',
      attributes: '{weight: number}',
      model: '{layers: 1, width: 32, vocabulary: 300, maxTokens: 16}',
      training: '{epochs: 1, threads: 1, batchSize: 16}',
    }),
  );
  trained = await attune(folder(), 'train', '--out', 'model', '--json');
}, 300_000);

it('train learns in one epoch what an encoder alone would not, and evaluate finds the same in the bundle', async () => {
  expect(trained.code, trained.stderr).toBe(0);
  expect(explained(trained)).toBeGreaterThan(0.5);
  writeFileSync(join(folder(), 'other.csv'), csv(products(60, 2)));
  const ran = await attune(folder(), 'evaluate', '--model', 'model', '--json', 'other.csv');
  expect(ran.code, ran.stderr).toBe(0);
  expect(explained(ran)).toBeGreaterThan(0.5);
});

it('predict answers with what was saved, and says that the text told it', async () => {
  // The wide part by itself: what it says is near, so its features and weights came back.
  cpSync(join(folder(), 'model'), join(folder(), 'wide'), { recursive: true });
  const path = join(folder(), 'wide', 'attune.json');
  const file = JSON.parse(readFileSync(path, 'utf8')) as { numberBlend: Record<'deep' | 'wide', number[]> };
  expect(file.numberBlend.wide[0]).toBeGreaterThan(0);
  writeFileSync(path, JSON.stringify({ ...file, numberBlend: { deep: [0], wide: [1] } }));
  const rows = products(9, 3);
  writeFileSync(join(folder(), 'asked.csv'), csv(rows.map(({ weight: _, ...row }) => row)));
  const ran = await attune(
    folder(),
    ...['predict', '--model', 'wide', '--out', 'out.jsonl', '--contributions', 'asked.csv'],
  );
  expect(ran.code, ran.stderr).toBe(0);
  const lines = readFileSync(join(folder(), 'out.jsonl'), 'utf8').trimEnd().split('\n');
  for (const [i, { title, weight }] of rows.entries()) {
    const row = JSON.parse(lines[i]!) as { predicted_weight: number; predicted_weight_contributions: string };
    expect(Math.abs(row.predicted_weight / Number(weight) - 1), title).toBeLessThan(0.3);
    const { text, table } = JSON.parse(row.predicted_weight_contributions) as Record<string, number>;
    expect(Math.abs(text!), title).toBeGreaterThan(Math.abs(table!));
  }
});
