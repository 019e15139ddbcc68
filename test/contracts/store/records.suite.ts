import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { auditName } from '../../../src/store/keys.ts';
import { type Bench, predicted, shirts } from './bench.ts';

export function runsSuite(bench: Bench): void {
  describe('runs', () => {
    it('tell how far they are, and how they ended', async () => {
      const { runs } = bench.store;
      const [a, b, c] = [randomUUID(), randomUUID(), randomUUID()];
      const kind = randomUUID();
      for (const id of [a, b, c]) {
        await runs.start({ id, kind, config: { training: { epochs: 3 } } });
        bench.pass(1);
      }
      await expect(runs.start({ id: a, kind, config: {} })).rejects.toMatchObject({
        code: 'store/bad-value',
      });
      await runs.setProgress(a, { epoch: 1 });
      expect(await runs.get(a)).toMatchObject({ state: 'running', progress: { epoch: 1 }, ended: null });
      await runs.end(a, { state: 'done', figures: { f1: 0.9 }, model: 'm', version: '2' });
      await runs.end(b, { state: 'failed', message: 'no memory' });
      await runs.setProgress(a, { epoch: 2 });
      expect(await runs.get(a)).toMatchObject({ state: 'done', progress: { epoch: 1 }, version: '2' });
      await expect(runs.end(a, { state: 'failed' })).rejects.toMatchObject({ code: 'store/not-found' });
      const first = await runs.list({ kind, limit: 2 });
      expect(first.map(({ id }) => id)).toEqual([c, b]);
      expect((await runs.list({ kind, before: first[1]! })).map(({ id }) => id)).toEqual([a]);
      expect((await runs.list({ kind, state: 'failed' })).map(({ message }) => message)).toEqual([
        'no memory',
      ]);
      expect(await runs.get('none')).toBeUndefined();
    });
  });
}

export function eventsSuite(bench: Bench): void {
  const at = (day: number) => new Date(Date.UTC(2025, 0, day));

  describe('events', () => {
    it('that are delivered twice are kept once, and come back in their order', async () => {
      const { events } = bench.store;
      const key = randomUUID();
      const product = randomUUID();
      const view = {
        at: at(1),
        kind: 'view' as const,
        productId: product,
        shopper: 's1',
        details: { page: 3 },
      };
      const buy = { at: at(2), kind: 'purchase' as const, productId: product, quantity: 2, price: 9.5, key };
      expect(await events.add([view, view, buy, buy])).toEqual({ added: 3, repeated: 1 });
      expect(await events.add([buy])).toEqual({ added: 0, repeated: 1 });
      const found = await events.page({ productId: product });
      expect(found).toMatchObject([view, view, buy]);
      expect(await events.page({ productId: product, after: found[0]!.id, limit: 1 })).toEqual([found[1]]);
      expect(await events.page({ productId: product, since: at(2) })).toEqual([found[2]]);
      expect(await events.page({ productId: product, until: at(2), kinds: ['view'] })).toHaveLength(2);
      const counts = await events.counts({ since: at(1), until: at(2) });
      expect(counts.filter(({ productId }) => productId === product)).toEqual([
        { productId: product, kind: 'view', events: 2 },
      ]);
    });
  });
}

export function auditSuite(bench: Bench): void {
  describe('the audit log', () => {
    it('is listed latest first', async () => {
      const { audit } = bench.store;
      const who = randomUUID();
      for (const action of ['key created', 'key revoked', 'model promoted'])
        await audit.add({ who, action, subject: 'k1', details: { action } });
      const found = await audit.list({ who, limit: 2 });
      expect(found.map(({ action }) => action)).toEqual(['model promoted', 'key revoked']);
      expect(await audit.list({ who, before: found[1]!.id })).toMatchObject([
        { action: 'key created', details: { action: 'key created' } },
      ]);
      expect(await audit.list({ who, action: 'key revoked' })).toHaveLength(1);
    });
  });
}

export function idempotencySuite(bench: Bench): void {
  const route = '/v1/corrections';

  describe('answers to requests that come twice', () => {
    it('are given once more, and not to another request', async () => {
      const { idempotency } = bench.store;
      const key = randomUUID();
      expect(await idempotency.begin(key, route, 'h1')).toEqual({ state: 'new' });
      expect(await idempotency.begin(key, route, 'h1')).toEqual({ state: 'running' });
      await idempotency.finish(key, route, { status: 200, body: 'ok' }, 3600);
      expect(await idempotency.begin(key, route, 'h1')).toEqual({
        state: 'answered',
        answer: { status: 200, body: 'ok' },
      });
      expect(await idempotency.begin(key, route, 'h2')).toEqual({ state: 'mismatch' });
      expect(await idempotency.begin(key, '/other', 'h2')).toEqual({ state: 'new' });
      bench.pass(3601);
      expect(await idempotency.begin(key, route, 'h2')).toEqual({ state: 'new' });
    });

    it('of a process that died, or failed, may be asked for again', async () => {
      const { idempotency } = bench.store;
      const key = randomUUID();
      await idempotency.begin(key, route, 'h1', 60);
      bench.pass(61);
      expect(await idempotency.begin(key, route, 'h1', 60)).toEqual({ state: 'new' });
      bench.pass(-2 * 3600);
      expect(await idempotency.begin(key, route, 'h1', 60)).toEqual({ state: 'new' });
      expect(await idempotency.begin(key, route, 'h1', 60)).toEqual({ state: 'running' });
      bench.pass(2 * 3600);
      await idempotency.forget(key, route);
      expect(await idempotency.begin(key, route, 'h1')).toEqual({ state: 'new' });
    });

    it('are deleted when their time is over, so many at once, and no others', async () => {
      const { idempotency } = bench.store;
      bench.pass(2 * 86_400);
      await idempotency.removeExpired(1000);
      // Not finished, and perhaps under way still: kept for a day more.
      await idempotency.begin(randomUUID(), route, 'h1');
      const keys = [1, 2, 3].map(() => randomUUID());
      for (const key of keys) {
        await idempotency.begin(key, route, 'h1');
        await idempotency.finish(key, route, 'done', 86_400);
      }
      bench.pass(86_399);
      await idempotency.finish(keys[2]!, route, 'done', 86_400);
      const before = await idempotency.removeExpired(1000);
      bench.pass(2);
      expect(before).toBe(0);
      expect([await idempotency.removeExpired(1), await idempotency.removeExpired(1000)]).toEqual([1, 1]);
      expect(await idempotency.begin(keys[2]!, route, 'h1')).toMatchObject({ state: 'answered' });
      bench.pass(60);
      expect(await idempotency.removeExpired(1000)).toBe(1);
    });

    it('are worked out by one of many who ask at once', async () => {
      const key = randomUUID();
      const begun = await Promise.all(
        Array.from({ length: 6 }, () => bench.store.idempotency.begin(key, route, 'h1')),
      );
      expect(begun.filter(({ state }) => state === 'new')).toHaveLength(1);
    });
  });
}

export function retentionSuite(bench: Bench): void {
  describe('what is old', () => {
    it('is deleted when asked for, and nothing else', async () => {
      const { products, predictions, events, alerts, monitorReports, audit, retention } = bench.store;
      await retention.apply({
        ...{ events: 0, alerts: 0, monitorReports: 0, audit: 0, runs: 0, predictionHistory: 0 },
      });
      await products.put(shirts(1));
      const old = bench.now();
      const record = async (version: string) => {
        await predictions.record([predicted('a-00', { version })]);
        await events.add([{ at: bench.now(), kind: 'view', shopper: 's' }]);
        await alerts.add({ monitor: 'm', severity: 'info', title: version });
        await monitorReports.add({ model: 'm', version, signals: {}, report: {} });
        await audit.add({ who: 'w', action: version, subject: 's' });
      };
      await record('1');
      await record('2');
      bench.pass(10 * 86_400);
      await record('3');
      expect(await retention.apply({})).toEqual({
        ...{ predictionHistory: 0, events: 0, alerts: 0, monitorReports: 0, audit: 0, runs: 0 },
        idempotency: expect.any(Number),
      });
      const deleted = await retention.apply({
        ...{ predictionHistory: 5, events: 5, alerts: 5, monitorReports: 5 },
      });
      expect(deleted).toMatchObject({
        ...{ predictionHistory: 1, events: 2, alerts: 2, monitorReports: 2, audit: 0 },
      });
      expect(await predictions.of(['a-00'])).toMatchObject([{ version: '3' }]);
      expect(await predictions.history('a-00')).toMatchObject([{ version: '2' }]);
      expect(await events.page({ since: old })).toHaveLength(1);
      expect(await audit.list({ who: 'w' })).toHaveLength(3);
    });
  });

  describe('a person who asks to be forgotten', () => {
    it('is named nowhere, and what was done to products stays', async () => {
      const { store } = bench;
      const ann = `ann-${randomUUID()}`;
      await store.products.put(shirts(3));
      const event = { at: bench.now(), kind: 'search' as const, shopper: ann, productId: 'a-00' };
      await store.events.add([
        { ...event, session: `of ${ann}`, query: 'gift for ann', key: `${ann}-1`, details: { city: ann } },
        { ...event, shopper: 'another' },
      ]);
      const { stored } = await store.keys.create({
        name: 'shop',
        role: 'admin',
        createdBy: `${ann} (command)`,
      });
      const { stored: own } = await store.keys.create({ name: ann, role: 'review', createdBy: 'boss' });
      const audited = (who: string) => store.audit.add({ who, action: 'x', subject: 'y' });
      await store.reviews.submit({ productId: 'a-00', attribute: 'color', values: ['Red'], who: ann });
      await store.reviews.submit({ productId: 'a-00', attribute: 'color', values: ['Blue'], who: 'bob' });
      await store.reviews.draft({ productId: 'a-01', attribute: 'color', values: ['Red'], who: ann });
      await store.values.fromPerson({ productId: 'a-02', attribute: 'size', values: ['M'], who: ann });
      await store.reviews.add([{ productId: 'a-02', attribute: 'color', reason: 'audit', priority: 1 }]);
      await store.reviews.take(ann);
      await store.audit.add({ who: 'boss', action: 'asked', subject: 's', details: { of: [ann, 'bob'] } });
      for (const who of [ann, auditName(own), `${own.id} of no key`]) await audited(who);
      const alert = await store.alerts.add({ monitor: 'm', severity: 'info', title: 't' });
      await store.alerts.setState(alert.id, 'closed', `${ann} (command)`);
      await store.alerts.add({ monitor: 'm', severity: 'info', title: 't', details: { [ann]: 1 } });
      const answers = [{ body: JSON.stringify({ who: ann }) }, { body: `{"text":"${ann}s"}` }];
      for (const [i, answer] of answers.entries()) {
        await store.idempotency.begin(`${ann}${i}`, '/x', 'h');
        await store.idempotency.finish(`${ann}${i}`, '/x', answer, 60);
      }

      expect(await store.retention.forget(ann)).toEqual({
        ...{ events: 1, responses: 2, values: 1, queue: 1, audit: 3, alerts: 2, keys: 2, idempotency: 1 },
      });
      const left = [
        await store.events.page({ productId: 'a-00' }),
        await store.reviews.responses({ states: ['draft', 'submitted', 'discarded'] }),
        await store.reviews.queue(),
        await store.values.of(['a-00', 'a-01', 'a-02']),
        await store.audit.list(),
        await store.alerts.list(),
        (await store.keys.list()).filter(({ id }) => [stored.id, own.id].includes(id)),
      ];
      expect(JSON.stringify(left)).not.toContain('ann');
      expect((await store.audit.list({ who: 'boss' }))[0]!.details).toEqual({ of: ['(removed)', 'bob'] });
      expect((await store.audit.list({ limit: 3 })).map(({ who }) => who)).toEqual([
        `${own.id} of no key`,
        `(removed) (${own.id})`,
        '(removed)',
      ]);
      expect(await store.events.page({ productId: 'a-00' })).toMatchObject([
        { kind: 'search', shopper: null, query: null },
        { shopper: 'another' },
      ]);
      expect(await store.values.of(['a-00', 'a-02'])).toMatchObject([
        { values: ['Blue'], who: 'bob' },
        { values: ['M'], provenance: 'person-created', trains: true },
      ]);
      expect(await store.reviews.waiting()).toEqual({ products: 1, leased: 0 });
    });

    it('takes what only they said along, wherever it is quoted, and leaves what is merely called the same', async () => {
      const { store } = bench;
      const ann = `ann-${randomUUID()}`;
      await store.products.put([...shirts(1), { id: ann, fields: { title: ann } }]);
      const at = bench.now();
      const search = (query: string, of: { shopper?: string; session?: string }) => ({
        ...{ at, kind: 'search' as const, query, ...of },
      });
      await store.events.add([
        search(`Gift ${ann}`, { session: `${ann} 1` }),
        { at, kind: 'purchase', productId: 'a-00', shopper: ann, session: `${ann} 1` },
        search(`blue ${ann}`, { shopper: ann }),
        search(`Blue ${ann}`, { session: `${ann} 2`, shopper: 'another' }),
        {
          at,
          kind: 'return',
          productId: 'a-00',
          shopper: ann,
          details: { reason: `${ann}: not as described` },
        },
      ]);
      const evidence = {
        found: 2,
        queries: [`gift ${ann}`, `blue ${ann}`].map((query) => ({ query, found: 1 })),
        reasons: [`${ann}: not as described`, 'too small'],
      };
      const left = { found: 2, queries: [{ query: `blue ${ann}`, found: 1 }], reasons: ['too small'] };
      const item = { productId: 'a-00', reason: 'searches', priority: 2, evidence };
      await store.reviews.add(['color', 'size'].map((attribute) => ({ ...item, attribute })));
      const { id } = await store.reviews.submit({
        ...{ productId: 'a-00', attribute: 'size', values: ['M'], who: 'bob' },
      });
      const raised = {
        details: { model: ann, version: ann },
        monitor: 'm',
        severity: 'info',
        title: 't',
      } as const;
      await store.alerts.add(raised);
      const body = (who: string, because: object) =>
        JSON.stringify({ id: ann, who, fields: { title: ann }, values: [{ attribute: ann, who }], because });
      const answers = [body(ann, {}), body('bob', {}), body('bob', evidence)];
      for (const [i, text] of answers.entries()) {
        await store.idempotency.begin(`${ann}${i}`, '/x', 'h');
        await store.idempotency.finish(`${ann}${i}`, '/x', { status: 200, body: text }, 3600);
      }

      expect(await store.retention.forget(ann)).toMatchObject({
        ...{ events: 4, queue: 1, responses: 1, alerts: 0, idempotency: 2 },
      });
      expect((await store.reviews.queue())[0]!.items).toMatchObject([{ evidence: left }]);
      await store.reviews.undo('bob', id);
      expect((await store.reviews.queue())[0]!.items).toMatchObject([{ evidence: left }, { evidence: left }]);
      expect((await store.alerts.list({ limit: 1 }))[0]).toMatchObject({ details: raised.details });
      const kept = answers.map((_, i) => store.idempotency.begin(`${ann}${i}`, '/x', 'h'));
      expect((await Promise.all(kept)).map((one) => (one as { answer?: unknown }).answer)).toEqual(
        [body('(removed)', {}), body('bob', {}), body('bob', left)].map((text) => ({
          status: 200,
          body: text,
        })),
      );
      const queries = (await store.events.page({ kinds: ['search'], since: at })).map(({ query }) => query);
      expect(queries.filter((query) => query?.includes(ann))).toEqual([`Blue ${ann}`]);
    });
  });
}
