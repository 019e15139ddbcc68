import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { AttuneError } from '../../src/base/errors.ts';
import { thumbnail } from '../../src/features/image/thumbnail.ts';
import { roleFor } from '../../src/serving/access/roles.ts';
import {
  correctionPageContract,
  newCorrectionContract,
  productPageContract,
  storedProductContract,
} from '../../src/serving/api/records.ts';
import { Keeper } from '../../src/serving/records/keeper.ts';
import { isAsStored, productWrite } from '../../src/serving/records/product-writes.ts';
import type { StoredProduct } from '../../src/store/products.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { type Json, post, predict, serve } from './http.ts';
import { swatchPredictor } from './swatch-predictor.ts';

let folder: string;
let store: Store;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'attune-records-'));
  store = await openStore({ folder });
});
afterAll(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

const get = async (url: string): Promise<Json> => (await fetch(url)).json();

/** Answers go out before they are kept. */
async function kept(url: string, id: string, signal: AbortSignal): Promise<Json> {
  for (;;) {
    const product = await get(`${url}/v1/products/${id}`);
    if (product.predictions?.length > 0) return storedProductContract.parse(product);
    signal.throwIfAborted();
    await delay(5);
  }
}

describe('with a store', () => {
  it('products that have an id are kept with what was answered, by which version, and why', async ({
    signal,
  }) => {
    const server = await serve({ store });
    const title = 'Norda shirt in navy cotton';
    await predict(server, { products: [{ id: 'A1', category: 'Shirts', title }, { title: 'nameless' }] });
    const product = await kept(server.url, 'A1', signal);
    expect(product).toMatchObject({ category: 'Shirts', fields: { title } });
    expect(product.predictions.find((one: Json) => one.attribute === 'color')).toMatchObject({
      model: 'keywords',
      version: '1',
      value: 'Blue',
      status: 'auto',
      evidence: [{ field: 'title', start: 15, end: 19, text: 'navy' }],
    });
    const color = product.values.find((one: Json) => one.attribute === 'color');
    expect([color.values, color.provenance, color.version]).toEqual([['Blue'], 'model', '1']);
    await predict(server, { keep: false, products: [{ id: 'A2', title: 'red' }] });
    await predict(server, { products: [{ id: 'A3', title: 'red' }] });
    await kept(server.url, 'A3', signal);
    const missing = await fetch(`${server.url}/v1/products/A2`);
    expect([missing.status, ((await missing.json()) as Json).code]).toEqual([
      404,
      'serving/product-not-found',
    ]);
  });

  it('under ids as long as the store takes them, whatever is in them; longer ones are refused in words', async () => {
    const server = await serve({ store });
    for (const id of ['x'.repeat(300), 'a/b?c#d%2F', 'ü'.repeat(1024)]) {
      const at = `${server.url}/v1/products/${encodeURIComponent(id)}`;
      const put = await fetch(at, {
        method: 'PUT',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ fields: { title: 'red' } }),
      });
      expect(put.status, id.slice(0, 10)).toBe(200);
      expect((await get(at)).id).toBe(id);
      expect((await fetch(`${at}/history`)).status).toBe(200);
      expect((await fetch(at, { method: 'DELETE' })).status).toBe(200);
    }
    const tooLong = await fetch(`${server.url}/v1/products/${'x'.repeat(1025)}`);
    expect([tooLong.status, ((await tooLong.json()) as Json).code]).toEqual([422, 'serving/invalid-request']);
  });

  it('of pictures a small copy is kept, which people can look at, and no program that only predicts', async ({
    signal,
  }) => {
    const server = await serve({ store, predictor: swatchPredictor(), thumbnail });
    const background = { r: 200, g: 40, b: 40 };
    const red = await sharp({ create: { width: 600, height: 300, channels: 3, background } })
      .png()
      .toBuffer();
    const [photo, clip] = [red.toString('base64'), Buffer.from('RIFF').toString('base64')];
    await predict(server, { products: [{ id: 'P1', title: 'jumper', photo, clip }] });
    const { media } = await kept(server.url, 'P1', signal);
    const hash = createHash('sha256').update(red).digest('hex');
    await expect
      .poll(async () => (await get(`${server.url}/v1/products/P1`)).pictures, { timeout: 60_000 })
      .toEqual([{ field: 'photo', hash }]);
    expect(media).toHaveLength(2);
    const picture = await fetch(`${server.url}/v1/pictures/${hash}`);
    expect(Object.fromEntries(picture.headers)).toMatchObject({
      'content-type': 'image/jpeg',
      'x-content-type-options': 'nosniff',
      'cache-control': 'private, max-age=31536000, immutable',
    });
    const { width, height } = await sharp(Buffer.from(await picture.arrayBuffer())).metadata();
    expect([width, height]).toEqual([256, 128]);
    expect(roleFor('GET', '/v1/pictures/:hash')).toBe('review');
    const [other, none] = ['0'.repeat(64), '..%2f..%2fkeys'].map((name) =>
      get(`${server.url}/v1/pictures/${name}`),
    );
    expect(await other).toMatchObject({ status: 404, code: 'serving/picture-not-found' });
    expect(await none).toMatchObject({ status: 422 });
    await fetch(`${server.url}/v1/products/P1`, { method: 'DELETE' });
    expect(await get(`${server.url}/v1/pictures/${hash}`)).toMatchObject({ status: 404 });
  });

  it('a person corrects a value, which no later answer of a model overwrites', async ({ signal }) => {
    const server = await serve({ store });
    await predict(server, { products: [{ id: 'C1', title: 'red and navy shirt' }] });
    await kept(server.url, 'C1', signal);
    const correction = { productId: 'C1', attribute: 'color', values: ['Green'], who: 'ada' };
    const answer = await post(`${server.url}/v1/corrections`, correction);
    expect(newCorrectionContract.parse(answer.json)).toMatchObject(correction);
    await predict(server, { products: [{ id: 'C1', title: 'navy shirt' }] });
    await server.close();
    const again = await serve({ store });
    const product = await kept(again.url, 'C1', signal);
    expect(product.fields.title).toBe('navy shirt');
    expect(product.values.find((one: Json) => one.attribute === 'color')).toMatchObject({
      values: ['Green'],
      provenance: 'person-created',
      who: 'ada',
    });
    const page = correctionPageContract.parse(await get(`${again.url}/v1/corrections?productId=C1`));
    expect(page.corrections).toHaveLength(1);
    expect((await post(`${again.url}/v1/corrections`, { ...correction, productId: 'none' })).json.code).toBe(
      'store/not-found',
    );
  });

  it('products are listed a page at a time, and found by what is said of them', async ({ signal }) => {
    const server = await serve({ store });
    const put = (id: string, body: unknown) =>
      fetch(`${server.url}/v1/products/${id}`, {
        method: 'PUT',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
    for (const id of ['L1', 'L2', 'L3'])
      expect((await put(id, { supplier: 'acme', fields: { title: `red ${id}` } })).status).toBe(200);
    const first = productPageContract.parse(await get(`${server.url}/v1/products?supplier=acme&limit=2`));
    expect([first.products.map(({ id }) => id), first.next]).toEqual([['L1', 'L2'], 'L2']);
    const second = await get(`${server.url}/v1/products?supplier=acme&limit=2&after=${first.next}`);
    expect([second.products.map(({ id }: Json) => id), second.next]).toEqual([['L3'], null]);
    await predict(server, { products: [{ id: 'L3', title: 'red L3' }] });
    await kept(server.url, 'L3', signal);
    const red = await get(`${server.url}/v1/products?supplier=acme&attribute=color&value=Red&status=auto`);
    expect(red.products.map(({ id }: Json) => id)).toEqual(['L3']);
    const unsure = await get(`${server.url}/v1/products?supplier=acme&attribute=color&maxConfidence=0.5`);
    expect(unsure.products).toEqual([]);
    const removed = await fetch(`${server.url}/v1/products/L3`, { method: 'DELETE' });
    expect(await removed.json()).toEqual({ removed: 1 });
    expect((await fetch(`${server.url}/v1/products/L3`, { method: 'DELETE' })).status).toBe(404);
    expect((await fetch(`${server.url}/v1/products?limit=0`)).status).toBe(422);
  });
});

describe('a key that may only predict', () => {
  const made: string[] = [];
  const make = async (role: 'predict' | 'review') => {
    const { key, stored } = await store.keys.create({ name: role, role, createdBy: 'test' });
    made.push(stored.id);
    return { authorization: `Bearer ${key}` };
  };
  afterEach(async () => {
    for (const id of made.splice(0)) await store.keys.revoke(id);
  });
  const stored = async (id: string) => {
    const [[product], predictions] = await Promise.all([
      store.products.get([id]),
      store.predictions.of([id]),
    ]);
    return { product, color: predictions.find(({ attribute }) => attribute === 'color')?.value };
  };

  it('adds products, and changes neither those that are there nor what is predicted of them', async () => {
    const [shop, editor] = [await make('predict'), await make('review')];
    const send = async (caller: Record<string, string>, ...products: Json[]) => {
      const server = await serve({ store });
      const { status, json } = await predict(server, { products }, caller);
      await server.close();
      expect(status).toBe(200);
      return json.predictions.map((one: Json) => one.attributes.color.value);
    };
    await send(shop, { id: 'V1', category: 'Shirts', title: 'navy' });
    const first = await stored('V1');
    expect(first).toMatchObject({
      product: { category: 'Shirts', fields: { title: 'navy' } },
      color: 'Blue',
    });
    const others = [
      { title: 'red' },
      { title: 'navy', category: 'Hats' },
      { title: '' },
      { description: 'red' },
    ];
    for (const other of others) await send(shop, { id: 'V1', ...other });
    expect(await send(shop, { id: 'V1', category: 'Shirts', title: 'red' })).toEqual(['Red']);
    expect(await stored('V1')).toEqual(first);
    await send(editor, { id: 'V1', title: 'red' });
    expect(await stored('V1')).toMatchObject({
      product: { category: 'Shirts', fields: { title: 'red' } },
      color: 'Red',
    });
  });

  it('has its answer kept of a product that it sends as the store has it', async () => {
    await store.products.put([
      { id: 'V2', supplier: 'acme', category: 'Shirts', fields: { title: 'red', cost: 3 } },
    ]);
    const caller = await make('predict');
    await make('review');
    const server = await serve({ store });
    const product = { id: 'V2', category: 'Shirts', title: 'red', description: '' };
    const response = await fetch(`${server.url}/v1/products:predict`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-ndjson', ...caller },
      body: JSON.stringify(product),
    });
    await response.text();
    await server.close();
    expect(await stored('V2')).toMatchObject({
      product: { supplier: 'acme', fields: { title: 'red', cost: 3 } },
      color: 'Red',
    });
  });
});

describe('Keeper', () => {
  const answer = (id: string) => ({
    product: { id, texts: { title: id } },
    prediction: { id, attributes: {}, missing: [] },
    model: 'm',
    version: '1',
    reads: ['title'],
    mayWrite: true,
  });

  it('waits while the database is away, and loses nothing that found room', async ({ signal }) => {
    let away = true;
    const troubles: number[] = [];
    const put: Store['products']['put'] = async (list) => {
      if (away) throw new AttuneError('store/unavailable', 'away');
      return store.products.put(list);
    };
    const keeper = new Keeper({
      store: { ...store, products: { ...store.products, put } },
      onTrouble: (_error, dropped) => troubles.push(dropped),
      mostWaiting: 3,
    });
    keeper.keep([answer('K1'), answer('K2')]);
    keeper.keep([answer('K3'), answer('K4')]);
    expect(troubles).toContain(1);
    while (troubles.length < 3) {
      signal.throwIfAborted();
      await delay(5);
    }
    away = false;
    await keeper.close();
    expect((await store.products.get(['K1', 'K2', 'K3', 'K4'])).map(({ id }) => id)).toEqual([
      'K1',
      'K2',
      'K3',
    ]);
  });

  it('leaves out what the database refuses, and keeps what came with it and after', async () => {
    const lost: number[] = [];
    const keeper = new Keeper({ store, onTrouble: (_error, dropped) => lost.push(dropped) });
    const odd = answer('R2');
    keeper.keep([
      answer('R1'),
      { ...odd, product: { ...odd.product, texts: { title: 'a\u0000b' } } },
      answer('R3'),
    ]);
    keeper.keep([answer('R4')]);
    await keeper.close();
    expect(lost).toEqual([1]);
    expect((await store.products.get(['R1', 'R2', 'R3', 'R4'])).map(({ id }) => id)).toEqual([
      'R1',
      'R3',
      'R4',
    ]);
  });

  it('writes what a caller may change, whoever else sends the same product with it', async () => {
    const keeper = new Keeper({ store, onTrouble: (error) => expect.unreachable(String(error)) });
    const sent = (title: string, mayWrite: boolean) => ({
      ...answer('W1'),
      product: { id: 'W1', texts: { title } },
      mayWrite,
    });
    keeper.keep([sent('a visitor', false), sent('an editor', true), sent('another visitor', false)]);
    await keeper.close();
    expect((await store.products.get(['W1']))[0]?.fields).toEqual({ title: 'an editor' });
  });

  it('tells pictures and numbers that were sent from those that are stored', () => {
    const picture = Buffer.from('bytes');
    const product = { id: 'P', texts: {}, table: { price: 3 }, media: { cells: { photo: [picture] } } };
    const { fields, media = [] } = productWrite(product);
    const stored = { category: null, fields, media } as unknown as StoredProduct;
    const reads = ['title', 'photo', 'price'];
    expect(isAsStored(product, stored, reads)).toBe(true);
    expect(isAsStored({ ...product, table: { price: 4 } }, stored, reads)).toBe(false);
    expect(isAsStored({ ...product, media: { cells: {} } }, stored, reads)).toBe(false);
    const other = { cells: { photo: [Buffer.from('others')] } };
    expect(isAsStored({ ...product, media: other }, stored, reads)).toBe(false);
    expect(isAsStored({ ...product, media: other }, stored, ['title', 'price'])).toBe(true);
    expect(isAsStored({ ...product, values: { color: ['Red'] } }, stored, reads)).toBe(false);
  });
});
