/** `attune serve` with several models, from the command line: what is served, loaded while it runs, and cannot be loaded. */
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, expect, it } from 'vitest';
import { openBundle } from '../../src/index.ts';
import { attune, ended, type Ran, start, workspace } from './attune.ts';
import { openShop } from './shop.ts';

const { folder } = workspace('serve');
const running: { stop(): Promise<Ran> }[] = [];

beforeAll(async () => {
  openShop(folder());
  const trained = await attune(folder(), 'train', '-c', 'attune.yaml', '--out', 'model');
  expect(trained.code, trained.stderr).toBe(0);
});

afterEach(async () => {
  for (const one of running.splice(0)) expect((await one.stop()).code).toBe(0);
});

// biome-ignore lint/suspicious/noExplicitAny: tests read answers of every shape, and fail when they read wrong
type Json = any;

/** A service on a free port, told to stop after the test. */
async function serve(...args: readonly string[]) {
  const child = start(folder(), ['serve', '--port', '0', '--threads', '1', '--json', ...args]);
  const end = ended(child);
  const told = await new Promise<Json>((resolve, reject) => {
    child.stdout.on('data', (text: string) => resolve(JSON.parse(text)));
    end.then(({ stderr }) => reject(new Error(stderr)));
  });
  running.push({
    stop: () => {
      child.kill('SIGTERM');
      return end;
    },
  });
  const call = async (path: string, body?: unknown): Promise<{ status: number; json: Json }> => {
    const response = await fetch(`${told.url}${path}`, {
      ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
      headers: { 'content-type': 'application/json' },
    });
    return { status: response.status, json: await response.json() };
  };
  return { told, call };
}

const products = [{ id: 'p1', title: 'Blue mug', description: 'A mug made of glass, 200 g' }];

it('serves models by name and version, the first where none is named, all with the same answers here', async () => {
  const models = ['--model', 'shoes@7=model', '--model', 'bags=model'];
  const { told, call } = await serve(...models, '--threads', '2');
  expect(told.models.map((one: Json) => one.name)).toEqual(['shoes', 'bags']);
  expect(told.models[0].version).toBe('7');
  const first = await call('/v1/products:predict', { products });
  const second = await call('/v1/products:predict', { products, model: 'bags' });
  expect([first.json.model, first.json.predictions[0].version]).toEqual(['shoes', '7']);
  expect([second.json.model, second.json.predictions[0].version]).toEqual(['bags', told.models[1].version]);
  expect(told.models[1].version).toMatch(/^[0-9a-f]{12}$/);
  expect(second.json.predictions[0].attributes).toEqual(first.json.predictions[0].attributes);
  // Asked alone, it was answered by the copy over all threads; among others by one thread.
  const others = Array.from({ length: 6 }, (_, i) => ({ ...products[0], id: `o${i}`, title: `Mug ${i}` }));
  const among = await call('/v1/products:predict', { products: [...others, { title: 'A red mug' }] });
  const alone = await openBundle(join(folder(), 'model'), { threads: 1 });
  const texts = [...others, { title: 'A red mug' }, products[0]!].map(({ id: _, ...fields }: Json) => ({
    texts: fields,
  }));
  const expected = await alone.predict(texts);
  await alone.close();
  const answers = [...among.json.predictions, first.json.predictions[0]];
  for (const [i, { attributes }] of expected.entries())
    for (const [name, { value, confidence }] of Object.entries(attributes)) {
      expect(answers[i].attributes[name].value, name).toEqual(value);
      expect(answers[i].attributes[name].confidence, name).toBeCloseTo(confidence, 4);
    }
  const measured = JSON.parse(readFileSync(join(folder(), 'model/attune.json'), 'utf8')).metrics.test;
  const figures = await call('/v1/models/bags/figures');
  expect(figures.json.version).toBe(told.models[1].version);
  expect(measured.length).toBeGreaterThan(0);
  expect(figures.json.attributes.map((one: Json) => [one.attribute, one.products, one.accuracy])).toEqual(
    measured.map((one: Json) => [one.attribute, one.count, one.accuracy ?? null]),
  );
  for (const { attribute, count } of measured) {
    const { json } = await call(`/v1/models/bags/figures/${attribute}`);
    expect(json.detail).toMatchObject({ attribute, products: count });
    expect(json.detail.coverage.at(-1)?.accepted ?? 0).toBe(count);
  }
  expect(await call('/v1/models/bags/figures/colr')).toMatchObject({
    status: 404,
    json: { code: 'serving/attribute-not-found' },
  });
});

it('serves the newest version of each model in a folder, and loads others while it runs, whole ones only', async () => {
  const models = join(folder(), 'models');
  const bundle = join(folder(), 'model');
  mkdirSync(models);
  cpSync(bundle, join(models, 'bags'), { recursive: true });
  for (const version of ['9', '10']) cpSync(bundle, join(models, 'shoes', version), { recursive: true });
  const { told, call } = await serve('--models', 'models');
  expect(told.models.map((one: Json) => [one.name, one.version])).toEqual([
    ['bags', expect.stringMatching(/^[0-9a-f]{12}$/)],
    ['shoes', '10'],
  ]);
  const load = (version: string) => call('/v1/models/shoes/load', { version });
  expect((await load('9')).json.versions.map((one: Json) => one.version)).toEqual(['10', '9']);

  const broken = (version: string, breakIt: (bundle: string) => void) => {
    const copy = join(models, 'shoes', version);
    cpSync(bundle, copy, { recursive: true });
    breakIt(copy);
  };
  const file = (copy: string) => JSON.parse(readFileSync(join(copy, 'attune.json'), 'utf8')) as object;
  broken('11', (copy) => writeFileSync(join(copy, 'attune.json'), '{"half": '));
  broken('12', (copy) =>
    writeFileSync(join(copy, 'attune.json'), JSON.stringify({ ...file(copy), format: 99 })),
  );
  broken('13', (copy) => rmSync(join(copy, 'model.safetensors')));
  broken('14', (copy) => {
    const weights = readFileSync(join(copy, 'model.safetensors'));
    writeFileSync(join(copy, 'model.safetensors'), weights.subarray(0, weights.length / 2));
  });
  for (const [version, why] of [
    ['11', 'is no JSON'],
    ['12', 'has format 99; this Attune reads'],
    ['13', 'safetensors'],
    ['14', 'safetensors'],
  ] as const) {
    const { status, json } = await load(version);
    expect([status, json.code], json.detail).toEqual([422, 'serving/load-failed']);
    expect(json.detail).toContain(why);
  }
  expect((await call('/v1/products:predict', { products, model: 'shoes' })).json.predictions[0].version).toBe(
    '10',
  );
});

it('refuses to start with no model, with two of one name and version, and with a name that is none', async () => {
  const none = await attune(folder(), 'serve');
  expect([none.code, none.stderr]).toEqual([1, expect.stringContaining('--models FOLDER')]);
  const twice = await attune(folder(), 'serve', '--model', 'model', '--model', 'model');
  expect([twice.code, twice.stderr]).toEqual([2, expect.stringContaining('NAME@VERSION=FOLDER')]);
  const wrong = await attune(folder(), 'serve', '--model', '@1=model');
  expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining('"@1=model" names no model')]);
});
