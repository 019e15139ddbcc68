/** One contract for both queues of changes, and what a worker does on each. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { thumbnail } from '../../../src/features/image/thumbnail.ts';
import type { ChangeQueue, Delivery } from '../../../src/serving/stream/change-queue.ts';
import {
  ChangeWorker,
  type ChangeWorkerOptions,
  type WorkerEvent,
} from '../../../src/serving/stream/change-worker.ts';
import { openJetStream } from '../../../src/serving/stream/jetstream-queue.ts';
import { localQueue, nextEpoch } from '../../../src/serving/stream/local-queue.ts';
import { openStore, type Store } from '../../../src/store/store.ts';
import { keywordPredictor } from '../keyword-predictor.ts';
import { swatchPredictor } from '../swatch-predictor.ts';
import { noNats, type OwnNats, ownNats } from './own-nats.ts';

const bytes = (body: unknown) => Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
const textOf = ({ data }: { data: Uint8Array }) => Buffer.from(data).toString();

const folder = mkdtempSync(join(tmpdir(), 'attune-queue-'));
let store: Store;
beforeAll(async () => {
  store = await openStore({ folder: join(folder, 'store') });
}, 600_000);
afterAll(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('changes in this process', () => {
  suite(async () => localQueue({ name: fresh(), epoch: 1000 }));

  it('are newer than those of the run before, also where the clock was set back', async () => {
    const [name, id] = [fresh(), fresh()];
    for (const [now, color] of [
      [5000, 'red'],
      [1000, 'blue'],
    ] as const) {
      const queue = localQueue({ name, epoch: await nextEpoch(store, now, name) });
      await queue.send([bytes({ id, title: `${color} wool coat` })]);
      await new ChangeWorker({
        queue,
        store,
        predictor: keywordPredictor(),
        model: { name: 'keywords', version: '1' },
      }).run({ signal: new AbortController().signal, untilIdle: () => true });
      await queue.close();
    }
    const color = (await store.predictions.of([id])).find(({ attribute }) => attribute === 'color');
    expect(color!.value).toBe('Blue');
    expect(await nextEpoch(store, 1000, name)).toBe(5002);
    expect(await nextEpoch(store, 9000, name)).toBe(9000);
  });
});

const MAX_PAYLOAD = 128 * 1024;

describe.skipIf(noNats !== undefined)(
  `changes in NATS JetStream${noNats ? `, skipped: ${noNats}` : ''}`,
  () => {
    let nats: OwnNats;
    beforeAll(async () => {
      nats = await ownNats(join(folder, 'nats'), MAX_PAYLOAD);
      await nats.start();
    }, 600_000);
    afterAll(() => nats?.kill());
    suite(() => openJetStream({ servers: nats.url, name: fresh(), group: 'test' }));

    it('go to another worker when theirs is not heard of, and not while it is', async () => {
      const name = fresh();
      const options = { servers: nats.url, name, group: 'test', ackWaitMs: 1500 };
      const [dead, living] = [await openJetStream(options), await openJetStream(options)];
      await dead.send([bytes('a')]);
      const [held] = await dead.take(10, 1000);
      expect(await living.take(10, 4000), 'while the first says that it works on it').toEqual([]);
      held!.done();
      expect(await living.take(10, 2000)).toEqual([]);
      expect(await living.idle()).toBe(true);
      await dead.close();
      await living.close();
    });

    describe('and are as large as a message, or larger', () => {
      const noise = (length: number) => randomBytes(length).toString('base64');
      let connection: NatsConnection;
      beforeAll(async () => {
        connection = await connect({ servers: nats.url.replace('nats://', '') });
      });
      afterAll(() => connection.close());

      it('go in where they fit when they are packed, and are refused with their size where not', async () => {
        const queue = await openJetStream({ servers: nats.url, name: fresh(), group: 'test' });
        const long = 'a wool coat '.repeat(50_000);
        expect(queue.fits(bytes(long))).toBe(true);
        expect(await queue.send([bytes(long), bytes('b')])).toBe(2);
        const [first] = await queue.take(10, 1000);
        expect(textOf(first!)).toBe(long);
        const large = bytes(noise(MAX_PAYLOAD));
        expect(queue.fits(large)).toBe(false);
        await expect(queue.send([bytes('c'), large])).rejects.toMatchObject({
          code: 'serving/change-too-large',
          message: expect.stringContaining(`${large.length} bytes`),
        });
        await queue.close();
      });

      it('are set aside with their reason though they fill a message, and put back', async () => {
        const name = fresh();
        const queue = await openJetStream({ servers: nats.url, name, group: 'test' });
        const filled = JSON.stringify({ photo: '' });
        const change = filled.replace('""', `"${noise(MAX_PAYLOAD).slice(0, MAX_PAYLOAD - filled.length)}"`);
        const garbage = randomBytes(MAX_PAYLOAD);
        for (const data of [Buffer.from(change), garbage])
          await jetstream(connection).publish(`${name}.changes`, data);
        for (const delivery of await queue.take(10, 1000))
          await queue.bury(delivery, { code: 'x/y', reason: 'é'.repeat(5000) });
        const letters = await queue.dead();
        expect(letters[0]!.reason).toMatch(/^é{100,}$/);
        expect(textOf(letters[0]!)).toBe(change);
        const [kept] = [Buffer.from(letters[1]!.data)];
        expect(kept.equals(garbage.subarray(0, kept.length)) && kept.length > MAX_PAYLOAD / 2).toBe(true);
        expect(await queue.revive([letters[0]!.number])).toBe(1);
        expect(textOf(await takeOne(queue))).toBe(change);
        await queue.close();
      });

      it('are taken a few at a time', async () => {
        const queue = await openJetStream({ servers: nats.url, name: fresh(), group: 'test' });
        const change = bytes('x'.repeat(100_000));
        for (let i = 0; i < 40; i++) await queue.send(Array.from({ length: 10 }, () => change));
        const taken = await queue.take(1000, 1000);
        expect(taken.length).toBeGreaterThan(200);
        expect(taken.length).toBeLessThan(400);
        await queue.close();
      });

      it('and a result that does not fit says so, and leaves its attributes to the store', async () => {
        const [name, id, other] = [fresh(), fresh(), fresh()];
        const queue = await openJetStream({ servers: nats.url, name, group: 'test' });
        const model = keywordPredictor();
        const wordy: typeof model = {
          ...model,
          async predict(products, options) {
            const found = await model.predict(products, options);
            return found.map((one) => {
              const color = { ...one.attributes.color!, value: `Red${'d'.repeat(MAX_PAYLOAD)}` };
              return one.id === id ? { ...one, attributes: { ...one.attributes, color } } : one;
            });
          },
        };
        await queue.send([bytes({ id, title: 'red coat' }), bytes({ id: other, title: 'red coat' })]);
        await new ChangeWorker({
          queue,
          store,
          predictor: wordy,
          model: { name: 'keywords', version: '1' },
        }).run({ signal: new AbortController().signal, untilIdle: () => true });
        const jsm = await jetstreamManager(connection);
        const results = await Promise.all(
          [1, 2].map(async (seq) =>
            (await jsm.streams.getMessage(`${name}-predictions`, { seq }))!.json<{ id: string }>(),
          ),
        );
        expect(results.find(({ id: about }) => about === id)).toEqual({
          ...{ id, epoch: expect.any(Number), sequence: 1 },
          ...{ model: 'keywords', version: '1', tooLarge: true },
        });
        expect(results.find(({ id: about }) => about === other)).toHaveProperty(
          'attributes.color.value',
          'Red',
        );
        const color = (await store.predictions.of([id])).find(({ attribute }) => attribute === 'color');
        expect(color!.value).toHaveLength(MAX_PAYLOAD + 3);
        await queue.close();
      });
    });

    it('keep their place when NATS is killed and comes back', async () => {
      const queue = await openJetStream({ servers: nats.url, name: fresh(), group: 'test' });
      await queue.send([bytes('a'), bytes('b')]);
      const [first] = await queue.take(1, 1000);
      first!.done();
      expect(textOf((await queue.take(1, 1000))[0]!)).toBe('b');
      await nats.kill();
      await expect(queue.send([bytes('c')])).rejects.toMatchObject({ code: 'serving/stream-unavailable' });
      await nats.start();
      await untilDone(() => queue.send([bytes('d')]));
      const after: string[] = [];
      while (!after.includes('b') || !after.includes('d')) {
        for (const delivery of await queue.take(10, 1000)) {
          after.push(textOf(delivery));
          delivery.done();
        }
      }
      // NATS writes a moment later what was acknowledged, so that `a` may come once more; `c` may have reached it.
      expect(after.filter((text) => text === 'b' || text === 'd').sort()).toEqual(['b', 'd']);
      await queue.close();
    });
  },
);

let count = 0;
const fresh = () => `q${++count}`;

async function untilDone<T>(work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch {}
  }
}

function suite(open: () => Promise<ChangeQueue>): void {
  let queue: ChangeQueue;
  beforeEach(async () => {
    queue = await open();
  });
  afterEach(() => queue.close());

  it('are given out in order, each once, and are gone when done', async () => {
    expect(await queue.idle()).toBe(true);
    await queue.send(['a', 'b', 'c'].map(bytes));
    const [one] = await queue.take(1, 1000);
    const rest = await queue.take(10, 1000);
    expect([one!, ...rest].map(textOf)).toEqual(['a', 'b', 'c']);
    const places = [one!, ...rest].map(({ sequence }) => sequence);
    expect([...places].sort((a, b) => a - b)).toEqual(places);
    expect(one!.deliveries).toBe(1);
    expect(await queue.idle()).toBe(false);
    for (const delivery of [one!, ...rest]) delivery.done();
    expect(await queue.take(10, 50)).toEqual([]);
    await untilIdle(queue);
  });

  it('come back when they are put back, counted, at their old place', async () => {
    await queue.send([bytes('a')]);
    const [first] = await queue.take(1, 1000);
    first!.again(10);
    const again = await takeOne(queue);
    expect(again).toMatchObject({ deliveries: 2, sequence: first!.sequence, epoch: first!.epoch });
    again.done();
  });

  it('lie with the dead letters with their reason, until they are put back at their old place', async () => {
    await queue.send([bytes('a'), bytes('b')]);
    const taken = await queue.take(2, 1000);
    for (const delivery of taken) await queue.bury(delivery, { code: 'x/y', reason: 'Größe: no\nsize' });
    await untilIdle(queue);
    const letters = await queue.dead();
    expect(letters.map(textOf)).toEqual(['a', 'b']);
    expect(letters[0]).toMatchObject({ code: 'x/y', reason: 'Größe: no\nsize', deliveries: 1 });
    expect(await queue.dead({ after: letters[0]!.number })).toHaveLength(1);
    expect(await queue.revive([letters[1]!.number])).toBe(1);
    const back = await takeOne(queue);
    expect([textOf(back), back.sequence]).toEqual(['b', taken[1]!.sequence]);
    back.done();
    expect(await queue.revive()).toBe(1);
    expect(await queue.dead()).toEqual([]);
    (await takeOne(queue)).done();
  });

  it('that lie with the dead letters are put back once, though a worker sets them aside again at once', async () => {
    await queue.send(['a', 'b', 'c'].map(bytes));
    const why = { code: 'x/y', reason: 'no' };
    let buried = 0;
    const bury = async () => {
      for (const delivery of await queue.take(1, 50)) {
        await queue.bury(delivery, why);
        buried++;
      }
    };
    while (buried < 3) await bury();
    const reviving = queue.revive();
    while (buried < 6) await bury();
    expect(await reviving).toBe(3);
    expect(await queue.dead()).toHaveLength(3);
  });

  describe('and a worker', () => {
    const coat = (id: string, color: string) => ({
      id,
      title: `${color} wool coat`,
      description: '',
      stock: 3,
    });
    let events: WorkerEvent[];
    beforeEach(() => {
      events = [];
    });

    const work = (options: Partial<ChangeWorkerOptions> = {}) =>
      new ChangeWorker({
        queue,
        store,
        predictor: keywordPredictor(),
        model: { name: 'keywords', version: '1' },
        attempts: 2,
        backoffMs: 1,
        onEvent: (event) => events.push(event),
        ...options,
      }).run({ signal: new AbortController().signal, untilIdle: () => true });

    const colorOf = async (id: string) =>
      (await store.predictions.of([id])).find(({ attribute }) => attribute === 'color')?.value;

    it('stores products with one prediction an attribute, the newest change of each, and removes what is gone', async () => {
      const [a, b, c] = [fresh(), fresh(), fresh()];
      await queue.send([coat(a, 'red'), coat(b, 'navy'), coat(a, 'blue'), coat(c, 'red')].map(bytes));
      await work({ batch: 2 });
      expect(await colorOf(a)).toBe('Blue');
      expect(await store.predictions.of([b])).toHaveLength(5);
      expect((await store.products.get([a]))[0]!.fields).toMatchObject({ title: 'blue wool coat', stock: 3 });
      await queue.send([bytes({ id: c, deleted: true })]);
      await work();
      expect(await store.products.get([c])).toEqual([]);
    });

    it('changes nothing when a change is given out again, and never takes a newer one back', async () => {
      const id = fresh();
      await queue.send([bytes(coat(id, 'red'))]);
      // A worker that stored and died before it let go: this one takes, and stores by another hand.
      const [stolen] = await queue.take(1, 1000);
      await queue.send([bytes(coat(id, 'blue'))]);
      await work({ onEvent: () => stolen!.again(0) });
      expect(await colorOf(id)).toBe('Blue');
      expect(await store.predictions.history(id), 'the old one had no effect').toEqual([]);
    });

    it('sets aside what is no change at once and what fails after its attempts, holding up no other', async () => {
      const [good, bad, unkept] = [fresh(), fresh(), fresh()];
      const failing = keywordPredictor();
      const predictor: typeof failing = {
        ...failing,
        async predict(products, options) {
          if (products.some(({ id }) => id === bad)) throw new Error('the model chokes on it');
          return failing.predict(products, options);
        },
      };
      await queue.send(
        [
          '{"id": ',
          { title: 'no id' },
          coat(bad, 'red'),
          { ...coat(unkept, 'red'), note: 'a\u0000b' },
          coat(good, 'red'),
        ].map(bytes),
      );
      await work({ predictor });
      expect(await colorOf(good)).toBe('Red');
      const letters = await queue.dead();
      expect(letters.map(({ code, deliveries }) => [code, deliveries]).sort()).toEqual([
        ['serving/invalid-request', 1],
        ['serving/malformed-json', 1],
        ['serving/prediction-failed', 2],
        ['store/bad-value', 2],
      ]);
      expect(letters.find(({ code }) => code === 'serving/prediction-failed')!.reason).toBe(
        'the model chokes on it',
      );
      await queue.revive();
      await work();
      expect(await colorOf(bad)).toBe('Red');
    });

    it('sets aside ids that no database takes, and goes on', async () => {
      const good = fresh();
      const cut = `${'x'.repeat(99)}😀`;
      await queue.send(
        [
          { id: 'a\u0000b', title: 'red coat' },
          '{"id": "\\ud800", "title": "red coat"}',
          { id: 'p', photo: cut },
          { id: good, title: 'Red coat' },
        ].map(bytes),
      );
      await work({ predictor: swatchPredictor() });
      expect(await colorOf(good)).toBe('Red');
      const letters = await queue.dead();
      expect(letters.map(({ code, deliveries }) => [code, deliveries])).toEqual(
        Array.from({ length: 3 }, () => ['serving/invalid-request', 1]),
      );
      expect(letters[2]!.reason).toContain(`"photo" of the change is "${'x'.repeat(99)}`);
    });

    it('takes a product with more pictures than a field may have, and keeps copies of those that count', async () => {
      const id = fresh();
      const pictures = await Promise.all(
        Array.from({ length: 40 }, (_, i) => {
          const background = { r: 200, g: 40, b: i };
          return sharp({ create: { width: 4, height: 4, channels: 3, background } })
            .png()
            .toBuffer();
        }),
      );
      const photo = pictures.map((bytes) => bytes.toString('base64'));
      await queue.send([bytes({ id, title: 'coat', photo })]);
      await work({ predictor: swatchPredictor(), pictures: { make: thumbnail, most: 1000 } });
      expect(await colorOf(id)).toBe('Red');
      const copies = await store.pictures.of([id]);
      expect(copies).toHaveLength(32);
      expect((await store.pictures.get(copies[0]!.contentHash))!.subarray(0, 2)).toEqual(
        Buffer.from([0xff, 0xd8]),
      );
      // What is not new: nothing is predicted, and no copy is made again.
      await queue.send([bytes({ id, title: 'coat', photo })]);
      await work({ predictor: swatchPredictor(), pictures: { make: thumbnail, most: 1000 } });
      expect(await store.pictures.of([id])).toHaveLength(32);
    });

    it('gives back what it took when the model is gone, and says why', async () => {
      const id = fresh();
      await queue.send([bytes(coat(id, 'red'))]);
      const { AttuneError } = await import('../../../src/base/errors.ts');
      const broken = {
        ...keywordPredictor(),
        predict: () => Promise.reject(new AttuneError('prediction/thread-failed', 'It ended.')),
      };
      await expect(work({ predictor: broken })).rejects.toMatchObject({ code: 'prediction/thread-failed' });
      await work();
      expect(await colorOf(id)).toBe('Red');
    });
  });
}

/** A queue hears a little later that a change is done. */
async function untilIdle(queue: ChangeQueue): Promise<void> {
  while (!(await queue.idle())) await pause(10);
}

async function takeOne(queue: ChangeQueue): Promise<Delivery> {
  for (;;) {
    const [delivery] = await queue.take(1, 1000);
    if (delivery !== undefined) return delivery;
  }
}
