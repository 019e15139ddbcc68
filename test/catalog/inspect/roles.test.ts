/** What each column of a catalog is, in every layout. */
import { beforeAll, describe, expect, it } from 'vitest';
import { Random } from '../../../src/base/random.ts';
import { catalogConfigSchema } from '../../../src/catalog/config.ts';
import type { Inspection } from '../../../src/catalog/inspect/inspection.ts';
import {
  ADJECTIVES,
  BRANDS,
  type Cell,
  COLORS,
  catalog,
  csv,
  kindsOf,
  NOUNS,
  rolesOf,
  testInspections,
  warned,
} from './inspected.ts';

const { inspected } = testInspections();
/** The catalog with a column of every role, inspected once. */
let whole: Inspection;
beforeAll(async () => {
  whole = await inspected('catalog.csv', catalog(600));
});

describe('inspect', () => {
  it('gives every column of a catalog its role and every attribute its kind', () => {
    const inspection = whole;
    expect(rolesOf(inspection)).toEqual({
      sku: 'id',
      parent_sku: 'group',
      category: 'category',
      title: 'text',
      description: 'text',
      color: 'attribute',
      tags: 'attribute',
      brand: 'attribute',
      weight: 'attribute',
      price: 'number',
      link: 'url',
      photo: 'image',
      created_at: 'time',
      spare: 'empty',
      currency: 'constant',
    });
    expect(kindsOf(inspection)).toEqual({
      color: 'choice',
      tags: 'multi',
      brand: 'extract',
      weight: 'number',
    });
    const [color, tags, brand, weight] = inspection.attributes;
    expect(color).toMatchObject({ distinct: 4, products: 600 });
    expect(color!.labelled).toBeGreaterThan(380);
    expect(color!.labelled).toBeLessThan(460);
    expect(tags).toMatchObject({ distinct: 6, separator: ' | ' });
    expect(brand!.literalShare).toBe(1);
    expect(weight).toMatchObject({ unit: 'g', range: { low: expect.any(Number), high: expect.any(Number) } });
    expect(inspection.data).toMatchObject({
      id: 'sku',
      group: 'parent_sku',
      category: 'category',
      time: 'created_at',
    });
    expect(warned(inspection, 'empty-column')).toEqual(['spare']);
  });

  it('takes a file with the header text,label for what it is, however small', async () => {
    const inspection = await inspected(
      'train.csv',
      'text,label\ngreat,positive\nbad,negative\nfine,positive\n',
    );
    expect(inspection.inputs.map(({ name }) => name)).toEqual(['text']);
    expect(kindsOf(inspection)).toEqual({ label: 'choice' });
    expect(warned(inspection, 'few-products')).toHaveLength(1);
  });

  it('reads nested attributes, and knows a file made for extraction', async () => {
    const random = new Random(3);
    const lines = Array.from({ length: 200 }, () => {
      const [brand, color] = [random.pick(BRANDS), random.pick(COLORS)];
      const category = random.pick(['Shoes', 'Bags']);
      const scores = {
        Brand: { [brand]: 1 },
        Color: random.uniform() < 0.3 ? { 'n/a': 1 } : { [color]: 1, Pink: 0 },
        ...(category === 'Shoes' ? { Heel: { flat: { pid: [0], score: 1 } } } : {}),
      };
      return JSON.stringify({
        input: `${brand} ${color} ${random.pick(NOUNS)} flat ${random.below(1000)}`,
        category,
        target_scores: scores,
      });
    });
    const inspection = await inspected('nested.jsonl', `${lines.join('\n')}\n`);
    expect(inspection.layout).toBe('nested');
    expect(kindsOf(inspection)).toEqual({ Brand: 'extract', Color: 'extract', Heel: 'extract' });
    const color = inspection.attributes.find(({ name }) => name === 'Color')!;
    expect(color.notApplicable).toBeGreaterThan(30);
    expect(color.labelled + color.notApplicable).toBe(200);
    expect(color.top.map(({ value }) => value)).not.toContain('Pink');
    expect(inspection.attributes.find(({ name }) => name === 'Heel')!.appliesTo).toEqual(['Shoes']);
  });

  it('reads plain nested values, lists and quantities', async () => {
    const random = new Random(5);
    const lines = Array.from({ length: 120 }, (_, i) =>
      JSON.stringify({
        id: `p${i}`,
        title: `${random.pick(ADJECTIVES)} thing of ${random.pick(NOUNS)} ${i}`,
        attributes: {
          finish: random.pick(['matt', 'gloss']),
          uses: [random.pick(['indoor', 'outdoor']), random.pick(['summer', 'winter'])],
          weight: { value: 100 + random.below(400), unit: 'g' },
        },
      }),
    );
    const inspection = await inspected('plain.jsonl', `${lines.join('\n')}\n`);
    expect(kindsOf(inspection)).toEqual({ finish: 'choice', uses: 'multi', weight: 'number' });
    expect(inspection.attributes.find(({ name }) => name === 'weight')).toMatchObject({
      unit: 'g',
      labelled: 120,
    });
  });

  it('takes the layout that a config asks for', async () => {
    const lines = Array.from({ length: 60 }, (_, i) =>
      JSON.stringify({ title: `a fine thing ${i * 7919}`, attributes: { a: i % 2 }, extra: { b: i % 3 } }),
    );
    const text = `${lines.join('\n')}\n`;
    expect(kindsOf(await inspected('two.jsonl', text))).toEqual({ a: 'choice' });
    const config = catalogConfigSchema.parse({ data: { layout: 'nested', attributesColumn: 'extra' } });
    expect(kindsOf(await inspected('two.jsonl', text, config))).toEqual({ b: 'choice' });
  });

  it('reads long rows as products with attributes', async () => {
    const rows = Array.from({ length: 300 }, (_, i): Cell[] => {
      const product = Math.floor(i / 2);
      const attribute = i % 2 === 0 ? 'Neck' : 'Fit';
      const value = i % 2 === 0 ? ['V', 'Crew', 'Polo'][product % 3] : ['Slim', 'Loose'][product % 2];
      return [`id${product}`, `A garment called number ${product} of the line`, attribute, value];
    });
    const inspection = await inspected('long.csv', csv(['id', 'text', 'attribute', 'value'], rows));
    expect(inspection).toMatchObject({ layout: 'long', products: 150, rows: 300 });
    expect(rolesOf(inspection)).toEqual({
      id: 'id',
      text: 'text',
      attribute: 'attribute-name',
      value: 'attribute-value',
    });
    expect(kindsOf(inspection)).toEqual({ Fit: 'choice', Neck: 'choice' });
  });

  it('reads a Shopify export as products with options', async () => {
    const rows = Array.from({ length: 160 }, (_, i): Cell[] => {
      const first = i % 2 === 0;
      const product = Math.floor(i / 2);
      return [
        `thing-${product}`,
        first ? `Fine thing ${product} for the house` : undefined,
        first ? `<p>It is number ${product * 7919}, and good.</p>` : undefined,
        first ? ['Acme', 'Lumen'][product % 2] : undefined,
        first ? 'Color' : undefined,
        COLORS[(product + (first ? 0 : 1)) % 4],
        `S${i}`,
        '9.99',
      ];
    });
    const head = [
      'Handle',
      'Title',
      'Body (HTML)',
      'Vendor',
      'Option1 Name',
      'Option1 Value',
      'Variant SKU',
      'Variant Price',
    ];
    const inspection = await inspected('shopify.csv', csv(head, rows));
    expect(inspection).toMatchObject({ layout: 'shopify', products: 80, rows: 160 });
    expect(rolesOf(inspection)).toMatchObject({
      Handle: 'id',
      Title: 'text',
      'Body (HTML)': 'text',
      'Option1 Value': 'ignored',
      'Variant SKU': 'ignored',
    });
    expect(kindsOf(inspection)).toEqual({ Vendor: 'choice', Color: 'multi' });
  });

  it('tells Chinese and Japanese titles by their script and gives them a larger budget', async () => {
    const rows = Array.from({ length: 60 }, (_, i): Cell[] => [
      `女性用コットン長袖シャツ春夏新作カジュアル大きいサイズ${i}`,
      i % 2 === 0 ? '赤' : '青',
    ]);
    const inspection = await inspected('cjk.csv', csv(['title', 'color'], rows));
    const title = inspection.columns.find(({ name }) => name === 'title')!;
    expect(title.role).toBe('text');
    expect(title.text!.languages[0]?.language).toBe('Japanese');
    expect(inspection.inputs[0]!.maxTokens).toBeGreaterThanOrEqual(32);
  });
});
