import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { type AddressOptions, AddressReader } from './address-reader.ts';
import { UrlCache } from './url-cache.ts';

let server: Server;
let origin: string;
let folder: string;
let asked: IncomingMessage[] = [];
let atOnce = 0;
let mostAtOnce = 0;
const readers: AddressReader[] = [];

const port = () => (server.address() as AddressInfo).port;
const ROUTES: Readonly<Record<string, (response: ServerResponse, request: IncomingMessage) => void>> = {
  '/picture': (response) => response.end('picture'),
  '/hang': () => undefined,
  '/drip': (response) => {
    response.writeHead(200, { 'content-length': 50 });
    response.write('a');
  },
  '/redirect': (response) => response.writeHead(302, { location: '/picture' }).end(),
  '/to-localhost': (response) =>
    response.writeHead(301, { location: `http://localhost:${port()}/picture` }).end(),
  '/to-number': (response) =>
    response.writeHead(307, { location: `http://127.0.0.2:${port()}/picture` }).end(),
  '/to-file': (response) => response.writeHead(302, { location: 'file:///etc/hostname' }).end(),
  '/to-nowhere': (response) => response.writeHead(302).end(),
  '/loop': (response) => response.writeHead(302, { location: '/loop' }).end(),
  '/large': (response) => response.end('x'.repeat(101)),
  '/stated-large': (response) => response.writeHead(200, { 'content-length': 1e9 }).flushHeaders(),
  '/endless': (response) => {
    const more = () => response.writable && response.write('x'.repeat(50), more);
    more();
  },
  '/empty': (response) => response.end(),
  '/broken': (response) => {
    response.writeHead(200, { 'content-length': 100 });
    response.write('half');
    response.socket?.destroySoon();
  },
  '/zipped': (response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('unzipped')),
  '/bomb': (response) =>
    response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('x'.repeat(10_000))),
  '/not-zipped': (response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end('plain'),
  '/busy-once': (response) => {
    if (asked.length > 1) response.end('at last');
    else response.writeHead(429, { 'retry-after': '3600' }).end();
  },
  '/down': (response) => response.writeHead(503).end(),
  '/slow': (response) => {
    mostAtOnce = Math.max(mostAtOnce, ++atOnce);
    setImmediate(() =>
      setTimeout(() => {
        atOnce--;
        response.end('slow');
      }, 20),
    );
  },
};

beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push(request);
    const route = ROUTES[request.url!.split('?')[0]!];
    if (route === undefined) response.writeHead(404).end('not found');
    else route(response, request);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${port()}`;
});
beforeEach(async () => {
  asked = [];
  folder = await mkdtemp(join(tmpdir(), 'attune-addresses-'));
});
afterEach(async () => {
  for (const reader of readers.splice(0)) reader.close();
  await rm(folder, { recursive: true });
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

function open(options: AddressOptions = {}, cache?: UrlCache): AddressReader {
  const reader = new AddressReader({ privateHosts: ['127.0.0.1'], maxWaitMs: 1, ...options }, 100, cache);
  readers.push(reader);
  return reader;
}
const read = async (path: string, options: AddressOptions = {}) => {
  const outcome = await open(options).read(path.startsWith('/') ? origin + path : path);
  return outcome.ok ? Buffer.from(outcome.bytes).toString() : outcome.code;
};

it('fetches, follows redirects, unpacks, and says who asks', async () => {
  expect(await read('/picture')).toBe('picture');
  expect(asked[0]!.headers['user-agent']).toContain('Attune');
  expect(await read('/redirect')).toBe('picture');
  expect(await read('/zipped')).toBe('unzipped');
});

it.each<[string, string]>([
  ['/missing', 'media/http-status'],
  ['/down', 'media/http-status'],
  ['/large', 'media/too-large'],
  ['/stated-large', 'media/too-large'],
  ['/endless', 'media/too-large'],
  ['/empty', 'media/empty'],
  ['/broken', 'media/network'],
  ['/bomb', 'media/too-large'],
  ['/not-zipped', 'media/network'],
  ['/loop', 'media/redirects'],
  ['/to-file', 'media/address'],
  ['/to-nowhere', 'media/address'],
  ['ftp://127.0.0.1/a', 'media/address'],
  ['http://', 'media/address'],
])('%s ends with %s', async (path, code) => {
  expect(await read(path)).toBe(code);
});

it('gives up on a server that hangs, before its answer or within it', async () => {
  expect(await read('/hang', { timeoutMs: 50 })).toBe('media/timeout');
  expect(await read('/drip', { timeoutMs: 50 })).toBe('media/timeout');
  // A time-out is no reason to ask again.
  expect(asked.length).toBe(2);
});

it('leaves a host alone that did not answer for many addresses in a row, and not one that answers between', async () => {
  const reader = open({ timeoutMs: 20, retries: 0, perHost: 1 });
  const reasons: string[] = [];
  for (let i = 0; i < 12; i++) {
    const path = i === 3 ? '/picture' : `/hang?${i}`;
    const outcome = await reader.read(origin + path);
    reasons.push(outcome.ok ? 'ok' : outcome.reason);
  }
  expect(reasons[3]).toBe('ok');
  expect(asked).toHaveLength(12);
  const last = await reader.read(`${origin}/picture?late`);
  expect(last).toMatchObject({ ok: false, code: 'media/network' });
  expect((last as { reason: string }).reason).toContain('did not answer for 8 addresses in a row');
  expect(asked).toHaveLength(12);
});

it('refuses this machine and its network, at once and behind a redirect', async () => {
  for (const address of [
    `${origin}/picture`,
    `http://localhost:${port()}/picture`,
    'http://[::1]/',
    'http://[::ffff:127.0.0.1]/',
    'http://2130706433/',
    'http://0x7f.1/',
    'http://169.254.169.254/latest/meta-data/',
  ])
    expect(await read(address, { privateHosts: [] })).toBe('media/private-address');
  expect(asked.length).toBe(0);
  expect(await read('/to-localhost')).toBe('media/private-address');
  expect(await read('/to-number')).toBe('media/private-address');
  expect(asked.map(({ url }) => url)).toEqual(['/to-localhost', '/to-number']);
  expect(await read('/to-localhost', { privateHosts: 'all' })).toBe('picture');
});

it('asks again when a server is busy, no longer after than it may, and not without end', async () => {
  expect(await read('/busy-once')).toBe('at last');
  asked = [];
  await read('/down', { retries: 3 });
  expect(asked.length).toBe(4);
  asked = [];
  await read('/missing');
  expect(asked.length).toBe(1);
});

it('has no more connections to a host than it may', async () => {
  const reader = open({ perHost: 2 });
  await Promise.all(Array.from({ length: 9 }, (_, i) => reader.read(`${origin}/slow?${i}`)));
  expect(asked.length).toBe(9);
  expect(mostAtOnce).toBe(2);
});

it('asks for an address once, whether it succeeds or fails', async () => {
  const reader = open({}, new UrlCache(folder));
  const both = await Promise.all([reader.read(`${origin}/picture`), reader.read(`${origin}/picture`)]);
  expect(both[0]).toBe(both[1]);
  await reader.read(`${origin}/picture`);
  await reader.read(`${origin}/missing`);
  await reader.read(`${origin}/missing`);
  expect(asked.length).toBe(2);
  // Another run.
  const again = await open({}, new UrlCache(folder)).read(`${origin}/picture`);
  expect(again).toEqual(both[0]);
  expect(asked.length).toBe(2);
});

it('fetches again what was damaged on disk', async () => {
  await open({}, new UrlCache(folder)).read(`${origin}/picture`);
  const [path] = (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile() && entry.parentPath.includes('content'))
    .map((entry) => join(entry.parentPath, entry.name));
  expect(await readFile(path!, 'utf8')).toBe('picture');
  await writeFile(path!, 'pict');
  const outcome = await open({}, new UrlCache(folder)).read(`${origin}/picture`);
  expect(outcome.ok && Buffer.from(outcome.bytes).toString()).toBe('picture');
  expect(asked.length).toBe(2);
});

it('is an error, and no fault of the picture, where the cache cannot be written', async () => {
  const file = join(folder, 'file');
  await writeFile(file, '');
  await expect(open({}, new UrlCache(file)).read(`${origin}/picture`)).rejects.toThrow(/cannot be kept in/);
});
