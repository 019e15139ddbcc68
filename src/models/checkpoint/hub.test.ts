import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, readlink, rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ProgressEvent } from '../../base/progress.ts';
import { resolveModel } from './hub.ts';

const NAME = 'shop/tiny-model';
const COMMIT = 'c0ffee'.padEnd(40, '0');
const WEIGHTS = Buffer.alloc(300_000, 'weights');

/** A hub as far as a download needs one, with faults to order. */
type Hub = {
  files: Record<string, Buffer>;
  /** Answers of the API instead of the usual ones. */
  status: number | undefined;
  /** Bytes of a large file after which the connection is cut, one for each request; none cuts no more. */
  cuts: number[];
  /** What the large file's content is, whatever the listing says. */
  sent: Buffer | undefined;
  ranges: boolean;
  requests: { path: string; range: string | undefined; authorization: string | undefined }[];
};

let root: string;
let hub: Hub;
let server: Server;
let store: Server;
let environment: NodeJS.ProcessEnv;

const sha256 = (content: Buffer) => createHash('sha256').update(content).digest('hex');
const gitHash = (content: Buffer) =>
  createHash('sha1').update(`blob ${content.length}\0`).update(content).digest('hex');
const isLarge = (path: string) => path.endsWith('.safetensors');
const address = (of: Server) => `http://127.0.0.1:${(of.address() as AddressInfo).port}`;

function note(request: IncomingMessage): string {
  const path = new URL(request.url!, 'http://hub').pathname;
  hub.requests.push({ path, range: request.headers.range, authorization: request.headers.authorization });
  return path;
}

/** The API, and small files; large ones are redirected to the store, another origin. */
function answerHub(request: IncomingMessage, response: ServerResponse): void {
  const path = note(request);
  const name = path.slice(`/${NAME}/resolve/${COMMIT}/`.length);
  const json = (value: unknown) =>
    response.setHeader('Content-Type', 'application/json').end(JSON.stringify(value));
  if (hub.status !== undefined) {
    response.statusCode = hub.status;
    json({ error: 'refused' });
  } else if (path.startsWith(`/api/models/${NAME}/revision/`)) {
    json({ _id: '1', id: NAME, sha: COMMIT });
  } else if (path === `/api/models/${NAME}/tree/${COMMIT}`) {
    json(Object.entries(hub.files).map(([file, content]) => listing(file, content)));
  } else if (hub.files[name] === undefined) {
    response.writeHead(404).end();
  } else if (isLarge(name)) {
    response.writeHead(302, { Location: `${address(store)}/${name}` }).end();
  } else response.end(hub.files[name]);
}

function listing(path: string, content: Buffer) {
  const size = content.length;
  const lfs = isLarge(path) ? { lfs: { oid: sha256(content), size, pointerSize: 130 } } : {};
  return { type: 'file', path, oid: gitHash(content), size, ...lfs };
}

function answerStore(request: IncomingMessage, response: ServerResponse): void {
  const name = note(request).slice(1);
  const content = hub.sent ?? hub.files[name]!;
  const start = hub.ranges ? Number(/^bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0) : 0;
  const body = content.subarray(start);
  response.writeHead(start > 0 ? 206 : 200, { 'Content-Length': body.length });
  const cut = hub.cuts.shift();
  if (cut === undefined) response.end(body);
  else response.write(body.subarray(0, cut), () => setTimeout(() => response.destroy(), 20));
}

const listen = (answer: (request: IncomingMessage, response: ServerResponse) => void) =>
  new Promise<Server>((resolve) => {
    const created = createServer(answer).listen(0, '127.0.0.1', () => resolve(created));
  });

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'attune-hub-'));
});
afterAll(() => rm(root, { recursive: true }));
beforeEach(async () => {
  hub = {
    files: {
      'config.json': Buffer.from('{"model_type":"bert"}'),
      'tokenizer.json': Buffer.from('{}'),
      'tokenizer_config.json': Buffer.from('{}'),
      'modules.json': Buffer.from('[]'),
      '1_Pooling/config.json': Buffer.from('{"pooling_mode":"mean"}'),
      'model.safetensors': WEIGHTS,
      'pytorch_model.bin': Buffer.from('code'),
      'vocab.txt': Buffer.from('not needed'),
      'onnx/model.onnx': Buffer.from('not needed'),
      'README.md': Buffer.from('not needed'),
    },
    status: undefined,
    cuts: [],
    sent: undefined,
    ranges: true,
    requests: [],
  };
  server = await listen(answerHub);
  store = await listen(answerStore);
  environment = { HF_HOME: await mkdtemp(join(root, 'home-')), HF_ENDPOINT: address(server) };
});
afterEach(() => {
  for (const one of [server, store]) {
    one.closeAllConnections();
    one.close();
  }
});

const cacheFolder = () => join(environment.HF_HOME!, 'hub', 'models--shop--tiny-model');
const downloads = () => hub.requests.filter(({ path }) => path === '/model.safetensors');

describe('a model by its name', () => {
  it('is downloaded into the cache as the Python libraries lay it out, needed files only', async () => {
    const events: ProgressEvent[] = [];
    const folder = await resolveModel(NAME, { environment, progress: (event) => events.push(event) });
    expect(folder).toBe(join(cacheFolder(), 'snapshots', COMMIT));
    expect((await readdir(folder)).sort()).toEqual(
      [
        '1_Pooling',
        'config.json',
        'model.safetensors',
        'modules.json',
        'tokenizer.json',
        'tokenizer_config.json',
      ].sort(),
    );
    expect(WEIGHTS.equals(await readFile(join(folder, 'model.safetensors')))).toBe(true);
    expect(await readlink(join(folder, 'model.safetensors'))).toBe(
      join('..', '..', 'blobs', sha256(WEIGHTS)),
    );
    expect(await readFile(join(cacheFolder(), 'refs/main'), 'utf8')).toBe(COMMIT);
    expect(await readdir(join(cacheFolder(), 'blobs'))).not.toContainEqual(
      expect.stringContaining('incomplete'),
    );
    const total = Object.entries(hub.files).filter(([name]) => !/bin|vocab|onnx|README/.test(name));
    const bytes = total.reduce((sum, [, content]) => sum + content.length, 0);
    expect(events[0]).toEqual({ kind: 'stage', stage: `download ${NAME}`, total: bytes });
    expect(events.at(-1)).toMatchObject({ kind: 'advance', done: bytes });
  });

  it('comes from the cache afterwards, without asking', async () => {
    const first = await resolveModel(NAME, { environment });
    hub.requests = [];
    expect(await resolveModel(NAME, { environment: { ...environment, HF_HUB_OFFLINE: '1' } })).toBe(first);
    expect(await resolveModel(NAME, { environment })).toBe(first);
    expect(hub.requests).toEqual([]);
  });

  it('goes to HF_HUB_CACHE when that is set', async () => {
    const cache = await mkdtemp(join(root, 'cache-'));
    const folder = await resolveModel(NAME, { environment: { ...environment, HF_HUB_CACHE: cache } });
    expect(folder.startsWith(cache)).toBe(true);
  });

  it('of another revision is kept under its own name', async () => {
    await resolveModel(NAME, { environment, revision: 'v2' });
    expect(await readdir(join(cacheFolder(), 'refs'))).toEqual(['v2']);
    expect(hub.requests[0]?.path).toBe(`/api/models/${NAME}/revision/v2`);
  });

  it('in shards is downloaded with its index, and is not complete without all of them', async () => {
    const shard = 'model-00001-of-00001.safetensors';
    const index = { weight_map: { a: shard } };
    const { 'model.safetensors': weights, ...files } = hub.files;
    hub.files = {
      ...files,
      [shard]: weights!,
      'model.safetensors.index.json': Buffer.from(JSON.stringify(index)),
    };
    const folder = await resolveModel(NAME, { environment });
    expect(await readdir(folder)).toContain(shard);
    await rm(join(folder, shard));
    await resolveModel(NAME, { environment });
    expect(await readdir(folder)).toContain(shard);
  });

  it('shows the token to the hub and not to the store it redirects to', async () => {
    await resolveModel(NAME, { environment: { ...environment, HF_TOKEN: 'secret' } });
    const shown = (path: string) =>
      hub.requests.filter((request) => request.path === path).map((r) => r.authorization);
    expect(shown(`/api/models/${NAME}/tree/${COMMIT}`)).toEqual(['Bearer secret']);
    expect(shown(`/${NAME}/resolve/${COMMIT}/model.safetensors`)).toEqual(['Bearer secret']);
    expect(shown('/model.safetensors')).toEqual([undefined]);
  });

  it('reads pictures or sounds with its preprocessor in place of a tokenizer, and is downloaded with it', async () => {
    await expect(resolveModel(NAME, { environment, reads: 'image' })).rejects.toMatchObject({
      code: 'models/hub-refused',
      message: expect.stringContaining('preprocessor_config.json'),
    });
    hub.files['preprocessor_config.json'] = Buffer.from('{}');
    const folder = await resolveModel(NAME, { environment, reads: 'audio' });
    expect((await readdir(folder)).sort()).toEqual([
      'config.json',
      'model.safetensors',
      'preprocessor_config.json',
    ]);
    const offline = { ...environment, HF_HUB_OFFLINE: '1' };
    expect(await resolveModel(NAME, { environment: offline, reads: 'image' })).toBe(folder);
    await expect(resolveModel(NAME, { environment: offline })).rejects.toMatchObject({
      hint: expect.stringContaining('tokenizer.json'),
    });
  });

  it('uses the token that a login stored', async () => {
    await writeFile(join(environment.HF_HOME!, 'token'), 'stored\n');
    await resolveModel(NAME, { environment });
    expect(hub.requests[0]?.authorization).toBe('Bearer stored');
  });
});

describe('a connection that is cut', () => {
  it('is taken up where it broke', async () => {
    hub.cuts = [100_000, 50_000];
    const folder = await resolveModel(NAME, { environment });
    expect(WEIGHTS.equals(await readFile(join(folder, 'model.safetensors')))).toBe(true);
    expect(downloads().map(({ range }) => range)).toEqual([undefined, 'bytes=100000-', 'bytes=150000-']);
  });

  it('again and again without a byte is given up, and the next run goes on where it was', async () => {
    hub.cuts = [100_000, 0, 0, 0];
    await expect(resolveModel(NAME, { environment })).rejects.toMatchObject({
      code: 'models/hub-unreachable',
      message: expect.stringContaining('broke off after 100000 of 300000 bytes'),
    });
    hub.requests = [];
    const folder = await resolveModel(NAME, { environment });
    expect(downloads().map(({ range }) => range)).toEqual(['bytes=100000-']);
    expect(WEIGHTS.equals(await readFile(join(folder, 'model.safetensors')))).toBe(true);
  });

  it('starts again with a store that knows no ranges', async () => {
    hub.ranges = false;
    hub.cuts = [100_000];
    const folder = await resolveModel(NAME, { environment });
    expect(WEIGHTS.equals(await readFile(join(folder, 'model.safetensors')))).toBe(true);
  });
});

describe('a file that is not what the hub said', () => {
  it.each([
    ['changed', Buffer.alloc(300_000, 'wrong'), /SHA-256 is .*, expected/],
    ['longer', Buffer.alloc(300_001, 'weights'), /longer than 300000 bytes/],
  ])('is refused and thrown away when it was %s', async (_, sent, message) => {
    hub.sent = sent;
    await expect(resolveModel(NAME, { environment })).rejects.toMatchObject({
      code: 'models/download-damaged',
      message: expect.stringMatching(message),
    });
    expect(await readdir(join(cacheFolder(), 'snapshots', COMMIT))).not.toContain('model.safetensors');
    hub.sent = undefined;
    await expect(resolveModel(NAME, { environment })).resolves.toContain(COMMIT);
  });

  it('is refused when what an earlier attempt left is damaged', async () => {
    const blobs = join(cacheFolder(), 'blobs');
    await mkdir(blobs, { recursive: true });
    await writeFile(join(blobs, `${sha256(WEIGHTS)}.incomplete`), Buffer.alloc(1000, 'x'));
    await expect(resolveModel(NAME, { environment })).rejects.toMatchObject({
      code: 'models/download-damaged',
    });
    await expect(resolveModel(NAME, { environment })).resolves.toContain(COMMIT);
  });
});

describe('a model that cannot be had', () => {
  it.each([
    ['HF_HUB_OFFLINE', 'offline', /HF_HUB_OFFLINE forbids/],
    ['no connection', 'gone', /cannot be reached/],
  ])('with %s: says which files to put where, and the line for the config', async (_, how, message) => {
    if (how === 'offline') environment.HF_HUB_OFFLINE = '1';
    else environment.HF_ENDPOINT = 'http://127.0.0.1:9';
    const error = await resolveModel(NAME, { environment }).catch((cause: unknown) => cause);
    expect(error).toMatchObject({ code: 'models/hub-unreachable', message: expect.stringMatching(message) });
    const { hint } = error as { hint: string };
    for (const part of [
      'config.json',
      'tokenizer.json',
      'model.safetensors',
      '1_Pooling/config.json',
      './tiny-model',
    ]) {
      expect(hint).toContain(part);
    }
    expect(hint).toContain('model: {text: ./tiny-model}');
    expect(hub.requests).toEqual([]);
  });

  it('of pictures: says which files to put where, and the line for the config', async () => {
    const offline = { ...environment, HF_HUB_OFFLINE: '1' };
    const error = await resolveModel(NAME, { environment: offline, reads: 'image' }).catch(
      (cause: unknown) => cause,
    );
    const { hint } = error as { hint: string };
    expect(hint).toContain('preprocessor_config.json');
    expect(hint).not.toContain('tokenizer');
    expect(hint).toContain('model: {image: ./tiny-model}');
  });

  it.each([
    [401, /HF_TOKEN/],
    [404, /Check the name/],
    [500, /Check the name/],
  ])('because the hub answers %i: says what to do', async (status, hint) => {
    hub.status = status;
    await expect(resolveModel(NAME, { environment })).rejects.toMatchObject({
      code: 'models/hub-refused',
      hint: expect.stringMatching(hint),
    });
  });

  it('because it has only pickled weights: refuses before downloading, and says how to convert', async () => {
    delete hub.files['model.safetensors'];
    await expect(resolveModel(NAME, { environment })).rejects.toMatchObject({
      code: 'models/pickle-refused',
      hint: expect.stringContaining('save_pretrained'),
    });
    expect(hub.requests.every(({ path }) => path.startsWith('/api/'))).toBe(true);
  });

  it.each(['./no/such/folder', '/no/such', 'a/b/c', '../up', 'org/..', 'org/name--x', '', 'a\0b'])(
    'because %j is no name: asks for a folder or a name',
    async (name) => {
      await expect(resolveModel(name, { environment })).rejects.toMatchObject({
        code: 'models/name-invalid',
      });
      expect(hub.requests).toEqual([]);
    },
  );
});

it('uses a folder that exists as it is', async () => {
  expect(await resolveModel(root, { environment })).toBe(root);
  expect(hub.requests).toEqual([]);
});
