import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AttuneError } from '../base/errors.ts';
import { type Catalog, type InputRow, openCatalog } from './catalog.ts';
import { writeTable } from './output.ts';
import type { Product, SplitSide } from './product.ts';
import type { CatalogSpec } from './spec.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'attune-catalog-test-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const lines = (rows: readonly unknown[]) => rows.map((row) => JSON.stringify(row)).join('\n');

const title = { name: 'title', columns: ['title'] };
const color = { name: 'color', column: 'color', kind: 'choice' } as const;

async function withCatalog<T>(
  spec: Partial<CatalogSpec> & Pick<CatalogSpec, 'paths'>,
  use: (catalog: Catalog) => Promise<T>,
): Promise<T> {
  const catalog = await openCatalog({
    layout: 'auto',
    texts: [title],
    attributes: [],
    threads: 1,
    scratch: join(folder, 'scratch'),
    ...spec,
  });
  try {
    return await use(catalog);
  } finally {
    catalog.close();
  }
}

async function all(catalog: Catalog, sides?: SplitSide[]): Promise<Product[]> {
  const products: Product[] = [];
  for await (const batch of catalog.products(sides === undefined ? {} : { sides })) products.push(...batch);
  return products;
}

const read = (spec: Partial<CatalogSpec> & Pick<CatalogSpec, 'paths'>) => withCatalog(spec, (c) => all(c));

const value = (...values: string[]) => ({ state: 'value', values });
const notApplicable = { state: 'not-applicable' };

describe('columns', () => {
  it('reads products with their roles, labels and where they stand', async () => {
    const path = file(
      'columns.csv',
      'sku,parent,kind,title,brand,color,materials\n' +
        '007,P1,Shoes,Red shoe,Acme,Red,Leather; Rubber\n' +
        '008,,Hats,Hat,,N/A,"[""Felt"",""Straw; plain""]"\n' +
        '009,,Hats,Cap,,,\n',
    );
    const products = await read({
      paths: [path],
      id: 'sku',
      group: 'parent',
      category: 'kind',
      texts: [{ name: 'text', columns: ['title', 'brand'] }],
      attributes: [color, { name: 'material', column: 'materials', kind: 'multi' }],
    });
    expect(products).toEqual([
      {
        id: '007',
        group: 'P1',
        category: 'Shoes',
        texts: { text: 'Red shoe\nAcme' },
        labels: { color: value('Red'), material: value('Leather', 'Rubber') },
        source: { file: path, row: 1 },
      },
      {
        id: '008',
        group: undefined,
        category: 'Hats',
        texts: { text: 'Hat' },
        labels: { color: notApplicable, material: value('Felt', 'Straw; plain') },
        source: { file: path, row: 2 },
      },
      {
        id: '009',
        group: undefined,
        category: 'Hats',
        texts: { text: 'Cap' },
        labels: {},
        source: { file: path, row: 3 },
      },
    ]);
  });

  it('takes the tokens and the separator that it is given', async () => {
    const path = file('tokens.csv', 'title,color\na,none\nb,n/a\nc,Red/Blue\n');
    const attributes = [{ ...color, kind: 'multi' as const, separator: '/' }];
    const products = await read({ paths: [path], attributes, notApplicable: ['None'] });
    expect(products.map(({ labels }) => labels.color)).toEqual([
      notApplicable,
      value('n', 'a'),
      value('Red', 'Blue'),
    ]);
  });

  it('calls products without an id by row, and by file when there are several', async () => {
    const one = file('ids-1.csv', 'title\na\nb\n');
    const two = file('ids-2.csv', 'title\nc\n');
    expect((await read({ paths: [one] })).map(({ id }) => id)).toEqual(['1', '2']);
    expect((await read({ paths: [one, two] })).map(({ id }) => id)).toEqual([
      'ids-1.csv:1',
      'ids-1.csv:2',
      'ids-2.csv:1',
    ]);
  });

  it('cuts a text that is too long and says so', async () => {
    const path = file('long.csv', `title\n${'👟'.repeat(50)}\nshort\n`);
    await withCatalog({ paths: [path], maxTextLength: 10 }, async (catalog) => {
      expect((await all(catalog)).map(({ texts }) => texts.title)).toEqual(['👟'.repeat(10), 'short']);
      expect(catalog.warnings.join()).toContain(
        '1 products have a text of more than 10 characters, the first in row 1',
      );
    });
  });

  it('names the nearest column when one is missing', async () => {
    const path = file('near.csv', 'title,colour\na,Red\n');
    const error = await read({ paths: [path], attributes: [color] }).catch((cause: unknown) => cause);
    expect(error).toBeInstanceOf(AttuneError);
    expect(error).toMatchObject({
      code: 'catalog/column-missing',
      hint: expect.stringContaining('"colour"'),
    });
  });
});

describe('nested attributes', () => {
  const attributes = (['Color', 'Size', 'Width'] as const).map((name) => ({
    name,
    column: name,
    kind: 'extract' as const,
  }));

  it('reads values, lists, scores and evidence', async () => {
    const path = file(
      'nested.jsonl',
      lines([
        { title: 'a', attributes: { Color: 'Red', Size: ['M', 'L'], Width: { value: 12, unit: 'cm' } } },
        { title: 'b', attributes: { Color: { Red: 1, Blue: 0 }, Size: { 'n/a': 1 } } },
        { title: 'c', attributes: { Color: { Navy: { pid: [0], score: 1 } }, Size: 8400, Width: null } },
      ]),
    );
    await withCatalog({ paths: [path], attributes }, async (catalog) => {
      expect(catalog.layout).toEqual({ kind: 'nested', column: 'attributes' });
      expect((await all(catalog)).map(({ labels }) => labels)).toEqual([
        { Color: value('Red'), Size: value('M', 'L'), Width: value('12 cm') },
        { Color: value('Red'), Size: notApplicable },
        { Color: value('Navy'), Size: value('8400') },
      ]);
    });
  });

  it('reads objects that are text in a CSV file, and a column beside the object', async () => {
    const path = file(
      'nested.csv',
      'title,Size,specs\na,M,"{""Color"":""Red""}"\nb,,"{""Color"":""Blue""}"\n',
    );
    const products = await read({ paths: [path], attributes });
    expect(products.map(({ labels }) => labels)).toEqual([
      { Color: value('Red'), Size: value('M') },
      { Color: value('Blue') },
    ]);
  });
});

describe('long rows', () => {
  const attributes = [color, { name: 'material', column: 'Material', kind: 'multi' as const }];

  it('gathers the rows of a product in one file', async () => {
    const path = file(
      'long.csv',
      'product_id,title,attribute,value\n1,Shoe,color,Red\n2,Hat,Material,Felt\n1,,Material,Leather\n1,,Material,Rubber\n',
    );
    await withCatalog({ paths: [path], attributes }, async (catalog) => {
      expect(catalog.layout).toMatchObject({ kind: 'long' });
      expect(catalog.columns.map(({ name }) => name)).toEqual(['product_id', 'title']);
      expect((await all(catalog)).map(({ id, texts, labels }) => [id, texts.title, labels])).toEqual([
        ['1', 'Shoe', { color: value('Red'), material: value('Leather', 'Rubber') }],
        ['2', 'Hat', { material: value('Felt') }],
      ]);
    });
  });

  it('joins attribute rows of a second file, and sets those of unknown products aside', async () => {
    const products = file('products.csv', 'sku,title\n01,Shoe\n02,Hat\n');
    const path = file('values.csv', 'sku,key,val\n02,color,Blue\n03,color,Red\n');
    const layout = { kind: 'long', product: 'sku', attribute: 'key', value: 'val', path } as const;
    await withCatalog({ paths: [products], layout, attributes }, async (catalog) => {
      expect((await all(catalog)).map(({ id, labels }) => [id, labels])).toEqual([
        ['01', {}],
        ['02', { color: value('Blue') }],
      ]);
      expect(catalog.rejectCounts).toEqual({ 'unknown-product': 1 });
    });
  });
});

describe('a file to predict', () => {
  it('needs no labels: long rows that are not there are not missed, and ids may repeat or be empty', async () => {
    const path = file('new.csv', 'sku,title\n1,a\n1,b\n,c\n');
    const layout = { kind: 'long', product: 'sku', attribute: 'key', value: 'val' } as const;
    await withCatalog({ paths: [path], id: 'sku', layout }, async (catalog) => {
      expect(catalog.layout).toEqual({ kind: 'columns' });
      expect((await all(catalog)).map(({ id }) => id)).toEqual(['1', '1', 'row-3']);
      expect(catalog.rejectCounts).toEqual({});
    });
  });

  it('may lack every column but the texts when they may be skipped, which it says', async () => {
    const path = file('bare.csv', 'title\na\n');
    const roles = { id: 'sku', group: 'parent', category: 'kind', time: 'at', attributes: [color] };
    await withCatalog({ paths: [path], ...roles, absent: 'skip' }, async (catalog) => {
      expect(
        (await all(catalog)).map(({ id, group, category, labels }) => [id, group, category, labels]),
      ).toEqual([['1', undefined, undefined, {}]]);
      for (const column of ['sku', 'parent', 'kind', 'color']) {
        expect(catalog.warnings.join('\n')).toContain(`There is no column "${column}"`);
      }
    });
    await expect(read({ paths: [path], ...roles })).rejects.toMatchObject({ code: 'catalog/column-missing' });
    await expect(
      read({ paths: [path], texts: [{ name: 'text', columns: ['text'] }], absent: 'skip' }),
    ).rejects.toMatchObject({ code: 'catalog/column-missing' });
  });

  it('may hold a text of 10 MB: its start is read, the whole of it given back', async () => {
    const long = 'wool and silk '.repeat(720_000);
    const path = file('ten.csv', `title,text\na,${long}\n`);
    const texts = [title, { name: 'text', columns: ['text'] }];
    await withCatalog({ paths: [path], texts }, async (catalog) => {
      const rows: InputRow[] = [];
      for await (const batch of catalog.rows()) rows.push(...batch);
      expect(rows[0]!.product!.texts.text).toBe(long.slice(0, 100_000).trim());
      expect(rows[0]!.own.text === long).toBe(true);
      const out = join(folder, 'ten.parquet');
      async function* own() {
        yield rows.map((row) => row.own);
      }
      await writeTable(out, catalog.columns, own());
      expect((await read({ paths: [out], texts, maxTextLength: 2e7 }))[0]!.texts.text).toHaveLength(
        long.trim().length,
      );
    });
  });
});

describe('Shopify', () => {
  const csv =
    'Handle,Title,Body (HTML),Vendor,Option1 Name,Option1 Value,Option2 Name,Option2 Value,Variant SKU,Mystery\n' +
    'boot,Boot,"<p>Warm &amp; dry</p><p>Red</p>",Acme,Color,Red,Size,41,B-1,x\n' +
    'boot,,,,,Blue,,41,B-2,y\n' +
    'mug,Mug,,Acme,Title,Default Title,,,M-1,\n' +
    'boot,,,,,Red,,42,B-3,\n';
  const attributes = ['Color', 'Size', 'Vendor'].map((name) => ({
    name,
    column: name,
    kind: 'multi' as const,
  }));
  const texts = [title, { name: 'description', columns: ['Body (HTML)'] }];
  const spec = () => ({
    paths: [file('shopify.csv', csv)],
    texts: texts.map((field) => (field.name === 'title' ? { ...field, columns: ['Title'] } : field)),
    attributes,
  });

  it('makes one product of the rows of a handle, its options attributes', async () => {
    await withCatalog(spec(), async (catalog) => {
      expect(catalog.layout).toEqual({ kind: 'shopify' });
      expect((await all(catalog)).map(({ id, texts, labels }) => ({ id, texts, labels }))).toEqual([
        {
          id: 'boot',
          texts: { title: 'Boot', description: 'Warm & dry\nRed' },
          labels: { Color: value('Red', 'Blue'), Size: value('41', '42'), Vendor: value('Acme') },
        },
        { id: 'mug', texts: { title: 'Mug', description: '' }, labels: { Vendor: value('Acme') } },
      ]);
    });
  });

  it('gives back every row with all its columns, the product on the first', async () => {
    await withCatalog(spec(), async (catalog) => {
      const rows = [];
      for await (const batch of catalog.rows()) rows.push(...batch);
      expect(
        rows.map(({ index, product, own }) => [index, product?.id, own['Variant SKU'], own.Mystery]),
      ).toEqual([
        [0, 'boot', 'B-1', 'x'],
        [1, undefined, 'B-2', 'y'],
        [2, 'mug', 'M-1', null],
        [3, undefined, 'B-3', null],
      ]);
    });
  });
});

describe('variants', () => {
  const split = { by: 'hash', dev: 0.3, test: 0.3, seed: 1 } as const;

  it('inherit the texts of their parent where their own are empty, the parent by name before the first', async () => {
    const path = file(
      'variants.csv',
      'sku,parent,title,text\nA-1,A,,\nA-2,A,Own title,\nA,,Parent,Long text\nB-1,B,First,\nB-2,B,,x\n',
    );
    const texts = [title, { name: 'text', columns: ['text'] }];
    const products = await read({
      paths: [path],
      id: 'sku',
      group: 'parent',
      texts,
      split: { ...split, dev: 0, test: 0 },
    });
    expect(products.map(({ id, group, texts: t }) => [id, group, t.title, t.text])).toEqual([
      ['A-1', 'A', 'Parent', 'Long text'],
      ['A-2', 'A', 'Own title', 'Long text'],
      ['A', 'A', 'Parent', 'Long text'],
      ['B-1', 'B', 'First', 'x'],
      ['B-2', 'B', 'First', 'x'],
    ]);
  });

  it('stay on the side of their parent', async () => {
    const rows = Array.from(
      { length: 300 },
      (_, i) => `v${i},p${i % 60},${word(i)} ${word(i + 7)} ${word(i * 13)}`,
    );
    const path = file('sides.csv', `sku,parent,title\n${rows.join('\n')}\n`);
    await withCatalog({ paths: [path], id: 'sku', group: 'parent', split }, async (catalog) => {
      const sides = await sidesByGroup(catalog, ({ group }) => group!);
      expect(sides.size).toBe(60);
      for (const found of sides.values()) expect(found.size).toBe(1);
      expect(Math.min(...Object.values(catalog.counts))).toBeGreaterThan(30);
    });
  });
});

/** A word that looks like no other. */
function word(i: number): string {
  let text = '';
  for (let n = Math.imul(i + 11, 0x9e3779b1) >>> 0; n > 0; n = Math.floor(n / 23))
    text += 'bcdfghjklmnpqrstvwxyzae'[n % 23];
  return text;
}

async function sidesByGroup(
  catalog: Catalog,
  key: (product: Product) => string,
): Promise<Map<string, Set<string>>> {
  const sides = new Map<string, Set<string>>();
  for (const side of ['train', 'dev', 'test'] as const) {
    for (const product of await all(catalog, [side])) {
      sides.set(key(product), (sides.get(key(product)) ?? new Set()).add(side));
    }
  }
  return sides;
}

describe('reviews', () => {
  const texts = [title, { name: 'reviews', columns: ['reviews'] }];

  it('in a list of texts or of objects are one text input', async () => {
    const path = file(
      'reviews.jsonl',
      lines([
        { title: 'a', reviews: ['Warm.', 'Too small'] },
        {
          title: 'b',
          reviews: [
            { stars: 5, title: 'Nice', text: 'Very soft' },
            { stars: 1, text: 'Itchy' },
          ],
        },
        { title: 'c', reviews: 'just text' },
        { title: 'd', reviews: [] },
      ]),
    );
    const products = await read({ paths: [path], layout: { kind: 'columns' }, texts });
    expect(products.map(({ texts: t }) => t.reviews)).toEqual([
      'Warm.\nToo small',
      'Nice\nVery soft\nItchy',
      'just text',
      '',
    ]);
  });

  it('in a file of their own are joined by product, inherited by variants, and alone are text enough', async () => {
    const path = file('reviewed.csv', 'sku,parent,title\nA,,Coat\nA-1,A,\nB,,\nC,,\n');
    const reviews = file('said.csv', 'product,stars,said\nA,5,Warm\nB,1,"Itchy, thin"\nA,4,Soft\nZ,1,lost\n');
    const from = { path: reviews, key: 'product' };
    const spec = {
      paths: [path],
      id: 'sku',
      group: 'parent',
      texts: [title, { name: 'reviews', columns: ['said'], from }],
      split: { by: 'hash', dev: 0, test: 0, seed: 1 },
    } as const;
    await withCatalog(spec, async (catalog) => {
      expect((await all(catalog)).map(({ id, texts: t }) => [id, t.title, t.reviews])).toEqual([
        ['A', 'Coat', 'Warm\nSoft'],
        ['A-1', 'Coat', 'Warm\nSoft'],
        ['B', '', 'Itchy, thin'],
      ]);
      expect(catalog.rejectCounts).toEqual({ 'empty-text': 1 });
      expect(catalog.warnings.join()).toContain('1 rows of');
    });
    await expect(read({ ...spec, id: undefined })).rejects.toMatchObject({ code: 'catalog/layout' });
  });
});

describe('rejects', () => {
  it('name the encoding option when rows are not in their encoding', async () => {
    const path = join(folder, 'bytes.csv');
    writeFileSync(path, Buffer.concat([Buffer.from('title\na\nb\nc'), Buffer.from([0xff, 10])]));
    await withCatalog({ paths: [path] }, async (catalog) => {
      expect(catalog.rejectCounts).toEqual({ 'not-utf-8': 1 });
      expect(catalog.warnings.join()).toContain('`data.encoding`');
    });
  });

  it('tell file, row and reason, and are written to a file', async () => {
    const path = file('rejects.csv', 'sku,title\n1,a\n1,b\n,c\n2, \n3,d,e\n4,f\n');
    await withCatalog(
      { paths: [path], id: 'sku', split: { by: 'hash', dev: 0, test: 0, seed: 1 } },
      async (catalog) => {
        expect(catalog.rejectCounts).toEqual({
          'duplicate-id': 1,
          'missing-id': 1,
          'empty-text': 1,
          'ragged-row': 1,
        });
        expect(catalog.counts).toEqual({ train: 2, dev: 0, test: 0 });
        const out = join(folder, 'rejects.jsonl');
        expect(await catalog.writeRejects(out)).toBe(4);
        const written = readFileSync(out, 'utf8')
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line));
        expect(written.map(({ row, reason }) => [row, reason])).toEqual([
          [2, 'duplicate-id'],
          [3, 'missing-id'],
          [4, 'empty-text'],
          [5, 'ragged-row'],
        ]);
        expect(written[0]).toMatchObject({ file: path, detail: `id 1 is also row 1 of ${path}` });
        expect(written[3]).toMatchObject({ raw: '3,d,e', line: 6 });
      },
    );
  });

  it('say when nothing is left', async () => {
    const path = file('none.csv', 'sku,title\n1,\n2,\n');
    const error = await read({ paths: [path], split: { by: 'hash', dev: 0.1, test: 0.1, seed: 1 } }).catch(
      (cause: unknown) => cause,
    );
    expect(error).toMatchObject({ code: 'catalog/no-products' });
    expect((error as AttuneError).message).toContain('2 times every text input of the product is empty');
  });
});

describe('splits', () => {
  const titles = Array.from(
    { length: 400 },
    (_, i) => `${word(i)} ${word(3 * i + 1)} ${word(i * i)} ${word(i + 500)}`,
  );

  it('keep a product on its side when others come, and deal otherwise with another seed', async () => {
    const rows = titles.map((text, i) => `k${i},${text}`);
    const small = file('small.csv', `sku,title\n${rows.slice(0, 300).join('\n')}\n`);
    const large = file('large.csv', `sku,title\n${rows.reverse().join('\n')}\n`);
    const sidesOf = (path: string, seed: number) =>
      withCatalog(
        { paths: [path], id: 'sku', split: { by: 'hash', dev: 0.2, test: 0.2, seed } },
        async (catalog) => {
          const sides = await sidesByGroup(catalog, ({ id }) => id);
          return new Map([...sides].map(([id, side]) => [id, [...side].join()]));
        },
      );
    const before = await sidesOf(small, 1);
    const after = await sidesOf(large, 1);
    expect(after.size).toBe(400);
    for (const [id, side] of before) expect(after.get(id)).toBe(side);
    const other = await sidesOf(small, 2);
    expect([...before].filter(([id, side]) => other.get(id) !== side).length).toBeGreaterThan(60);
  });

  it('never put copies or near-copies on two sides', async () => {
    const copies = titles
      .slice(0, 200)
      .flatMap((text, i) => [
        `a${i},${i},"${text}"`,
        `b${i},${i},"${text.toUpperCase().replaceAll(' ', '  ')}!"`,
        `c${i},${i},"New: ${text}"`,
      ]);
    const path = file('copies.csv', `sku,n,title\n${copies.join('\n')}\n`);
    const spec = {
      paths: [path],
      id: 'sku',
      category: 'n',
      split: { by: 'hash', dev: 0.25, test: 0.25, seed: 1 },
    } as const;
    await withCatalog(spec, async (catalog) => {
      const sides = await sidesByGroup(catalog, ({ category }) => category!);
      expect([...sides.values()].filter((found) => found.size > 1)).toEqual([]);
      expect(catalog.duplicates).toEqual({ copies: 200, nearCopies: 200, cut: 0 });
      expect(Math.min(...Object.values(catalog.counts))).toBeGreaterThan(60);
    });
  });

  it('by time put the latest into test, in many ways to write a date', async () => {
    const dates = [
      '2024-03-01',
      '31.01.2024',
      '02/15/2024',
      '2023',
      '2024-06-01T10:00:00Z',
      '',
      '1700000000',
      '20240301',
    ];
    const path = file(
      'time.csv',
      `sku,title,at\n${dates.map((at, i) => `${i},${titles[i]},${at}`).join('\n')}\n`,
    );
    await withCatalog(
      { paths: [path], id: 'sku', time: 'at', split: { by: 'time', dev: 0.25, test: 0.125 } },
      async (catalog) => {
        expect((await all(catalog, ['test'])).map(({ id }) => id)).toEqual(['4']);
        expect((await all(catalog, ['dev'])).map(({ id }) => id)).toEqual(['0', '7']);
        expect(catalog.counts.train).toBe(5);
        expect(catalog.warnings.join()).toContain('1 products have no time');
      },
    );
  });

  it('by column read the names of sides, set others aside, and keep copies of test out of train', async () => {
    const rows = ['train', 'Validation', 'TEST', 'later', 'train', 'train'].map(
      (side, i) => `${i},${titles[i]},${side}`,
    );
    rows.push(`6,${titles[2]},train`);
    const path = file('sided.csv', `sku,title,part\n${rows.join('\n')}\n`);
    await withCatalog(
      { paths: [path], id: 'sku', split: { by: 'column', column: 'part' } },
      async (catalog) => {
        expect(catalog.counts).toEqual({ train: 3, dev: 1, test: 1 });
        expect(catalog.rejectCounts).toEqual({ 'copy-on-other-side': 1, 'unknown-side': 1 });
      },
    );
  });

  it('by given files, dealing a side without a file by hash', async () => {
    const part = (from: number, to: number) =>
      `sku,title\n${titles
        .slice(from, to)
        .map((text, i) => `${from + i},${text}`)
        .join('\n')}\n`;
    const train = file('train.csv', part(0, 200));
    const test = file('test.csv', part(200, 250));
    const split = { by: 'files', devPaths: [], testPaths: [test], dev: 0.2, test: 0.2, seed: 1 } as const;
    await withCatalog({ paths: [train], id: 'sku', split }, async (catalog) => {
      expect(catalog.counts.test).toBe(50);
      expect(catalog.counts.dev).toBeGreaterThan(20);
      expect(catalog.counts.train + catalog.counts.dev).toBe(200);
    });
  });
});

describe('streams', () => {
  const rows = Array.from({ length: 5000 }, (_, i) => `${i},${word(i)} ${word(i * 7)}`);

  it('shuffle by seed without losing a product', async () => {
    const path = file('shuffle.csv', `sku,title\n${rows.join('\n')}\n`);
    await withCatalog({ paths: [path], id: 'sku' }, async (catalog) => {
      const ids = async (seed: number) => {
        const found: string[] = [];
        for await (const batch of catalog.products({ order: 'shuffled', seed })) {
          expect(batch.length).toBeLessThanOrEqual(1000);
          found.push(...batch.map(({ id }) => id as string));
        }
        return found;
      };
      const first = await ids(1);
      expect(await ids(1)).toEqual(first);
      expect(await ids(2)).not.toEqual(first);
      expect(first.slice(0, 100)).not.toEqual((await all(catalog)).slice(0, 100).map(({ id }) => id));
      expect([...first].sort((a, b) => Number(a) - Number(b))).toEqual(rows.map((_, i) => String(i)));
    });
  });

  it('go on from a row', async () => {
    const path = file('resume.csv', `sku,title\n${rows.join('\n')}\n5000,\n`);
    await withCatalog({ paths: [path], id: 'sku' }, async (catalog) => {
      const found = [];
      for await (const batch of catalog.rows(4990)) found.push(...batch);
      expect(found.map(({ index }) => index)).toEqual(Array.from({ length: 11 }, (_, i) => 4990 + i));
      expect(found[0]!.own).toEqual({ sku: '4990', title: `${word(4990)} ${word(4990 * 7)}` });
      expect(found[0]!.product!.id).toBe('4990');
      expect(found.at(-1)!.product).toBeUndefined();
    });
  });
});
