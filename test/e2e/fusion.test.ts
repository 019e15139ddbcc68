/** The ways to join modalities through the commands: each trains, predicts and is exported; `auto` keeps the best. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { Random } from '../../src/base/random.ts';
import { attune, workspace } from './attune.ts';
import { config, csv } from './shop.ts';

const { folder } = workspace('fusion');

/** The title says the kind, the price the tier. */
function told(count: number, seed: number) {
  const random = new Random(seed);
  return Array.from({ length: count }, (_, i) => {
    const kind = random.pick(['shirt', 'mug', 'lamp']);
    const price = 5 + 90 * random.uniform();
    return {
      sku: `${seed}-${i}`,
      title: `${kind} number ${random.below(1000)}`,
      price: price.toFixed(2),
      kind,
      tier: price < 50 ? 'cheap' : 'dear',
    };
  });
}

const settings = (fusion: string) =>
  config({
    data: '{path: products.csv, id: sku, split: {by: hash, dev: 0.2, test: 0.2}}',
    inputs: '{title: text, price: number}',
    attributes: '{kind: choice, tier: choice}',
    model: `{layers: 1, width: 32, vocabulary: 300, maxTokens: 16, wide: false, fusion: ${fusion}}`,
    training: '{epochs: 10, patience: 10, threads: 1, batchSize: 8}',
  });

beforeAll(() => {
  writeFileSync(join(folder(), 'products.csv'), csv(told(240, 1)));
  writeFileSync(join(folder(), 'asked.csv'), csv([{ sku: 'no-price', title: 'mug number 7', price: '' }]));
});

it.each(['attention', 'late'])(
  'fusion: %s learns, does without a modality, and is exported',
  async (fusion) => {
    writeFileSync(join(folder(), 'attune.yaml'), settings(fusion));
    const trained = await attune(folder(), 'train', '--out', fusion, '--json');
    expect(trained.code, trained.stderr).toBe(0);
    const { results } = JSON.parse(trained.stdout) as { results: { attribute: string; accuracy: number }[] };
    for (const { attribute, accuracy } of results) expect(accuracy, attribute).toBeGreaterThan(0.85);
    const predicted = await attune(
      folder(),
      ...['predict', '--model', fusion, '--contributions', '--out', `${fusion}.jsonl`, 'asked.csv'],
    );
    expect(predicted.code, predicted.stderr).toBe(0);
    const row = JSON.parse(readFileSync(join(folder(), `${fusion}.jsonl`), 'utf8')) as Record<string, string>;
    expect(row.predicted_kind).toBe('mug');
    const { text, table } = JSON.parse(row.predicted_kind_contributions!) as Record<string, number>;
    expect(table).toBe(0);
    expect(text).toBeGreaterThan(0.1);
    const exported = await attune(
      folder(),
      ...['export', '--model', fusion, '--to', 'onnx', `${fusion}.onnx`],
    );
    expect(exported.code, exported.stderr).toBe(0);
  },
);

it('fusion: auto trains each, says how each did, and keeps one', async () => {
  writeFileSync(join(folder(), 'attune.yaml'), settings('auto'));
  const trained = await attune(folder(), 'train', '--out', 'auto', '--set', 'training.epochs=2');
  expect(trained.code, trained.stderr).toBe(0);
  expect(trained.stderr).toContain('joined by the best of concat, gated, attention, late');
  const said = /concat ([\d.]+), gated ([\d.]+), attention ([\d.]+), late ([\d.]+)\. (\w+) is kept/.exec(
    trained.stderr,
  )!;
  const scores = said.slice(1, 5).map(Number);
  const kinds = ['concat', 'gated', 'attention', 'late'];
  expect(said[5]).toBe(kinds[scores.indexOf(Math.max(...scores))]);
  const bundle = JSON.parse(readFileSync(join(folder(), 'auto', 'attune.json'), 'utf8')) as {
    model: { fusion: string };
  };
  expect(bundle.model.fusion).toBe(said[5]);
  expect(existsSync(join(folder(), 'auto.run'))).toBe(false);
});

it('fusion: auto without dev products says what it lacks', async () => {
  writeFileSync(join(folder(), 'attune.yaml'), settings('auto').replace('dev: 0.2', 'dev: 0'));
  const trained = await attune(folder(), 'train', '--out', 'none');
  expect(trained.code).not.toBe(0);
  expect(trained.stderr).toContain('chooses on the dev products');
});
