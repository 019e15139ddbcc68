import { describe, expect, it } from 'vitest';
import { AttuneError } from '../../src/base/errors.ts';
import type { InputRow } from '../../src/catalog/catalog.ts';
import { writeTable } from '../../src/catalog/output.ts';
import { all, color, jsonLines, notApplicable, testCatalogs, title, value } from './with-catalog.ts';

const { pathOf, file, withCatalog, read } = testCatalogs();

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
        'a text of more than 10 characters, of which only the start is read: 1, the first in row 1',
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
      jsonLines([
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
      const out = pathOf('ten.parquet');
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

describe('reviews', () => {
  const texts = [title, { name: 'reviews', columns: ['reviews'] }];

  it('in a list of texts or of objects are one text input', async () => {
    const path = file(
      'reviews.jsonl',
      jsonLines([
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
      expect(catalog.rejectCounts).toEqual({ 'empty-product': 1 });
      expect(catalog.warnings.join()).toContain('1 rows of');
    });
    await expect(read({ ...spec, id: undefined })).rejects.toMatchObject({ code: 'catalog/layout' });
  });
});
