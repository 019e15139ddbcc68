import { setTimeout as delay } from 'node:timers/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ProductInput, ProductPrediction } from '../../src/prediction/prediction.ts';
import { type AnswerCache, memoryCache, tieredCache } from '../../src/serving/cache/answer-cache.ts';
import { contentKey } from '../../src/serving/cache/content-key.ts';
import { redisCache } from '../../src/serving/cache/redis-cache.ts';
import { type Json, post, predict, serve, versionOf } from './http.ts';
import { keywordPredictor } from './keyword-predictor.ts';
import { redis } from './redis.ts';

/** The keyword predictor, which counts what it is asked, and works only while its gate is open. */
function countingPredictor() {
  const model = keywordPredictor();
  const asked: string[] = [];
  let open!: () => void;
  let gate = Promise.resolve();
  const predict: typeof model.predict = async (products, options) => {
    asked.push(...products.map(({ texts }) => texts.title ?? ''));
    await gate;
    if (products.some(({ texts }) => texts.title === 'poison')) throw new Error('poison');
    return model.predict(products, options);
  };
  return {
    predictor: { ...model, predict },
    asked,
    shut: () => {
      gate = new Promise((resolve) => {
        open = resolve;
      });
    },
    open: () => open(),
  };
}

const attributesOf = ({ json }: { json: Json }) => json.predictions.map((one: Json) => one.attributes);
/** Asks until it is so; a test that waits in vain fails by its time. */
async function until(
  so: () => Promise<boolean> | boolean,
  { signal }: { signal: AbortSignal },
): Promise<void> {
  while (!(await so())) {
    signal.throwIfAborted();
    await delay(5);
  }
}

const metric = async (url: string, name: string) =>
  Number(
    new RegExp(`^${name}\\{[^}]*\\} (\\d+)`, 'm').exec(await (await fetch(`${url}/metrics`)).text())?.[1] ??
      0,
  );

describe('answers that are kept', () => {
  it('are given again for the same content, whatever its id, and not for another', async () => {
    const { predictor, asked } = countingPredictor();
    const server = await serve({ predictor });
    const first = await predict(server, { products: [{ id: 'a', title: 'red' }] });
    const again = await predict(server, { products: [{ id: 'b', title: 'red' }, { title: 'navy' }] });
    expect(asked).toEqual(['red', 'navy']);
    expect(again.json.predictions[0].id).toBe('b');
    expect(attributesOf(again)[0]).toEqual(attributesOf(first)[0]);
    const more = await predict(server, { products: [{ title: 'red' }], topK: 2 });
    expect(asked).toEqual(['red', 'navy', 'red']);
    expect(more.json.predictions[0].attributes.color.alternatives).toHaveLength(2);
    expect(await metric(server.url, 'attune_cache_hits_total')).toBe(1);
    expect(await metric(server.url, 'attune_cache_misses_total')).toBe(3);
  });

  it('belong to a version, and to the id where a model reads it', async () => {
    const { predictor, asked } = countingPredictor();
    const server = await serve({
      models: [versionOf(predictor), versionOf(predictor, { version: '2', readsIds: true })],
    });
    const ask = (version: string, id: string) =>
      predict(server, { version, products: [{ id, title: 'red' }] });
    for (const [version, id, count] of [
      ['1', 'a', 1],
      ['1', 'b', 1],
      ['2', 'a', 2],
      ['2', 'a', 2],
      ['2', 'b', 3],
    ] as const) {
      await ask(version, id);
      expect(asked).toHaveLength(count);
    }
  });

  it('are not kept when the model failed, nor where nothing is to be kept', async () => {
    const failing = countingPredictor();
    const server = await serve({ predictor: failing.predictor });
    for (const _ of [1, 2])
      expect((await predict(server, { products: [{ title: 'poison' }] })).status).toBe(500);
    expect(failing.asked).toHaveLength(2);
    const { predictor, asked } = countingPredictor();
    const forgetful = await serve({ predictor, maxCacheBytes: 0 });
    for (const _ of [1, 2]) await predict(forgetful, { products: [{ title: 'red' }] });
    expect(asked).toHaveLength(2);
  });

  it('take no more memory than they may: the least used go first', async () => {
    const prediction: ProductPrediction = { id: '', attributes: {}, missing: ['x'.repeat(1000)] };
    const cache = memoryCache(20_000);
    for (let i = 0; i < 100; i++) {
      cache.set(`k${i}`, prediction);
      await cache.get(['k0']);
    }
    const kept = (await cache.get(Array.from({ length: 100 }, (_, i) => `k${i}`))).map(
      (one) => one !== undefined,
    );
    expect([kept[0], kept[1], kept[99]]).toEqual([true, false, true]);
    expect(kept.filter(Boolean)).toHaveLength(4);
  });
});

describe('a product that several requests ask for at once', () => {
  it('is predicted once, for all of them, and within one request too', async (test) => {
    const { predictor, asked, shut, open } = countingPredictor();
    const server = await serve({ predictor, maxWaitMs: 0 });
    shut();
    const body = { products: [{ title: 'red' }, { title: 'red' }, { title: 'navy' }] };
    const all = [predict(server, body), predict(server, body), predict(server, body)];
    await until(async () => (await metric(server.url, 'attune_cache_misses_total')) >= 9, test);
    open();
    const answers = await Promise.all(all);
    expect([...asked].sort()).toEqual(['navy', 'red']);
    for (const answer of answers) expect(attributesOf(answer)).toEqual(attributesOf(answers[0]!));
  });

  it('is predicted as long as one of them waits, and not any more when all have gone', async (test) => {
    const { predictor, asked, shut, open } = countingPredictor();
    const server = await serve({ predictor, maxWaitMs: 0, maxBatch: 1 });
    shut();
    const held = predict(server, { products: [{ title: 'held' }] });
    await until(() => asked.length > 0, test);
    const leaving = new AbortController();
    const send = (title: string, signal?: AbortSignal) =>
      fetch(`${server.url}/v1/products:predict`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ products: [{ title }] }),
        ...(signal ? { signal } : {}),
      });
    const gone = [send('joined', leaving.signal), send('left', leaving.signal), send('left', leaving.signal)];
    await until(async () => (await metric(server.url, 'attune_cache_misses_total')) >= 4, test);
    const stays = send('joined');
    await until(async () => (await metric(server.url, 'attune_cache_misses_total')) >= 5, test);
    leaving.abort();
    for (const one of gone) await expect(one).rejects.toThrow();
    await until(async () => (await metric(server.url, 'attune_queued_products')) <= 1, test);
    open();
    const answer: Json = await (await stays).json();
    expect(answer.predictions[0].attributes.color.value).toBeNull();
    await held;
    expect(asked).toEqual(['held', 'joined']);
  });
});

describe('bodies that are read at once', () => {
  it('are refused with 429 before they are read, where they would take too much memory together', async (test) => {
    const { predictor, shut, open } = countingPredictor();
    const server = await serve({ predictor, maxReadingBytes: 3000 });
    shut();
    const body = (title: string) => ({ products: [{ title, description: 'x'.repeat(2000) }] });
    const first = predict(server, body('a'));
    await until(async () => (await metric(server.url, 'attune_cache_misses_total')) >= 1, test);
    const refused = await predict(server, body('b'));
    expect([refused.status, refused.json.code, refused.headers.get('retry-after')]).toEqual([
      429,
      'serving/queue-full',
      '1',
    ]);
    const tensors = await post(`${server.url}/v2/models/keywords/infer`, Buffer.alloc(2000), {
      'content-type': 'application/octet-stream',
    });
    expect([tensors.status, tensors.json.code]).toEqual([429, 'serving/queue-full']);
    open();
    expect((await first).status).toBe(200);
    expect((await predict(server, body('c'))).status).toBe(200);
  });
});

describe('contentKey', () => {
  const asked = { topK: 0, contributions: false, readsIds: false };
  const product = fc.record({
    id: fc.string(),
    category: fc.string(),
    texts: fc.dictionary(fc.constantFrom('title', 'description'), fc.string()),
    table: fc.dictionary(fc.constantFrom('price', 'made'), fc.oneof(fc.string(), fc.double({ noNaN: true }))),
    media: fc.record({
      cells: fc.dictionary(fc.constantFrom('photo'), fc.array(fc.uint8Array({ maxLength: 9 }))),
    }),
  });
  it('differs where anything differs that a model reads, and only there', () => {
    const plain = ({ id: _, media, ...rest }: Json) =>
      JSON.stringify([rest, (media.cells.photo ?? []).map((one: Uint8Array) => [...one])]);
    fc.assert(
      fc.property(product, product, (a, b) => {
        const same = contentKey(a as ProductInput, asked) === contentKey(b as ProductInput, asked);
        expect(same).toBe(plain(a) === plain(b));
        expect(contentKey({ ...a, id: 'x' } as ProductInput, asked)).toBe(
          contentKey(a as ProductInput, asked),
        );
        expect(contentKey(a as ProductInput, { ...asked, topK: 1 })).not.toBe(
          contentKey(a as ProductInput, asked),
        );
      }),
    );
  });
});

describe.skipIf(redis.missing)('answers in a Redis', () => {
  let server: Awaited<ReturnType<typeof redis.start>>;
  beforeAll(async () => {
    server = await redis.start();
  });
  afterAll(() => server?.stop());

  const prediction: ProductPrediction = { id: 'x', attributes: {}, missing: ['color'] };
  const has = (cache: AnswerCache, key: string) => async () => (await cache.get([key]))[0] !== undefined;
  const written = (cache: AnswerCache) => () => {
    cache.set('k', prediction);
    return has(cache, 'k')();
  };

  it('are there for another service, and go to its memory', async (test) => {
    const caches = [0, 1].map(() => redisCache({ url: server.url, onTrouble: () => {} }));
    await until(written(caches[0]!), test);
    const near = memoryCache(10_000);
    await until(has(tieredCache(near, caches[1]!), 'k'), test);
    expect(await near.get(['k', 'other'])).toEqual([prediction, undefined]);
    for (const cache of caches) await cache.close();
  });

  it('are missing, and nothing else happens, when Redis goes away', async (test) => {
    const own = await redis.start();
    const troubles: unknown[] = [];
    const cache = redisCache({ url: own.url, onTrouble: (error) => troubles.push(error) });
    await until(written(cache), test);
    const service = await serve({ sharedCache: cache });
    await own.stop();
    await until(() => troubles.length > 0, test);
    expect((await predict(service, { products: [{ title: 'navy' }] })).status).toBe(200);
    expect(await cache.get(['k'])).toEqual([undefined]);
  });
});
