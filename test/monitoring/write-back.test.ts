/** Accepted values go back into a merchant's file, and nothing else in it changes. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { configSchema } from '../../src/attune/config.ts';
import { applyChanges, findChanges } from '../../src/attune/write-back.ts';

let folder = '';
const at = (name: string) => join(folder, name);
const read = (name: string) => readFileSync(at(name), 'utf8');

const PRODUCTS = `sku,title,Colour,Internal note
1,"Red shirt, long",rd,"keep ""this"""
2,Blue mug,,007
3,Green lamp,Green,
`;
const SHOPIFY = `Handle,Title,Option1 Name,Option1 Value,Variant SKU,My own column
shirt,Linen shirt,Size,S,a1,x
shirt,,,M,a2,y
mug,Blue mug,Title,Default Title,b1,z
`;
const REVIEWS = `product,attribute,value,reviewer,time
1,color,Pink,bob,2026-01-01
1,color,Red,ann,2026-02-01
2,color,Blue,ann,2026-02-01
3,color,Green,ann,2026-02-01
9,color,Blue,ann,2026-02-01
`;

const config = configSchema.parse({
  data: { path: 'products.csv', id: 'sku' },
  inputs: { title: 'text' },
  attributes: { color: { kind: 'choice', column: 'Colour' } },
});
const shopify = configSchema.parse({
  data: { path: 'shopify.csv', layout: 'shopify' },
  inputs: { title: { kind: 'text', column: 'Title' } },
  attributes: { material: 'choice' },
});

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'attune-write-back-'));
  writeFileSync(at('products.csv'), PRODUCTS);
  writeFileSync(at('shopify.csv'), SHOPIFY);
  writeFileSync(at('reviews.csv'), REVIEWS);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const find = (out: string, more: Partial<Parameters<typeof findChanges>[0]> = {}) =>
  findChanges({ config, files: [at('products.csv')], reviews: [at('reviews.csv')], out: at(out), ...more });
const apply = (out: string, more: Partial<Parameters<typeof applyChanges>[0]> = {}) =>
  applyChanges({ config, files: [at('products.csv')], changes: at('changes.csv'), out: at(out), ...more });

describe('writing back', () => {
  it('lists only what differs, by the last word of people', async () => {
    const changes = await find('changes.csv');
    expect(changes).toEqual([
      { product: '1', attribute: 'color', column: 'Colour', before: 'rd', after: 'Red', by: 'ann' },
      { product: '2', attribute: 'color', column: 'Colour', before: '', after: 'Blue', by: 'ann' },
    ]);
    expect(read('changes.csv').split('\n')[0]).toBe('product,attribute,column,before,after,by,approve');
  });

  it('changes nothing that nobody approved, and only the cells that were', async () => {
    expect(await apply('none.csv')).toEqual({ made: 0, conflicts: [] });
    expect(read('none.csv')).toBe(PRODUCTS);
    writeFileSync(at('changes.csv'), read('changes.csv').replace('rd,Red,ann,', 'rd,Red,ann,yes'));
    expect(await apply('one.csv')).toEqual({ made: 1, conflicts: [] });
    expect(read('one.csv')).toBe(PRODUCTS.replace(',rd,', ',Red,'));
  });

  it('takes changes back, byte by byte', async () => {
    await apply('all.csv', { all: true });
    expect(read('all.csv')).toBe(PRODUCTS.replace(',rd,', ',Red,').replace('mug,,', 'mug,Blue,'));
    const undone = await apply('undone.csv', { files: [at('all.csv')], all: true, undo: true });
    expect(undone).toEqual({ made: 2, conflicts: [] });
    expect(read('undone.csv')).toBe(PRODUCTS);
  });

  it('leaves a cell alone that was changed meanwhile, and says which', async () => {
    writeFileSync(
      at('meanwhile.csv'),
      PRODUCTS.replace(',rd,', ',crimson,').replace('2,Blue mug', '8,Blue mug'),
    );
    const { made, conflicts } = await apply('kept.csv', { files: [at('meanwhile.csv')], all: true });
    expect(made).toBe(0);
    expect(conflicts.map(({ product, found }) => [product, found])).toEqual([
      ['1', 'crimson'],
      ['2', '(no such product)'],
    ]);
    expect(read('kept.csv')).toBe(read('meanwhile.csv'));
  });

  it('keeps all rows and columns of a Shopify export, and adds a metafield', async () => {
    writeFileSync(at('shopify-reviews.csv'), 'product,attribute,value\nshirt,material,Linen\n');
    const shared = { config: shopify, files: [at('shopify.csv')] };
    await find('shopify-changes.csv', { ...shared, reviews: [at('shopify-reviews.csv')] });
    await apply('shopify-new.csv', { ...shared, changes: at('shopify-changes.csv'), all: true });
    const before = SHOPIFY.trimEnd().split('\n');
    const column = 'material (product.metafields.custom.material)';
    const cells = [column, 'Linen', '', ''];
    expect(read('shopify-new.csv')).toBe(`${before.map((line, i) => `${line},${cells[i]}`).join('\n')}\n`);
  });

  it('speaks Google and schema.org, and posts to a webhook', async () => {
    let posted: unknown;
    const server = createServer((request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => {
        posted = JSON.parse(Buffer.concat(parts).toString());
        response.end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const webhook = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const changes = await find('feed.tsv', { format: 'google', webhook });
    server.close();
    expect(posted).toEqual(changes);
    expect(read('feed.tsv')).toBe('id\tcolor\n1\tRed\n2\tBlue\n');
    await find('feed.jsonl', { format: 'jsonld' });
    expect(
      read('feed.jsonl')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual([
      { '@context': 'https://schema.org', '@type': 'Product', sku: '1', color: 'Red' },
      { '@context': 'https://schema.org', '@type': 'Product', sku: '2', color: 'Blue' },
    ]);
    await expect(find('feed.jsonl', { format: 'jsonld' })).rejects.toThrow(/feed\.jsonl/);
  });
});
