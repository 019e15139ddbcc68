/** Training behind HTTP: files that are sent, what stands in them, runs in processes of their own. */
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import sharp from 'sharp';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { roleFor } from '../../src/serving/access/roles.ts';
import {
  fileContract,
  filesContract,
  type RunDetail,
  runDetailContract,
  runsContract,
} from '../../src/serving/api/training.ts';
import { workspace as buildAndFolder, DIST, start } from '../e2e/attune.ts';
import { csv, shop } from '../e2e/shop.ts';
import { type Answer, type Json, post, serve } from './http.ts';

const { folder } = buildAndFolder('training');
const PRODUCTS = csv(shop(90));
const SMALL = { layers: 2, width: 32, vocabulary: 300, maxTokens: 64 };
const COLUMNS = { data: { id: 'sku' }, inputs: { title: 'text' }, attributes: { color: 'choice' } };

type Serve = typeof import('../../src/attune/serve.ts');

/** As it was built: models answer from threads of compiled scripts. */
let serveBundle: Serve['serveBundle'];
beforeAll(async () => {
  ({ serveBundle } = (await import(pathToFileURL(join(DIST, 'attune', 'serve.js')).href)) as Serve);
});

let place: string;
beforeEach(() => {
  place = mkdtempSync(join(folder(), 'workspace-'));
});

/** A service that trains in `place`, closed after the work. */
async function training<T>(
  work: (url: string) => Promise<T>,
  options: Partial<Parameters<Serve['serveBundle']>[0]> = {},
): Promise<T> {
  const server = await serveBundle({ workspace: place, port: 0, threads: 1, ...options });
  try {
    return await work(server.url);
  } finally {
    await server.close();
  }
}

async function call(method: string, url: string): Promise<Answer> {
  const response = await fetch(url, { method });
  return { status: response.status, headers: response.headers, json: await response.json() };
}

const get = (url: string) => call('GET', url);

async function upload(
  url: string,
  name: string,
  content: string | ReadableStream = PRODUCTS,
): Promise<Answer> {
  const response = await fetch(`${url}/v1/files?name=${encodeURIComponent(name)}`, {
    method: 'POST',
    headers: { 'content-type': 'application/octet-stream' },
    body: content,
    ...(content instanceof ReadableStream ? { duplex: 'half' } : {}),
  } as RequestInit);
  return { status: response.status, headers: response.headers, json: await response.json() };
}

const refusal = ({ status, json }: Answer): readonly unknown[] => [status, json.code];

/** Looks at a run until it is as it should be. */
async function until(url: string, id: string, is: (run: RunDetail) => boolean): Promise<RunDetail> {
  for (;;) {
    const run = runDetailContract.parse((await get(`${url}/v1/runs/${id}`)).json);
    if (is(run)) return run;
    if (run.state === 'failed') throw new Error(JSON.stringify(run.problem));
    await delay(50);
  }
}

describe('files', () => {
  it('are written as they come, under a name that is safe, listed, and deleted', () =>
    training(async (url) => {
      const sent = await upload(url, '../../etc/.pass[w]d*?.CSV');
      expect(sent.status).toBe(201);
      const file = fileContract.parse(sent.json);
      expect(file).toMatchObject({ name: 'pass_w_d__.CSV', bytes: PRODUCTS.length, inspection: null });
      expect(readdirSync(join(place, 'files', file.id)).sort()).toEqual(['file.json', file.name]);
      const list = filesContract.parse((await get(`${url}/v1/files`)).json);
      expect(list.files.map(({ id }) => id)).toEqual([file.id]);
      expect((await call('DELETE', `${url}/v1/files/${file.id}`)).json.id).toBe(file.id);
      expect(readdirSync(join(place, 'files'))).toEqual([]);
      expect(refusal(await get(`${url}/v1/files/${file.id}`))).toEqual([404, 'serving/file-not-found']);
    }));

  it('that are too large, empty, broken off or of another format leave nothing', () =>
    training(
      async (url) => {
        expect(refusal(await upload(url, 'products.csv'))).toEqual([413, 'serving/file-too-large']);
        const unannounced = new Blob(['x'.repeat(900), 'y'.repeat(900)]).stream();
        expect(refusal(await upload(url, 'products.csv', unannounced))).toEqual([
          413,
          'serving/file-too-large',
        ]);
        expect(refusal(await upload(url, 'products.csv', ''))).toEqual([422, 'serving/file-unreadable']);
        const sheet = await upload(url, 'products.xlsx', 'x');
        expect([...refusal(sheet), sheet.json.hint]).toEqual([
          422,
          'serving/file-unreadable',
          'Save the sheet as CSV (UTF-8) first.',
        ]);
        const gone = new AbortController();
        const broken = fetch(`${url}/v1/files?name=a.csv`, {
          method: 'POST',
          headers: { 'content-type': 'application/octet-stream' },
          signal: gone.signal,
          duplex: 'half',
          body: new ReadableStream({
            async pull(controller) {
              controller.enqueue(new TextEncoder().encode('sku,title\n'));
              await delay(20);
              if (readdirSync(join(place, 'files')).length > 0) gone.abort();
            },
          }),
        } as RequestInit);
        await expect(broken).rejects.toThrow();
        while (readdirSync(join(place, 'files')).length > 0) await delay(10);
        expect((await get(`${url}/v1/files`)).json).toEqual({ files: [], maxBytes: 1000 });
      },
      { maxUploadBytes: 1000 },
    ));

  it('are looked at in a process of their own, and what cannot be read says why', () =>
    training(async (url) => {
      // A name that the service itself might have used.
      const { id } = (await upload(url, 'inspection.txt')).json;
      const looking = post(`${url}/v1/files/${id}/inspect`, {});
      while (!readdirSync(join(place, 'files', id)).includes('.inspection')) await delay(5);
      expect(refusal(await call('DELETE', `${url}/v1/files/${id}`))).toEqual([409, 'serving/file-in-use']);
      const inspected = await looking;
      const { inspection } = fileContract.parse(inspected.json);
      expect(inspection).toMatchObject({
        rows: 90,
        layout: 'columns',
        config: { data: { id: 'sku' }, attributes: { color: 'choice' } },
      });
      expect(inspection!.columns.map(({ name, role }) => [name, role])).toContainEqual(['title', 'text']);
      expect((await get(`${url}/v1/files/${id}`)).json).toEqual(inspected.json);
      expect(readdirSync(join(place, 'files', id)).sort()).toEqual(['file.json', 'inspection.txt']);

      const bad = (await upload(url, 'products.parquet', 'no parquet at all')).json;
      const refused = await post(`${url}/v1/files/${bad.id}/inspect`, {});
      expect(refusal(refused)).toEqual([422, 'serving/file-unreadable']);
      expect(refused.json.detail).toContain('products.parquet');
    }));

  it('are looked at for so long only, and again when they are asked for again', () =>
    training(
      async (url) => {
        const { id } = (await upload(url, 'products.csv')).json;
        for (let i = 0; i < 2; i++) {
          const { json, ...answer } = await post(`${url}/v1/files/${id}/inspect`, {});
          expect(refusal({ json, ...answer })).toEqual([422, 'serving/file-unreadable']);
          expect(json.detail).toBe(
            'products.csv could not be looked at within 0.001 minutes, so the look was ended.',
          );
          expect(readdirSync(join(place, 'files', id)).sort()).toEqual(['file.json', 'products.csv']);
        }
      },
      { limits: { inspectTimeoutMs: 60 } },
    ));
});

describe('pictures that the cells of a file name', () => {
  const swatch = (background: string) =>
    sharp({ create: { width: 32, height: 32, channels: 3, background } })
      .png()
      .toBuffer();

  it('are read from the files of the workspace only: a path elsewhere is told, and not read', async () => {
    const secret = join(folder(), 'secret.png');
    writeFileSync(secret, await swatch('#204060'));
    mkdirSync(join(place, 'files', 'pictures'), { recursive: true });
    const rows: Record<string, string>[] = [];
    for (const [i, product] of shop(60).entries()) {
      const picture = await swatch(i % 2 === 0 ? '#c02020' : '#2020c0');
      if (i % 3 === 0) writeFileSync(join(place, 'files', 'pictures', `${i}.png`), picture);
      const data = `data:image/png;base64,${picture.toString('base64')}`;
      rows.push({ ...product, photo: [`../pictures/${i}.png`, data, secret][i % 3]! });
    }
    await training(async (url) => {
      const { id: file } = (await upload(url, 'products.csv', csv(rows))).json;
      const { json } = await post(`${url}/v1/files/${file}/inspect`, {});
      const { inspection } = fileContract.parse(json);
      expect(inspection!.columns.find(({ name }) => name === 'photo')!.role).toBe('image');
      expect(inspection!.warnings.map(({ code, where, what }) => `${where} ${code} ${what}`)).toContain(
        'photo outside-media Of 60 pictures 20 are outside of the one folder whose files are read here.',
      );
      const config = {
        ...COLUMNS,
        inputs: { photo: 'image' },
        model: { ...SMALL, imageSize: 32 },
        training: { epochs: 1, threads: 1 },
      };
      expect((await post(`${url}/v1/runs`, { file, model: 'shop', config })).status).toBe(201);
      const run = await until(url, 'shop-1', ({ state }) => state === 'finished');
      expect(run.warnings.join('\n')).toMatch(/^20 pictures or sounds could not be read/m);
      expect(run.warnings.join('\n')).toContain(`${secret} is not read: of files only those in`);
      const rejects = readFileSync(join(place, 'models', 'shop', '1.rejects.csv'), 'utf8');
      expect(rejects.match(/is not read/g)).toHaveLength(20);
    });
  });
});

describe('runs', () => {
  it('wait for their turn, are cancelled, found again and resumed, and end as models that answer', async () => {
    const ids = await training(async (url) => {
      const { id: file } = (await upload(url, 'products.csv')).json;
      const train = (config: object, model = 'shop') => post(`${url}/v1/runs`, { file, model, config });
      const first = await train({ ...COLUMNS, model: SMALL, training: { epochs: 4, threads: 1 } });
      expect(first.status).toBe(201);
      expect(runDetailContract.parse(first.json)).toMatchObject({
        id: 'shop-1',
        model: 'shop',
        version: '1',
      });
      const lost = await train({ ...COLUMNS, attributes: { colour: 'choice' }, model: SMALL });
      const idle = await train(COLUMNS, 'other');
      expect([lost.json.state, idle.json.state]).toEqual(['waiting', 'waiting']);
      expect((await post(`${url}/v1/runs/other-1/cancel`, {})).json.state).toBe('stopped');
      expect(refusal(await post(`${url}/v1/runs/other-1/cancel`, {}))).toEqual([409, 'serving/run-state']);
      expect((await call('DELETE', `${url}/v1/runs/other-1`)).status).toBe(200);
      expect(refusal(await call('DELETE', `${url}/v1/files/${file}`))).toEqual([409, 'serving/file-in-use']);

      await until(url, 'shop-1', ({ step }) => step > 0);
      expect(refusal(await call('DELETE', `${url}/v1/runs/shop-1`))).toEqual([409, 'serving/run-state']);
      expect((await post(`${url}/v1/runs/shop-1/cancel`, {})).json.state).toBe('stopping');
      await until(url, 'shop-1', ({ state }) => state === 'stopped');

      const failed = await until(url, 'shop-2', ({ problem }) => problem !== null);
      expect(failed.state).toBe('failed');
      expect(failed.problem).toMatchObject({
        code: 'catalog/column-missing',
        message: expect.stringContaining('There is no column "colour"'),
      });

      await post(`${url}/v1/runs/shop-1/resume`, {});
      const { step } = await until(url, 'shop-1', ({ state }) => state === 'running');
      await expect(serveBundle({ workspace: place, port: 0 })).rejects.toMatchObject({
        code: 'store/folder-locked',
        message: expect.stringContaining('The workspace in'),
      });
      return { file, step };
    });

    await training(async (url) => {
      const list = runsContract.parse((await get(`${url}/v1/runs`)).json);
      expect(list.runs.map(({ id, state }) => [id, state])).toEqual([
        ['shop-2', 'failed'],
        ['shop-1', 'interrupted'],
      ]);
      await post(`${url}/v1/runs/shop-1/resume`, {});
      const run = await until(url, 'shop-1', ({ state }) => state === 'finished');
      expect(run.step).toBe(run.steps);
      const [{ loss, epochs }] = run.curves as [RunDetail['curves'][number]];
      expect(run.curves).toHaveLength(1);
      expect(loss.map(([at]) => at)).toEqual(Array.from({ length: run.step }, (_, i) => i + 1));
      expect(epochs.map(({ epoch }) => epoch)).toEqual([1, 2, 3, 4]);
      expect(run.devScore).toBe(Math.max(...epochs.map(({ devScore }) => devScore ?? 0)));
      expect(run.figures.map(({ attribute }) => attribute)).toEqual(['color']);
      expect(run.plan!.products.train).toBeGreaterThan(60);

      expect((await post(`${url}/v1/models/shop/load`, { version: '1' })).json.version).toBe('1');
      expect(refusal(await call('DELETE', `${url}/v1/runs/shop-1`))).toEqual([409, 'serving/version-in-use']);
      const answer = await post(`${url}/v1/products:predict`, { products: [{ title: 'Red mug' }] });
      expect(answer.json.predictions[0].attributes.color.value).toMatch(/Red|Blue|Green/);
      expect((await call('DELETE', `${url}/v1/files/${ids.file}`)).status).toBe(409);
      expect((await call('DELETE', `${url}/v1/runs/shop-2`)).status).toBe(200);
      expect((await call('DELETE', `${url}/v1/files/${ids.file}`)).status).toBe(200);
    });

    await training(async (url) => {
      const answer = await post(`${url}/v1/products:predict`, { products: [{ title: 'Red mug' }] });
      expect([answer.json.model, answer.json.predictions[0].version]).toEqual(['shop', '1']);
      await post(`${url}/v1/models/shop/unload`, {});
      expect((await call('DELETE', `${url}/v1/runs/shop-1`)).status).toBe(200);
      expect(readdirSync(join(place, 'models', 'shop'))).toEqual([]);
      expect(readdirSync(join(place, 'runs'))).toEqual([]);
    });
  });

  it('of a service that was killed save, stop by themselves and are found again', async () => {
    const killed = start(folder(), [
      'serve',
      '--workspace',
      place,
      '--port',
      '0',
      '--threads',
      '1',
      '--json',
    ]);
    const url = await new Promise<string>((resolve) =>
      killed.stdout.once('data', (line) => resolve(JSON.parse(String(line)).url)),
    );
    const { id: file } = (await upload(url, 'products.csv')).json;
    const config = {
      ...COLUMNS,
      model: SMALL,
      training: { epochs: 900, patience: 900, threads: 1 },
    };
    expect((await post(`${url}/v1/runs`, { file, model: 'shop', config })).status).toBe(201);
    await until(url, 'shop-1', ({ step }) => step > 0);
    const gone = once(killed, 'exit');
    killed.kill('SIGKILL');
    await gone;
    await training(async (again) => {
      const states = new Set<string>();
      const run = await until(again, 'shop-1', ({ state }) => states.add(state) && state === 'interrupted');
      expect([...states].filter((state) => state !== 'running')).toEqual(['interrupted']);
      expect(run.step).toBeGreaterThan(0);
      await post(`${again}/v1/runs/shop-1/resume`, {});
      const on = await until(again, 'shop-1', ({ state, step }) => state === 'running' && step > run.step);
      expect(on.ended).toBeNull();
      await post(`${again}/v1/runs/shop-1/cancel`, {});
      await until(again, 'shop-1', ({ state }) => state === 'stopped');
    });
    // Two services and two trainings start in it, which takes a busy machine its time.
  }, 300_000);

  it('are refused where the config is wrong, names paths, or starts from what is not there', () =>
    training(async (url) => {
      const { id: file } = (await upload(url, 'products.csv')).json;
      const asked = (config: Json, others: object = {}) =>
        post(`${url}/v1/runs`, { file, model: 'shop', config, ...others });
      const detail = async (config: Json) => {
        const answer = await asked(config);
        expect(refusal(answer)).toEqual([422, 'serving/bad-config']);
        return answer.json.detail;
      };
      expect(await detail({ training: { epochs: 0 } })).toContain('"training.epochs" must be at least 1');
      expect(await detail({ data: { path: '/etc/passwd' } })).toContain('data.path');
      expect(await detail({ data: { split: { by: 'files', files: { dev: 'x' } } } })).toContain(
        'data.split.files',
      );
      expect(await detail({ inputs: { a: { kind: 'text', path: 'b.csv' } } })).toContain('inputs.a');
      expect(await detail({ inputs: { log: { kind: 'behaviour', events: 'e.csv' } } })).toContain(
        'inputs.log',
      );
      expect(await detail({ model: { text: 'sentence-transformers/all-MiniLM-L6-v2' } })).toContain(
        'model.text must be small',
      );
      expect(await detail({ model: { image: '../files' } })).toContain('model.image must be small');
      expect(refusal(await asked({}, { model: '../x' }))).toEqual([422, 'serving/invalid-request']);
      expect(refusal(await asked({}, { file: 'none' }))).toEqual([404, 'serving/file-not-found']);
      expect(refusal(await post(`${url}/v1/runs/none/resume`, {}))).toEqual([404, 'serving/run-not-found']);
      expect((await get(`${url}/v1/runs`)).json).toEqual({ runs: [], encoders: [] });
      const { paths, components } = (await get(`${url}/openapi.json`)).json;
      expect(Object.keys(paths['/v1/files'].post.requestBody.content)).toEqual(['application/octet-stream']);
      expect(components.schemas.ProductInput).toEqual({});
      expect(Object.keys(paths['/v1/runs/{id}'])).toEqual(['get', 'delete']);
    }));
});

it('starts though what answered last is not known, and not where it does not open and nothing else does', async () => {
  const live = join(place, 'live.json');
  writeFileSync(live, '[{"name":');
  await training(async (url) => {
    expect((await get(`${url}/v1/models`)).json).toEqual({ models: [], failed: [] });
  });
  mkdirSync(join(place, 'models', 'shop', '1'), { recursive: true });
  writeFileSync(join(place, 'models', 'shop', '1', 'attune.json'), '{}');
  writeFileSync(live, '[{"name":"shop","version":"1"},{"name":"gone","version":"2"}]');
  await expect(serveBundle({ workspace: place, port: 0 })).rejects.toMatchObject({
    code: 'prediction/bundle-invalid',
  });
});

it('is not there without a workspace, needs an admin, and says when the workspace cannot be written', async () => {
  const { url } = await serve();
  expect(refusal(await get(`${url}/v1/runs`))).toEqual([404, 'serving/not-found']);
  for (const path of ['/v1/files', '/v1/files/:id/inspect', '/v1/runs', '/v1/runs/:id/cancel'])
    expect([roleFor('POST', path), roleFor('GET', path)]).toEqual(['admin', 'admin']);
  writeFileSync(join(place, 'file'), '');
  await expect(serveBundle({ workspace: join(place, 'file', 'in'), port: 0 })).rejects.toMatchObject({
    code: 'serving/workspace-unwritable',
  });
  rmSync(join(place, 'file'));
});
