import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { AttuneError } from '../../src/base/errors.ts';
import { KeyRing } from '../../src/serving/access/key-ring.ts';
import { roleFor } from '../../src/serving/access/roles.ts';
import { auditContract, keysContract } from '../../src/serving/api/keys.ts';
import { serviceLogger } from '../../src/serving/observe/logger.ts';
import type { RunningServer } from '../../src/serving/server.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { type Answer, type Json, predict, serve } from './http.ts';

let folder: string;
let store: Store;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'attune-access-'));
  store = await openStore({ folder });
});
afterAll(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});
async function revokeAll(): Promise<void> {
  for (const { id, revoked } of await store.keys.list()) if (revoked === null) await store.keys.revoke(id);
}
afterEach(revokeAll);

const make = async (role: 'predict' | 'review' | 'admin') =>
  (await store.keys.create({ name: `the ${role}`, role, createdBy: 'test' })).key;

async function call(
  { url }: RunningServer,
  method: string,
  path: string,
  { key, body, headers = {} }: { key?: string; body?: unknown; headers?: Record<string, string> } = {},
): Promise<Answer> {
  const response = await fetch(url + path, {
    method,
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    json: text.startsWith('{') ? JSON.parse(text) : text,
  };
}

/** A key without what is said of it in public. */
const secretOf = (key: string) => key.split('_').slice(2).join('_');

const products = { products: [{ title: 'red' }] };

describe('where the store goes away', () => {
  it('callers who were known and probes of health are answered, others are not', async () => {
    const key = await make('predict');
    let away = false;
    let time = 1;
    const now = () => time;
    const gone = async () => {
      throw new AttuneError('store/unavailable', 'The database is away.');
    };
    const keys = {
      ...store.keys,
      active: () => (away ? gone() : store.keys.active()),
      verify: (sent: string) => (away ? gone() : store.keys.verify(sent)),
    };
    const ring = new KeyRing(keys, now);
    expect([await ring.isSet(), (await ring.callerOf(key))?.role]).toEqual([true, 'predict']);
    away = true;
    time = 3_600_000;
    expect([await ring.isSet(), (await ring.callerOf(key))?.role]).toEqual([true, 'predict']);
    await expect(ring.callerOf('attune_none_such')).rejects.toMatchObject({ code: 'store/unavailable' });
    away = false;
    await revokeAll();
    expect([await ring.isSet(), await ring.callerOf(key)]).toEqual([false, undefined]);
  });
});

describe('where keys are set', () => {
  it('each call needs one of its role, and says what is missing', async () => {
    const keys = { predict: await make('predict'), review: await make('review'), admin: await make('admin') };
    const server = await serve({ store });
    const status = async (method: string, path: string, key?: string, body?: unknown) =>
      (await call(server, method, path, { ...(key ? { key } : {}), ...(body ? { body } : {}) })).status;
    for (const open of ['/docs', '/v2/health/live', '/v2/health/ready', '/openapi.json'])
      expect(await status('GET', open), open).toBe(200);
    for (const closed of ['/v1/models', '/metrics', '/v2', '/v2/models/keywords'])
      expect([await status('GET', closed), await status('GET', closed, keys.predict)], closed).toEqual([
        401, 200,
      ]);
    expect(await status('POST', '/v1/products:predict', undefined, products)).toBe(401);
    for (const key of Object.values(keys))
      expect(await status('POST', '/v1/products:predict', key, products)).toBe(200);
    for (const [key, expected] of [
      [keys.predict, 403],
      [keys.review, 403],
      [keys.admin, 200],
    ] as const) {
      expect(await status('GET', '/v1/keys', key)).toBe(expected);
      expect(await status('POST', '/v1/models/keywords/promote', key, { version: '1' })).toBe(expected);
    }
    const refused = await call(server, 'GET', '/v1/keys', { key: keys.review });
    expect(refused.json).toMatchObject({
      code: 'serving/not-allowed',
      detail: 'This call needs a key with the role admin. The key "the review" has the role review.',
    });
    const unknown = await call(server, 'GET', '/v1/models', { key: `${keys.admin.slice(0, -1)}!` });
    expect([unknown.status, unknown.headers.get('www-authenticate')]).toEqual([401, 'Bearer realm="attune"']);
    const header = await call(server, 'GET', '/v1/models', { headers: { 'x-api-key': keys.predict } });
    expect(header.status).toBe(200);
  });

  it('every route that is there has a role, and what nobody thought of needs an admin', async () => {
    const document: Json = (await call(await serve({ store }), 'GET', '/openapi.json')).json;
    const roles = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods as object).map(
        (method) => `${roleFor(method.toUpperCase(), path)} ${method} ${path}`,
      ),
    );
    expect(roles.filter((row) => !row.startsWith('admin')).sort()).toMatchSnapshot();
    expect(roleFor('POST', '/v9/anything')).toBe('admin');
    expect(roleFor('DELETE', '/v1/models/a')).toBe('admin');
  });

  it('keys are made, listed and revoked, the first by an admin, and changes are written down', async () => {
    const server = await serve({ store });
    const first = await call(server, 'POST', '/v1/keys', { body: { name: 'shop', role: 'predict' } });
    expect([first.status, first.json.code]).toEqual([409, 'serving/first-key']);
    const { json: made } = await call(server, 'POST', '/v1/keys', { body: { name: 'boss', role: 'admin' } });
    expect(made.key).toMatch(/^attune_/);
    expect((await call(server, 'GET', '/v1/models')).status).toBe(401);
    const key = made.key as string;
    const { json: shop } = await call(server, 'POST', '/v1/keys', {
      key,
      body: { name: 'shop', role: 'predict' },
    });
    expect((await call(server, 'GET', '/v1/models', { key: shop.key })).status).toBe(200);
    const { json: list } = await call(server, 'GET', '/v1/keys', { key });
    expect(JSON.stringify(list)).not.toContain(secretOf(key));
    expect(keysContract.parse(list).keys.filter(({ revoked }) => revoked === null)).toHaveLength(2);
    expect((await call(server, 'DELETE', `/v1/keys/${shop.stored.id}`, { key })).status).toBe(200);
    expect((await call(server, 'GET', '/v1/models', { key: shop.key })).status).toBe(401);
    const gone = await call(server, 'DELETE', `/v1/keys/${shop.stored.id}`, { key });
    expect([gone.status, gone.json.code]).toEqual([404, 'store/not-found']);
    const audit = auditContract.parse((await call(server, 'GET', '/v1/audit', { key })).json);
    expect(audit.entries.slice(0, 2).map(({ who, action, subject }) => [who, action, subject])).toEqual([
      [`boss (${made.stored.id})`, 'DELETE /v1/keys/:id', `/v1/keys/${shop.stored.id}`],
      [`boss (${made.stored.id})`, 'POST /v1/keys', '/v1/keys'],
    ]);
    expect(JSON.stringify(audit)).not.toContain(secretOf(shop.key));
  });
});

describe('where no key is set', () => {
  it('others are not listened to, unless that is said', async () => {
    await expect(serve({ host: '0.0.0.0', withoutKeys: false })).rejects.toMatchObject({
      code: 'serving/keys-needed',
    });
    await expect(serve({ host: '0.0.0.0', withoutKeys: false, store })).rejects.toMatchObject({
      code: 'serving/keys-needed',
    });
    await make('admin');
    expect((await serve({ host: '0.0.0.0', withoutKeys: false, store })).url).toContain('localhost');
  });

  it('a service that others reach answers nobody after its last key was revoked', async () => {
    await make('admin');
    const server = await serve({ host: '0.0.0.0', withoutKeys: false, store });
    await revokeAll();
    const { status, json } = await call(server, 'POST', '/v1/products:predict', { body: products });
    expect([status, json.code]).toEqual([401, 'serving/key-needed']);
    expect((await call(server, 'GET', '/v2/health/live')).status).toBe(200);
  });

  it('a page of the web cannot use the service through a browser of this machine', async () => {
    const server = await serve({ origins: ['https://shop.example'] });
    const { port } = new URL(server.url);
    const status = async (headers: Record<string, string>) =>
      (await call(server, 'POST', '/v2/repository/index', { headers })).status;
    expect(await status({})).toBe(200);
    expect(await status({ origin: `http://127.0.0.1:${port}` })).toBe(200);
    expect(await status({ origin: 'https://shop.example' })).toBe(200);
    expect(await status({ origin: 'https://evil.example' })).toBe(403);
    expect(await status({ origin: 'null' })).toBe(403);
  });
});

describe('origins', () => {
  it('that are listed may call, and no others', async () => {
    const server = await serve({ store, origins: ['https://shop.example'] });
    await make('admin');
    const preflight = (origin: string) =>
      call(server, 'OPTIONS', '/v1/products:predict', {
        headers: {
          origin,
          'access-control-request-method': 'POST',
          'access-control-request-headers': 'authorization',
        },
      });
    const listed = await preflight('https://shop.example');
    expect([listed.status, listed.headers.get('access-control-allow-origin')]).toEqual([
      204,
      'https://shop.example',
    ]);
    expect((await preflight('https://evil.example')).headers.get('access-control-allow-origin')).toBeNull();
  });
});

describe('a caller', () => {
  it('may make so many calls a minute, whatever is done to the clock, others meanwhile as many again', async () => {
    const [one, other] = [await make('predict'), await make('admin')];
    const server = await serve({ store, maxCallsPerMinute: 3 });
    const calls = async (key: string) => (await call(server, 'GET', '/v1/models', { key })).status;
    expect([await calls(one), await calls(one), await calls(one)]).toEqual([200, 200, 200]);
    const refused = await call(server, 'GET', '/v1/models', { key: one });
    expect([refused.status, refused.json.code]).toEqual([429, 'serving/rate-limited']);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    vi.useFakeTimers({ toFake: ['Date'] });
    for (const hours of [-3, 6]) {
      vi.setSystemTime(Date.now() + hours * 3_600_000);
      const again = await call(server, 'GET', '/v1/models', { key: one });
      expect([again.status, Number(again.headers.get('retry-after')) <= 60], `${hours} h`).toEqual([
        429,
        true,
      ]);
    }
    vi.useRealTimers();
    expect(await calls(other)).toBe(200);
    expect((await call(server, 'GET', '/v2/health/live')).status).toBe(200);
  });
});

describe('wrong keys', () => {
  it('are refused with 429 when an address sent many, and keys in use open as before', async () => {
    let asked = 0;
    const verify = (sent: string) => {
      asked++;
      return store.keys.verify(sent);
    };
    const [known, unused] = [await make('predict'), await make('predict')];
    const counting = { ...store, keys: { ...store.keys, verify } };
    const server = await serve({ store: counting, maxWrongKeysPerMinute: 2 });
    const statusOf = async (key?: string) =>
      (await call(server, 'GET', '/v1/models', key === undefined ? {} : { key })).status;
    expect([
      await statusOf(known),
      await statusOf(),
      await statusOf('wrong-1'),
      await statusOf('wrong-2'),
    ]).toEqual([200, 401, 401, 401]);
    asked = 0;
    const refused = await call(server, 'GET', '/v1/models', { key: 'attune_wrong_3' });
    expect([refused.status, refused.json.code]).toEqual([429, 'serving/rate-limited']);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect([await statusOf(unused), asked]).toEqual([429, 0]);
    expect([await statusOf(known), await statusOf()]).toEqual([200, 401]);
    expect((await call(server, 'GET', '/v2/health/live', { key: 'attune_wrong_4' })).status).toBe(200);
  });
});

describe('behind a reverse proxy', () => {
  /** Statuses of wrong keys from callers, as the proxy tells of them. */
  const wrong = async (server: RunningServer, forwarded: readonly string[]) => {
    const statuses: number[] = [];
    for (const [i, from] of forwarded.entries()) {
      const headers = { 'x-forwarded-for': from };
      statuses.push((await call(server, 'GET', '/v1/models', { key: `attune_wrong_${i}`, headers })).status);
    }
    return statuses;
  };
  const callers = ['203.0.113.5', '203.0.113.5', '198.51.100.7', '1.2.3.4, 203.0.113.5', '2001:db8::1'];

  it('an address that callers say of themselves is not believed', async () => {
    await make('admin');
    const server = await serve({ store, maxWrongKeysPerMinute: 2 });
    expect(await wrong(server, callers)).toEqual([401, 401, 429, 429, 429]);
    const other = await serve({ store, maxWrongKeysPerMinute: 2, trustProxy: ['10.0.0.0/8'] });
    expect(await wrong(other, callers)).toEqual([401, 401, 429, 429, 429]);
  });

  it('what a proxy that was named says of them is, and not what they said before it', async () => {
    await make('admin');
    const server = await serve({ store, maxWrongKeysPerMinute: 2, trustProxy: ['loopback'] });
    expect(await wrong(server, callers)).toEqual([401, 401, 401, 429, 401]);
  });

  it('keys are needed on loopback too, and without them what a proxy passes on is refused', async () => {
    await expect(serve({ withoutKeys: false, trustProxy: ['127.0.0.1'] })).rejects.toMatchObject({
      code: 'serving/keys-needed',
      message: expect.stringContaining('through a proxy'),
    });
    const server = await serve({ withoutKeys: false });
    const get = (headers: Record<string, string> = {}) => call(server, 'GET', '/v1/models', { headers });
    expect((await get()).status).toBe(200);
    for (const name of ['x-forwarded-for', 'forwarded']) {
      const refused = await get({ [name]: 'for=203.0.113.5' });
      expect([refused.status, refused.json.code]).toEqual([403, 'serving/foreign-caller']);
      expect(refused.json.hint).toContain('--trust-proxy');
    }
  });

  it('what is no address is refused', async () => {
    for (const odd of ['everybody', '10.0.0.0/33', '0.0.0.0/0', '::/0', '10.0.0.1/8/9', ''])
      await expect(serve({ trustProxy: [odd] }), odd).rejects.toMatchObject({
        code: 'serving/invalid-option',
      });
    await serve({ trustProxy: ['10.0.0.0/8', '::1', 'fd00::/8', 'uniquelocal'] });
  });
});

describe('the log', () => {
  it('has the id of each request, what was changed by whom, and no secret', async () => {
    const lines: string[] = [];
    const logger = serviceLogger('debug', { write: (line: string) => void lines.push(line) });
    const key = await make('admin');
    const server = await serve({ store, logger });
    await call(server, 'POST', '/v1/models/keywords/promote', { key, body: { version: '1' } });
    await call(server, 'GET', `/v1/models?key=${key}`, { headers: { authorization: `Bearer ${key}x` } });
    logger.error({
      err: new Error(`postgres://attune:hunter2@db/attune failed for ${key}`),
      password: 'hunter2',
    });
    logger.info({ headers: { authorization: key, 'x-api-key': 'plain' } }, 'x');
    const { headers } = await predict(
      server,
      { products: [{ title: 'a private title' }] },
      { authorization: `Bearer ${key}` },
    );
    const log = lines.join('\n');
    expect(log).toContain(headers.get('x-request-id'));
    expect(log).toContain('"action":"POST /v1/models/:model/promote"');
    for (const secret of [secretOf(key), 'hunter2', 'plain', 'private']) expect(log).not.toContain(secret);
  });
});
