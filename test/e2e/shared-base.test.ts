/** Many models over one base: an adapter for each merchant, the encoder in memory once. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { openBase, openBundle, type ProductPrediction, train } from '../../src/index.ts';
import { readBundle } from '../../src/prediction/bundle.ts';
import { BundlePredictor } from '../../src/prediction/bundle-predictor.ts';
import { SharedBase } from '../../src/prediction/shared-base.ts';
import { writeRandomBert } from '../embed/random-bert.ts';
import { ended, start, workspace } from './attune.ts';
import { config, csv, shop } from './shop.ts';

const { folder } = workspace('shared-base');
const at = (name: string) => join(folder(), name);
/** What each merchant asks for. */
const ATTRIBUTES = {
  ada: '{color: choice, material: extract}',
  bob: '{kind: choice, color: choice, weight: {kind: number, unit: g}}',
} as const;
const MERCHANTS = ['ada', 'bob'] as const;
const products = shop(8, 77).map(({ sku, title, description }) => ({
  id: sku,
  texts: { title, description },
}));

async function trainOne(
  name: string,
  attributes: string,
  model: Readonly<Record<string, unknown>>,
  seed: number,
) {
  mkdirSync(at(`${name}-data`));
  writeFileSync(at(`${name}-data/products.csv`), csv(shop(60, seed)));
  const data = '{path: products.csv, id: sku}';
  writeFileSync(at(`${name}-data/attune.yaml`), config({ data, attributes, model: '{maxTokens: 16}' }));
  const settings = {
    'model.text': at('base'),
    'training.epochs': 1,
    'training.headLearningRate': 0.01,
    'training.learningRate': 0.01,
    ...Object.fromEntries(Object.entries(model).map(([key, value]) => [`model.${key}`, value])),
  };
  await train({ configFile: at(`${name}-data/attune.yaml`), out: at(name), settings });
}

beforeAll(async () => {
  const texts = shop(40).flatMap(({ title, description }) => [title, description]);
  const pooling = { modes: ['mean'], normalize: false } as const;
  for (const name of ['base', 'other'])
    await writeRandomBert(at(name), { texts, width: name === 'base' ? 16 : 32, pooling });
  const adapter = { kind: 'lora', rank: 2 };
  for (const [i, name] of MERCHANTS.entries()) await trainOne(name, ATTRIBUTES[name], { adapter }, i + 1);
  await trainOne('whole', ATTRIBUTES.ada, {}, 5);
}, 300_000);

function expectSame(given: readonly ProductPrediction[], expected: readonly ProductPrediction[]) {
  for (const [i, { attributes }] of expected.entries()) {
    for (const [name, said] of Object.entries(attributes)) {
      const other = given[i]!.attributes[name]!;
      if (typeof said.value === 'number') expect(other.value).toBeCloseTo(said.value, 2);
      else expect(other.value, name).toEqual(said.value);
      expect(other.confidence, name).toBeCloseTo(said.confidence, 4);
    }
  }
}

it('answers over a shared base as each model does by itself, swapped back and forth', async () => {
  const base = await openBase(at('base'));
  const over = { ada: await base.openBundle(at('ada')), bob: await base.openBundle(at('bob')) };
  const expected: Record<string, readonly ProductPrediction[]> = {};
  for (const name of MERCHANTS) {
    const alone = await openBundle(at(name), { threads: 1 });
    expected[name] = await alone.predict(products);
    await alone.close();
  }
  for (const name of ['ada', 'bob', 'ada', 'bob'] as const)
    expectSame(await over[name].predict(products), expected[name]!);
  await over.ada.close();
  expectSame(await over.bob.predict(products), expected.bob!);
  await over.bob.close();
});

it('holds the base once: what models have of it are the same arrays, and what is their own is little', async () => {
  const base = await SharedBase.open(at('base'));
  const [ada, bob] = [
    await base.under(await readBundle(at('ada'))),
    await base.under(await readBundle(at('bob'))),
  ];
  for (const [name, values] of base.weights) {
    if (!ada.shared.has(name)) continue;
    expect(ada.shared.get(name), name).toBe(values);
    expect(bob.shared.get(name), name).toBe(values);
  }
  const encoder = [...base.weights.keys()].filter((name) => /^(embeddings|encoder)\./.test(name));
  expect(encoder.filter((name) => !ada.shared.has(name))).toEqual([]);
  expect([...ada.own.keys()].filter((name) => /lora_[AB]/.test(name)).length).toBeGreaterThan(0);
});

it('serves models over a base from threads that hold it once, and refuses to load one that is not over it', async () => {
  const models = ['ada', 'bob', 'whole'].flatMap((name) => ['--model', `${name}=${name}`]);
  const args = (named: readonly string[]) => [
    ...['serve', ...named, '--base', 'base', '--port', '0', '--threads', '2', '--json'],
    ...['--log-level', 'error'],
  ];
  const refused = await ended(start(folder(), args(models)));
  expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('it has no adapter')]);
  const child = start(folder(), args(models.slice(0, 4)));
  const end = ended(child);
  const { url } = await new Promise<{ url: string }>((resolve, reject) => {
    child.stdout.on('data', (text: string) => resolve(JSON.parse(text)));
    end.then(({ stderr }) => reject(new Error(stderr)));
  });
  const ask = async (model: string): Promise<readonly ProductPrediction[]> => {
    const body = JSON.stringify({ model, products });
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(`${url}/v1/products:predict`, { method: 'POST', body, headers });
    return ((await response.json()) as { predictions: readonly ProductPrediction[] }).predictions;
  };
  const answers = await Promise.all(MERCHANTS.map(ask));
  for (const [i, name] of MERCHANTS.entries()) {
    const alone = await openBundle(at(name), { threads: 1 });
    expectSame(answers[i]!, await alone.predict(products));
    await alone.close();
  }
  child.kill('SIGTERM');
  expect((await end).code).toBe(0);
});

it('refuses a model that is not over the base, and says why', async () => {
  const base = await openBase(at('base'));
  await expect(base.openBundle(at('whole'))).rejects.toMatchObject({
    code: 'prediction/not-over-base',
    message: expect.stringContaining('has no adapter') as string,
  });
  const other = await openBase(at('other'));
  await expect(other.openBundle(at('ada'))).rejects.toMatchObject({ code: 'prediction/not-over-base' });
  const eight = { base: await SharedBase.open(at('base')), precision: 'int8' } as const;
  await expect(BundlePredictor.open(await readBundle(at('ada')), eight)).rejects.toMatchObject({
    code: 'prediction/bad-option',
  });
});
