import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { PredictOptions, ProductInput, ProductPrediction } from '../prediction/prediction.ts';
import { Batcher } from './batcher.ts';

const LIMITS = { maxBatch: 4, maxBatchTokens: 1000, maxWaitMs: 1, maxQueued: 8, maxQueuedCharacters: 1000 };
const never = new AbortController().signal;
const product = (title: string): ProductInput => ({ id: title, texts: { title } });
const products = (...titles: string[]) => titles.map(product);

/** Answers with the product's own id when told to, and remembers what it was asked. */
function gatedModel(fails: (title: string) => boolean = () => false) {
  const batches: string[][] = [];
  const topKs: (number | undefined)[] = [];
  let open!: () => void;
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  let atWork = 0;
  let most = 0;
  return {
    batches,
    topKs,
    open,
    mostAtOnce: () => most,
    async predict(batch: readonly ProductInput[], options?: { topK?: number }) {
      most = Math.max(most, ++atWork);
      batches.push(batch.map(({ texts }) => texts.title!));
      topKs.push(options?.topK);
      await gate;
      atWork--;
      if (batch.some(({ texts }) => fails(texts.title!))) throw new Error('poison');
      return batch.map(({ id }): ProductPrediction => ({ id: id!, attributes: {}, missing: [] }));
    },
  };
}

const ids = (outcomes: readonly { ok: boolean }[]) =>
  outcomes.map((outcome) => (outcome as { prediction?: ProductPrediction }).prediction?.id ?? 'failed');

describe('Batcher', () => {
  it('predicts concurrent requests together, and gives each its own answers in its own order', async () => {
    const model = gatedModel();
    const batcher = new Batcher(model, { ...LIMITS, maxWaitMs: 1000 });
    model.open();
    const answers = await Promise.all([
      batcher.submit(products('a1', 'a2'), { topK: 0, signal: never }),
      batcher.submit(products('b1'), { topK: 3, signal: never }),
      batcher.submit(products('c1'), { topK: 1, signal: never }),
    ]);
    expect(model.batches).toEqual([['a1', 'b1', 'c1', 'a2']]);
    expect(answers.map(ids)).toEqual([['a1', 'a2'], ['b1'], ['c1']]);
    expect(model.topKs).toEqual([3]);
  });

  it('says what modalities contributed to those who asked, and keeps what that costs from the others', async () => {
    const asked: unknown[] = [];
    const model = {
      predict: async (batch: readonly ProductInput[], options?: PredictOptions) => {
        asked.push([batch.map(({ id }) => id), options?.contributions ?? false]);
        return batch.map(({ id }): ProductPrediction => ({ id: id!, attributes: {}, missing: [] }));
      },
    };
    const batcher = new Batcher(model, { ...LIMITS, maxWaitMs: 1000 });
    const answers = await Promise.all([
      batcher.submit(products('a1', 'a2'), { topK: 0, signal: never }),
      batcher.submit(products('b1', 'b2'), { topK: 0, contributions: true, signal: never }),
      batcher.submit(products('c1'), { topK: 0, signal: never }),
    ]);
    expect(asked).toEqual([
      [['a1', 'c1', 'a2'], false],
      [['b1', 'b2'], true],
    ]);
    expect(answers.map(ids)).toEqual([['a1', 'a2'], ['b1', 'b2'], ['c1']]);
  });

  it('starts a batch that is not full when the deadline comes, whatever else is at work', async () => {
    const model = gatedModel();
    const batcher = new Batcher({ ...model, parallel: 2 }, LIMITS);
    const asked = [batcher.submit(products('held'), { topK: 0, signal: never })];
    await expect.poll(() => model.batches).toEqual([['held']]);
    asked.push(batcher.submit(products('lonely'), { topK: 0, signal: never }));
    await expect.poll(() => model.batches).toEqual([['held'], ['lonely']]);
    model.open();
    await Promise.all(asked);
  });

  it('starts at once when nothing is at work, and a full batch without waiting for the deadline', async () => {
    const model = gatedModel();
    const batcher = new Batcher({ ...model, parallel: 2 }, { ...LIMITS, maxWaitMs: 1_000_000 });
    const first = batcher.submit(products('a'), { topK: 0, signal: never });
    await nextTurn();
    await nextTurn();
    expect(model.batches).toEqual([['a']]);
    const others = ['b', 'c', 'd', 'e'].map((title) =>
      batcher.submit(products(title), { topK: 0, signal: never }),
    );
    model.open();
    await Promise.all([first, ...others]);
    expect(model.batches).toEqual([['a'], ['b', 'c', 'd', 'e']]);
  });

  it('starts a batch that is full of tokens, and lets a product that is longer than a whole batch go alone', async () => {
    const model = gatedModel();
    model.open();
    const batcher = new Batcher(model, { ...LIMITS, maxBatchTokens: 30, maxWaitMs: 1_000_000 });
    const [long, short] = ['long '.repeat(60), 'ten tokens, or nearly so, of a text'];
    await batcher.submit(products(short, short, long, short, short, short), { topK: 0, signal: never });
    expect(model.batches.map((batch) => batch.map((title) => title === long))).toEqual([
      [false, false],
      [true],
      [false, false, false],
    ]);
  });

  it('has as many batches at work as the predictor works on, and no more', async () => {
    const model = { ...gatedModel(), parallel: 2 };
    const batcher = new Batcher(model, LIMITS);
    const asked = [0, 1, 2].map((i) =>
      batcher.submit(products(`${i}a`, `${i}b`, `${i}c`, `${i}d`), { topK: 0, signal: never }),
    );
    while (model.batches.length < 2) await delay(1);
    for (let turn = 0; turn < 50; turn++) await nextTurn();
    expect(model.batches).toHaveLength(2);
    model.open();
    const answers = await Promise.all(asked);
    expect(model.batches).toHaveLength(3);
    expect(model.mostAtOnce()).toBe(2);
    expect(answers.map(ids)).toEqual([0, 1, 2].map((i) => [`${i}a`, `${i}b`, `${i}c`, `${i}d`]));
  });

  it('never has two batches at work, and lets a small request pass a large one', async () => {
    const model = gatedModel();
    const batcher = new Batcher(model, LIMITS);
    const large = batcher.submit(products('l1', 'l2', 'l3', 'l4', 'l5', 'l6', 'l7'), {
      topK: 0,
      signal: never,
    });
    const small = batcher.submit(products('s'), { topK: 0, signal: never });
    model.open();
    expect(ids(await small)).toEqual(['s']);
    expect(ids(await large)).toEqual(['l1', 'l2', 'l3', 'l4', 'l5', 'l6', 'l7']);
    expect(model.batches[1]).toContain('s');
    expect(model.mostAtOnce()).toBe(1);
  });

  it('refuses what finds no room, by products and by characters, and says when to come back', async () => {
    const model = gatedModel();
    const batcher = new Batcher(model, LIMITS);
    // Four go to work at once, seven wait.
    const taken = batcher.submit(products(...'123456789ab'), { topK: 0, signal: never });
    await expect(batcher.submit(products('c', 'd'), { topK: 0, signal: never })).rejects.toMatchObject({
      code: 'serving/queue-full',
      details: { retryAfterSeconds: 1 },
    });
    await expect(batcher.submit(products('x'.repeat(999)), { topK: 0, signal: never })).rejects.toMatchObject(
      { code: 'serving/queue-full' },
    );
    model.open();
    expect(await taken).toHaveLength(11);
    expect(batcher.waiting).toBe(0);
  });

  it('takes a request larger than the queue when nothing else waits', async () => {
    const model = gatedModel();
    model.open();
    const batcher = new Batcher(model, LIMITS);
    const many = Array.from({ length: 50 }, (_, i) => String(i));
    expect(ids(await batcher.submit(products(...many), { topK: 0, signal: never }))).toEqual(many);
  });

  it('lets a patient request wait for room', async () => {
    const model = gatedModel();
    const batcher = new Batcher(model, LIMITS);
    const first = batcher.submit(products('1', '2', '3', '4', '5', '6', '7', '8'), {
      topK: 0,
      signal: never,
    });
    const patient = batcher.submitPatiently(products('9'), { topK: 0, signal: never });
    model.open();
    expect(await first).toHaveLength(8);
    expect(ids(await patient)).toEqual(['9']);
  });

  it('drops what nobody waits for any more, and keeps the rest', async () => {
    const model = gatedModel();
    const batcher = new Batcher(model, { ...LIMITS, maxBatch: 1 });
    const gone = new AbortController();
    const kept = batcher.submit(products('k1', 'k2'), { topK: 0, signal: never });
    const dropped = batcher.submit(products('d1', 'd2'), { topK: 0, signal: gone.signal });
    await delay(5);
    gone.abort();
    await expect(dropped).rejects.toMatchObject({ code: 'serving/client-gone' });
    expect(batcher.waiting).toBe(1);
    model.open();
    expect(ids(await kept)).toEqual(['k1', 'k2']);
    expect(model.batches.flat()).not.toContain('d2');
    await expect(batcher.submit(products('late'), { topK: 0, signal: gone.signal })).rejects.toMatchObject({
      code: 'serving/client-gone',
    });
  });

  it('asks again for each product alone when a batch fails, so that one poison product costs only itself', async () => {
    const model = gatedModel((title) => title === 'poison');
    model.open();
    const batcher = new Batcher(model, LIMITS);
    const [good, bad] = await Promise.all([
      batcher.submit(products('a', 'b'), { topK: 0, signal: never }),
      batcher.submit(products('poison', 'c'), { topK: 0, signal: never }),
    ]);
    expect(ids(good!)).toEqual(['a', 'b']);
    expect(ids(bad!)).toEqual(['failed', 'c']);
  });

  it('counts a model that answers too few products as failing', async () => {
    const batcher = new Batcher({ predict: async () => [] }, LIMITS);
    const [outcome] = await batcher.submit(products('a'), { topK: 0, signal: never });
    expect(outcome).toMatchObject({ ok: false });
  });

  it('goes on after a failure', async () => {
    const model = gatedModel((title) => title === 'poison');
    model.open();
    const batcher = new Batcher(model, LIMITS);
    await batcher.submit(products('poison'), { topK: 0, signal: never });
    expect(ids(await batcher.submit(products('fine'), { topK: 0, signal: never }))).toEqual(['fine']);
  });
});
