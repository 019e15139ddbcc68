import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Fastify from 'fastify';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { idempotentWrites } from '../../src/serving/access/idempotent.ts';
import type { RunningServer } from '../../src/serving/server.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { post, serve, versionOf } from './http.ts';
import { keywordPredictor } from './keyword-predictor.ts';

let folder: string;
let store: Store;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'attune-idempotent-'));
  store = await openStore({ folder });
});
afterAll(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('Idempotency-Key', () => {
  let server: RunningServer;
  let opened: number;
  beforeEach(async () => {
    opened = 0;
    server = await serve({
      store,
      repository: {
        list: async () => [],
        open: async (name, version = '1') => {
          opened++;
          return name === 'keywords' ? versionOf(keywordPredictor(), { version }) : undefined;
        },
      },
    });
  });
  const load = (key: string, body: unknown, model = 'keywords') =>
    post(`${server.url}/v1/models/${model}/load`, body, { 'idempotency-key': key });

  it('does a write once, and answers it twice the same', async () => {
    const key = `once-${performance.now()}`;
    const first = await load(key, { version: '2' });
    const second = await load(key, { version: '2' });
    expect([first.status, opened]).toEqual([200, 1]);
    expect(second.json).toEqual(first.json);
    expect(second.headers.get('idempotency-replayed')).toBe('true');
    const other = await load(key, { version: '3' });
    expect([other.status, other.json.code]).toEqual([422, 'serving/key-reused']);
  });

  it('deletes answers that are kept no longer, once an hour', async () => {
    let now = 0;
    let deleted = 0;
    const app = Fastify();
    app.addHook('onRequest', async (request) => {
      request.caller = { id: 'c', name: 'c', role: 'admin' };
    });
    app.decorateRequest('caller');
    const removeExpired = async (most: number) => {
      deleted++;
      return store.idempotency.removeExpired(most);
    };
    idempotentWrites(app, { ...store.idempotency, removeExpired }, () => now);
    app.post('/v1/anything', async () => ({ done: true }));
    const write = async () => {
      const headers = { 'idempotency-key': randomUUID() };
      expect((await app.inject({ method: 'POST', url: '/v1/anything', headers })).statusCode).toBe(200);
      return deleted;
    };
    expect([await write(), await write()]).toEqual([1, 1]);
    now = 3_600_000;
    expect([await write(), await write()]).toEqual([2, 2]);
    await app.close();
  });

  it('lets a write that failed be tried again', async () => {
    const key = `again-${performance.now()}`;
    expect((await load(key, {}, 'nothing')).status).toBe(404);
    expect((await load(key, {}, 'nothing')).status).toBe(404);
    expect(opened).toBe(2);
  });
});
