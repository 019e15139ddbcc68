import { setTimeout as delay } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AttuneError } from '../../src/base/errors.ts';
import { modelContract, modelsContract } from '../../src/serving/api/models.ts';
import type { ModelRepository, OpenedVersion } from '../../src/serving/models/opened-version.ts';
import { placeOf, shadowFor, versionFor } from '../../src/serving/models/traffic.ts';
import type { RunningServer } from '../../src/serving/server.ts';
import { type Answer, type Json, post, predict, serve, versionOf } from './http.ts';
import { keywordPredictor } from './keyword-predictor.ts';

/** A version that takes a moment to answer, fails when it is asked after it was closed, and knows how often it was closed. */
function slowVersion(version: string, name = 'keywords'): OpenedVersion & { readonly closed: () => number } {
  const model = keywordPredictor();
  let closed = 0;
  const predictor: typeof model = {
    ...model,
    async predict(products, options) {
      if (closed > 0) throw new Error(`${version} is closed`);
      await delay(2);
      if (closed > 0) throw new Error(`${version} was closed under way`);
      return model.predict(products, options);
    },
  };
  const close = async () => {
    closed++;
  };
  return { ...versionOf(predictor, { name, version, close }), closed: () => closed };
}

/** Versions 1, 2 and 3 of the model `keywords`, the newest first. */
function repository(): ModelRepository & { readonly opened: ReturnType<typeof slowVersion>[] } {
  const opened: ReturnType<typeof slowVersion>[] = [];
  const versions = ['3', '2', '1'];
  return {
    opened,
    list: async () => versions.map((version) => ({ name: 'keywords', version })),
    async open(name, version = versions[0]!) {
      if (name === 'broken')
        throw new AttuneError('prediction/bundle-invalid', 'models/broken/attune.json is no JSON.');
      if (name !== 'keywords' || !versions.includes(version)) return undefined;
      opened.push(slowVersion(version));
      return opened.at(-1);
    },
  };
}

const admin = ({ url }: RunningServer, call: string, body: unknown = {}, model = 'keywords') =>
  post(`${url}/v1/models/${model}/${call}`, body);

async function share(server: RunningServer, body: unknown): Promise<Answer> {
  const response = await fetch(`${server.url}/v1/models/keywords/traffic`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { status: response.status, headers: response.headers, json: await response.json() };
}

describe('models that should answer and do not open', () => {
  const failed = [
    { name: 'keywords', version: '2', problem: 'It is broken.' },
    { name: 'bags', version: '7', problem: 'It is broken too.' },
  ];
  const told = async ({ url }: RunningServer): Promise<string[]> => {
    const { failed: all } = modelsContract.parse(await (await fetch(`${url}/v1/models`)).json());
    return all.map(({ name, version }) => `${name}@${version}`);
  };
  const start = () => serve({ models: [slowVersion('1')], repository: repository(), failed });

  it('are told beside those that answer, until they open or another is decided on', async () => {
    const server = await start();
    expect(await told(server)).toEqual(['keywords@2', 'bags@7']);
    await admin(server, 'load', { version: '3' });
    expect(await told(server)).toEqual(['keywords@2', 'bags@7']);
    await admin(server, 'load', { version: '2' });
    expect(await told(server)).toEqual(['bags@7']);
    expect((await admin(server, 'unload', {}, 'bags')).json).toEqual({ name: 'bags', unloaded: ['7'] });
    expect(await told(server)).toEqual([]);
    const promoted = await start();
    await admin(promoted, 'load', { version: '3' });
    await admin(promoted, 'promote', { version: '3' });
    expect(await told(promoted)).toEqual(['bags@7']);
  });
});

const model = async ({ url }: RunningServer, name = 'keywords'): Promise<Json> =>
  modelContract.parse(await (await fetch(`${url}/v1/models/${name}`)).json());

const versionsOf = ({ json }: Answer): string[] =>
  json.predictions.map(({ version }: { version: string }) => version);

const shirts = (count: number, description = '') =>
  Array.from({ length: count }, (_, i) => ({ id: `p${i}`, title: `red cotton, size ${i}`, description }));

describe('several models', () => {
  it('answer by name, the first where none is named, each with its own fields', async () => {
    const other = { ...keywordPredictor(), fields: ['name'] };
    const server = await serve({
      models: [versionOf(keywordPredictor()), versionOf(other, { name: 'names' })],
    });
    expect((await predict(server, { products: [{ title: 'red' }] })).json.model).toBe('keywords');
    expect((await predict(server, { model: 'names', products: [{ name: 'red' }] })).json.model).toBe('names');
    const wrong = await predict(server, { model: 'names', products: [{ title: 'red' }] });
    expect([wrong.status, wrong.json.detail]).toEqual([
      422,
      '"products[0].title" is not a field of the model "names". A product has: name, id, category, texts.',
    ]);
    const missing = await predict(server, { model: 'nams', products: [{ title: 'red' }] });
    expect([missing.status, missing.json.code, missing.json.hint]).toEqual([
      404,
      'serving/model-not-found',
      'Did you mean "names"?',
    ]);
    const line = await fetch(`${server.url}/v1/products:predict?model=names`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-ndjson' },
      body: '{"name":"red"}',
    });
    expect(JSON.parse(await line.text()).version).toBe('1');
    const document: Json = await (await fetch(`${server.url}/openapi.json`)).json();
    expect(document.components.schemas.ProductInput.anyOf.map((one: Json) => one.title)).toEqual([
      'keywords',
      'names',
    ]);
    const list = modelsContract.parse(await (await fetch(`${server.url}/v1/models`)).json());
    expect(list.models.map((one) => [one.name, one.default, one.fields])).toEqual([
      ['keywords', true, ['title', 'description']],
      ['names', false, ['name']],
    ]);
  });
});

describe('versions of a model', () => {
  it('are loaded, promoted, rolled back and unloaded without a dropped request', async () => {
    const there = repository();
    const first = slowVersion('1');
    const server = await serve({ models: [first], repository: there, maxBatch: 2, maxWaitMs: 0 });
    let steady = true;
    const answers: Answer[] = [];
    const client = async () => {
      while (steady)
        answers.push(await predict(server, { products: shirts(3, `${answers.length} of many`) }));
    };
    const clients = [client(), client(), client(), client()];
    const step = async (call: string, body?: unknown) => {
      const answer = await admin(server, call, body);
      expect(answer.status, JSON.stringify(answer.json)).toBe(200);
      const before = answers.length;
      while (answers.length < before + 8) await delay(1);
    };
    await step('load', { version: '2' });
    expect((await model(server)).version).toBe('1');
    await step('promote', { version: '2' });
    await step('unload', { version: '1' });
    expect(first.closed()).toBe(1);
    await step('load');
    await step('promote', { version: '3' });
    await step('rollback');
    expect(await model(server)).toMatchObject({ version: '2', previous: '1' });
    // It was unloaded, so it is loaded once more.
    await step('rollback');
    expect(await model(server)).toMatchObject({ version: '1', previous: null });
    await step('unload', { version: '3' });
    await step('load', { version: '1' });
    steady = false;
    await Promise.all(clients);
    const failed = answers.filter(({ status }) => status !== 200);
    expect(failed.map(({ json }) => json.detail)).toEqual([]);
    expect(new Set(answers.flatMap(versionsOf))).toEqual(new Set(['1', '2', '3']));
    const last = await admin(server, 'rollback');
    expect([last.status, last.json.code]).toEqual([409, 'serving/nothing-to-roll-back']);
    await server.close();
    expect(there.opened.map(({ version, closed }) => [version, closed()])).toEqual([
      ['2', 1],
      ['3', 1],
      ['1', 1],
      ['1', 1],
    ]);
  });

  it('that are asked for by name answer, live or not, and one that is not there is a problem', async () => {
    const server = await serve({ models: [slowVersion('1'), slowVersion('2')] });
    expect(versionsOf(await predict(server, { version: '2', products: shirts(2) }))).toEqual(['2', '2']);
    const missing = await predict(server, { version: '9', products: shirts(1) });
    expect([missing.status, missing.json.code, missing.json.hint]).toEqual([
      404,
      'serving/version-not-found',
      'Loaded are: 1, 2.',
    ]);
  });

  it('that answer are not unloaded; the whole model is, and comes back', async () => {
    const server = await serve({ models: [slowVersion('1'), slowVersion('2')], repository: repository() });
    for (const [shares, version, role] of [
      [{}, '1', 'answers'],
      [{ canary: { version: '2', share: 0.5 } }, '2', 'is the canary'],
      [{ shadow: { version: '2', share: 0.5 } }, '2', 'is the shadow'],
    ] as const) {
      await share(server, shares);
      const refused = await admin(server, 'unload', { version });
      expect([refused.status, refused.json.detail]).toEqual([
        409,
        `Version "${version}" of the model "keywords" ${role}, so it is not unloaded.`,
      ]);
    }
    const gone = await admin(server, 'unload');
    expect(gone.json).toEqual({ name: 'keywords', unloaded: ['1', '2'] });
    expect((await predict(server, { products: shirts(1) })).status).toBe(404);
    expect((await fetch(`${server.url}/v2/health/ready`)).status).toBe(503);
    expect((await admin(server, 'load')).json.version).toBe('3');
    expect(versionsOf(await predict(server, { products: shirts(1) }))).toEqual(['3']);
  });

  it('that cannot be loaded are a problem that says why, and what is there', async () => {
    const server = await serve({ models: [slowVersion('1')], repository: repository() });
    const broken = await admin(server, 'load', {}, 'broken');
    expect([broken.status, broken.json.code, broken.json.detail]).toEqual([
      422,
      'serving/load-failed',
      'The model "broken" cannot be loaded. models/broken/attune.json is no JSON.',
    ]);
    expect((await admin(server, 'load', { version: '9' })).json.hint).toBe('There are: 3, 2, 1.');
    expect((await admin(server, 'load', {}, 'none')).json.hint).toBe('There are: keywords.');
    const alone = await serve();
    expect((await admin(alone, 'load')).json.hint).toContain('--models');
    expect((await admin(server, 'promote', { version: '2' })).json.code).toBe('serving/version-not-found');
    expect((await share(server, { canary: { version: '1', share: 2 } })).status).toBe(422);
    const both = { version: '1', share: 0.5 };
    const refused = await share(server, { canary: both, shadow: both });
    expect([refused.status, JSON.stringify(refused.json)]).toEqual([
      422,
      expect.stringContaining('a version is one or the other'),
    ]);
  });
});

describe('shares', () => {
  it('give a canary its products: the same ones each time, and those of a small share in a larger one', async () => {
    const server = await serve({ models: [slowVersion('1'), slowVersion('2')], maxWaitMs: 0 });
    const canaries = async (canary?: number) => {
      await share(server, canary === undefined ? {} : { canary: { version: '2', share: canary } });
      const answer = await predict(server, { products: shirts(200) });
      return new Set(versionsOf(answer).flatMap((version, i) => (version === '2' ? [i] : [])));
    };
    const few = await canaries(0.1);
    expect(few.size).toBeGreaterThan(5);
    expect(few.size).toBeLessThan(40);
    expect(await canaries(0.1)).toEqual(few);
    const more = await canaries(0.5);
    expect([...few].every((i) => more.has(i))).toBe(true);
    expect(more.size).toBeGreaterThan(70);
    expect(more.size).toBeLessThan(130);
    expect((await model(server)).versions).toContainEqual({ version: '2', role: 'canary', share: 0.5 });
    expect((await canaries()).size).toBe(0);
    expect((await canaries(1)).size).toBe(200);
    // Promoted, it answers for all, and is no canary any more.
    const promoted = await admin(server, 'promote', { version: '2' });
    expect(promoted.json.versions.map((one: Json) => one.role)).toEqual(['idle', 'live']);
  });

  it('ask a shadow beside the version that answers, count where they differ, and never fail because of it', async () => {
    const keywords = keywordPredictor();
    const other: typeof keywords = {
      ...keywords,
      async predict(products, options) {
        if (products.some(({ texts }) => texts.title === 'poison')) throw new Error('poison');
        const said = await keywords.predict(products, options);
        return said.map((one) => ({
          ...one,
          attributes: { ...one.attributes, color: { ...one.attributes.color!, value: 'Green' } },
        }));
      },
    };
    const server = await serve({ models: [slowVersion('1'), versionOf(other, { version: '2' })] });
    await share(server, { shadow: { version: '2', share: 1 } });
    const answer = await predict(server, { products: [...shirts(3), { id: 'x', title: 'poison' }] });
    expect(versionsOf(answer)).toEqual(['1', '1', '1', '1']);
    expect(answer.json.predictions[0].attributes.color.value).toBe('Red');
    const tally = async (): Promise<Json> => (await model(server)).shadow;
    while ((await tally()).products + (await tally()).failed < 4) await delay(1);
    expect(await tally()).toEqual({ products: 3, failed: 1, dropped: 0, differing: { color: 3 } });
  });

  it('fall evenly over ids, and a shadow is never the version that answers', () => {
    const share = fc.record({
      version: fc.constantFrom('a', 'b'),
      share: fc.double({ min: 0.01, max: 1, noNaN: true }),
    });
    fc.assert(
      fc.property(share, share, fc.string(), (canary, shadow, id) => {
        const place = placeOf('model', id);
        expect(place).toBeGreaterThanOrEqual(0);
        expect(place).toBeLessThan(1);
        const traffic = { live: 'live', canary, shadow };
        const answers = versionFor(traffic, place);
        expect(answers).toBe(place < canary.share ? canary.version : 'live');
        expect(shadowFor(traffic, place)).not.toBe(answers);
      }),
    );
    const places = Array.from({ length: 10_000 }, (_, i) => placeOf('model', `sku-${i}`));
    expect(places.filter((place) => place < 0.25).length).toBeGreaterThan(2300);
    expect(places.filter((place) => place < 0.25).length).toBeLessThan(2700);
  });
});
