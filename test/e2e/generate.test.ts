/** Free texts: a missing title and a list of points, which are functions of other columns, learned, written and served. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { Random } from '../../src/base/random.ts';
import { readBundle } from '../../src/prediction/bundle.ts';
import { BundlePredictor } from '../../src/prediction/bundle-predictor.ts';
import { attune, ended, start, workspace } from './attune.ts';
import { csv } from './shop.ts';

const { folder } = workspace('generate');

const BRANDS = ['Norvik', 'Alta Luz', 'Bergen', 'Casa Roma', 'Delmar', 'Fjord'];
const COLORS = ['navy', 'red', 'forest green', 'black', 'sand'];
const MATERIALS = ['wool', 'cotton', 'linen', 'leather'];
const KINDS = ['scarf', 'jacket', 'bag', 'hat'];

const capital = (text: string) => text[0]!.toUpperCase() + text.slice(1);

/** A quarter of the titles is missing. */
function products(count: number, seed: number) {
  const random = new Random(seed, 0x9e);
  return Array.from({ length: count }, (_, i) => {
    const [brand, color] = [random.pick(BRANDS), random.pick(COLORS)];
    const [material, kind] = [random.pick(MATERIALS), random.pick(KINDS)];
    return {
      sku: `p${i}`,
      brand,
      color,
      material,
      kind,
      title: random.below(4) === 0 ? '' : `${brand} ${material} ${kind} in ${color}`,
      points: `${capital(material)} ${kind}|${capital(color)} colour`,
    };
  });
}

const CONFIG = `data: {path: products.csv, id: sku, category: kind}
inputs: {brand: text, title: text}
attributes:
  color: choice
  material: choice
  title: {kind: generate, given: [color, material], maxTokens: 24, beams: 2}
  points: {kind: generate, given: [color, material], reads: [brand], list: true}
model: {layers: 2, width: 64, maxTokens: 96, vocabulary: 500}
training: {epochs: 1, decoderEpochs: 9, threads: 1, headLearningRate: 0.003}
`;

function place(name: string, config = CONFIG, count = 600): string {
  const path = join(folder(), name);
  mkdirSync(path);
  writeFileSync(join(path, 'products.csv'), csv(products(count, 1)));
  writeFileSync(join(path, 'attune.yaml'), config);
  return path;
}

const read = (path: string) => readFileSync(path, 'utf8');

it('learns to write texts, and writes those that are missing', { timeout: 180_000 }, async () => {
  const path = place('whole');
  const trained = await attune(path, 'train', '--out', 'model', '--json');
  expect(trained.stderr).toContain('title (generate)');
  expect(trained.stderr).toMatch(/Writing, epoch 9: train loss/);
  const { results } = JSON.parse(trained.stdout) as {
    results: { attribute: string; kind: string; chrF?: number; accuracy: number }[];
  };
  for (const name of ['title', 'points']) {
    const result = results.find(({ attribute }) => attribute === name)!;
    expect(result.kind).toBe('generate');
    expect(result.chrF).toBeGreaterThan(0.9);
    expect(result.accuracy).toBeGreaterThan(0.7);
  }
  expect(read(join(path, 'model', 'report.html'))).toContain('chrF');
  expect(read(join(path, 'model', 'README.md'))).toMatch(
    /- title of p\d+: "[A-Z].* in .*"; in the catalog: "/,
  );
  const decoder = JSON.parse(read(join(path, 'model', 'decoder', 'config.json')));
  expect(decoder).toMatchObject({ model_type: 'gpt2', architectures: ['GPT2LMHeadModel'] });

  // New products of a shop that has no titles at all.
  const fresh = products(40, 2).map(({ title: _, points: __, ...own }) => own);
  writeFileSync(join(path, 'new.csv'), csv(fresh));
  const predicted = await attune(path, 'predict', '--model', 'model', 'new.csv', '--out', 'out.jsonl');
  expect(predicted.stderr).toContain('40 rows predicted');
  const rows = read(join(path, 'out.jsonl'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  const right = rows.filter(
    (row) => row.predicted_title === `${row.brand} ${row.material} ${row.kind} in ${row.color}`,
  );
  expect(right.length).toBeGreaterThan(28);
  const first = rows.find((row) => row.sku === 'p0')!;
  expect([first.predicted_points].flat().join()).toContain(capital(String(first.material)));
  expect(Number(first.predicted_title_confidence)).toBeGreaterThan(0);

  const evaluated = await attune(path, 'evaluate', '--model', 'model', 'products.csv', '--json');
  expect(evaluated.code).toBe(0);
  expect(evaluated.stdout).toContain('"chrF"');

  const predictor = await BundlePredictor.open(await readBundle(join(path, 'model')), { threads: 1 });
  try {
    const values = { color: ['navy'], material: ['wool'] };
    const ask = (title: string) =>
      predictor.predict([{ category: 'hat', texts: { brand: 'Fjord', title }, values }]);
    const [[without], [withTitle]] = [await ask(''), await ask('Something else altogether')];
    expect(without!.attributes.title!.value).toBe('Fjord wool hat in navy');
    expect(without!.attributes.points!.value).toEqual(['Wool hat', 'Navy colour']);
    // What stands in the attribute's own column is not read: it would be the answer.
    expect(withTitle!.attributes.title).toEqual(without!.attributes.title);
  } finally {
    await predictor.close();
  }
});

it('a run that is killed while it learns to write ends as one that was not', {
  timeout: 180_000,
}, async () => {
  const config = CONFIG.replace('decoderEpochs: 9', 'decoderEpochs: 3, saveEverySteps: 3');
  const [calm, killed] = [place('calm', config, 200), place('killed', config, 200)];
  expect((await attune(calm, 'train', '--out', 'model')).code).toBe(0);
  const child = start(killed, ['train', '--out', 'model']);
  const running = ended(child);
  while (child.exitCode === null && !existsSync(join(killed, 'model.run.decoder', 'run.json'))) await wait(5);
  child.kill('SIGKILL');
  expect((await running).code).toBeNull();
  const resumed = await attune(killed, 'train', '--out', 'model', '--resume');
  expect(resumed.code).toBe(0);
  expect(resumed.stderr).toMatch(/The decoder of texts goes on after step \d+/);
  expect(existsSync(join(killed, 'model.run.decoder'))).toBe(false);
  const hash = (path: string, file: string) =>
    createHash('sha256')
      .update(readFileSync(join(path, 'model', file)))
      .digest('hex');
  for (const file of ['decoder/model.safetensors', 'decoder/tokenizer.json', 'model.safetensors'])
    expect(hash(killed, file)).toBe(hash(calm, file));
  const figures = (path: string) => JSON.parse(read(join(path, 'model', 'attune.json'))).metrics;
  expect(figures(killed)).toEqual(figures(calm));
});

it('needs no attribute of another kind, and starts from a GPT-2 folder', { timeout: 180_000 }, async () => {
  const only = CONFIG.replace(/ {2}(color|material): choice\n/g, '')
    .replace(/ {2}points.*\n/, '')
    .replace('title: {kind: generate, given: [color, material]', 'title: {kind: generate')
    .replace('{brand: text, title: text}', '{words: {kind: text, column: [brand, color, material]}}');
  const path = place('only', only.replace('decoderEpochs: 9', 'decoderEpochs: 1'), 200);
  const trained = await attune(path, 'train', '--out', 'first');
  expect(trained.code).toBe(0);
  const refused = await attune(path, 'export', '--model', 'first', '--to', 'onnx', 'model.onnx');
  expect(refused.stderr).toContain('prediction/only-texts');
  const exported = await attune(
    path,
    ...['export', '--model', 'first', '--to', 'huggingface', '--part', 'decoder', 'gpt2'],
  );
  expect(exported.stderr).toMatch(/Wrote gpt2: \d+ tensors/);
  const more = await attune(
    path,
    ...['train', '--out', 'second', '--set', 'model.decoder=./gpt2', '--set', 'training.learningRate=0.001'],
  );
  expect(more.stderr).toMatch(/gpt2 \(gpt2, 2 layers, 64 wide\)/);
  expect(more.code).toBe(0);
  const predicted = await attune(path, 'predict', '--model', 'second', 'products.csv', '--out', 'out.csv');
  expect(predicted.stderr).toContain('200 rows predicted');
});

it('refuses settings that would give the answer away', async () => {
  const path = place('leak', CONFIG, 20);
  const run = (setting: string) => attune(path, 'train', '--out', 'model', '--set', setting);
  expect((await run('attributes.title.reads=[title]')).stderr).toMatch(/gives the answer away/);
  expect((await run('attributes.title.given=[title]')).stderr).toMatch(/gives the answer away/);
  expect((await run('attributes.title.given=[size]')).stderr).toMatch(/size, which is no attribute/);
  expect((await run('attributes.title.reads=[colour]')).stderr).toMatch(/colour, which is no text input/);
});
