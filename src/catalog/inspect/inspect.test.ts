import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseYamlConfig } from '../../base/config-errors.ts';
import { Random } from '../../base/random.ts';
import { type CatalogConfig, catalogConfigSchema } from '../config.ts';
import { Source } from '../source.ts';
import { toConfigYaml } from './config-yaml.ts';
import { inspect } from './inspect.ts';
import type { Inspection, WarningCode } from './inspection.ts';
import type { MediaCheck } from './media-report.ts';
import { renderInspection } from './render.ts';

let folder = '';
/** The catalog with a column of every role, inspected once. */
let whole: Inspection;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'attune-inspect-'));
  whole = await inspected('catalog.csv', catalog(600));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

async function inspected(name: string, text: string, config?: CatalogConfig): Promise<Inspection> {
  const path = join(folder, name);
  writeFileSync(path, text);
  const source = await Source.open({ paths: [path], scratch: folder });
  try {
    return await inspect(source, { config });
  } finally {
    source.close();
  }
}

type Cell = string | number | undefined;

function csv(head: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const cell = (value: Cell) => (value === undefined ? '' : `"${String(value).replaceAll('"', '""')}"`);
  return `${[head, ...rows].map((row) => row.map(cell).join(',')).join('\n')}\n`;
}

const rolesOf = ({ columns }: Inspection) =>
  Object.fromEntries(columns.map(({ name, role }) => [name, role]));
const kindsOf = ({ attributes }: Inspection) =>
  Object.fromEntries(attributes.map(({ name, kind, usable }) => [name, usable ? kind : 'unusable']));
const warned = ({ warnings }: Inspection, code: WarningCode) =>
  warnings.filter((warning) => warning.code === code).map(({ where }) => where);

const BRANDS = Array.from(
  { length: 90 },
  (_, i) => `${['Nord', 'Lumen', 'Alta', 'Vero', 'Kiso'][i % 5]}${['wind', 'ica', 'ro'][i % 3]}${i}`,
);
const ADJECTIVES = [
  'soft',
  'warm',
  'light',
  'sturdy',
  'plain',
  'quilted',
  'ribbed',
  'woven',
  'padded',
  'lined',
];
const NOUNS = ['shirt', 'dress', 'scarf', 'jacket', 'skirt', 'coat'];
const COLORS = ['Red', 'Blue', 'Black', 'Green'];

/** A catalog with one column of every role. */
function catalog(count: number): string {
  const random = new Random(7);
  const rows = Array.from({ length: count }, (_, i): Cell[] => {
    const brand = random.pick(BRANDS);
    const noun = random.pick(NOUNS);
    const words = `${random.pick(ADJECTIVES)} ${random.pick(ADJECTIVES)} ${noun} no ${random.below(10_000)}`;
    const season = random.pick(['Summer', 'Winter']);
    return [
      `SKU-${10_000 + i}`,
      `P-${Math.floor(i / 3)}`,
      noun === 'shirt' || noun === 'coat' ? 'Outerwear' : 'Other',
      `${brand} ${words}`,
      `A ${words} for ${season.toLowerCase()} evenings, made of ${random.pick(['wool', 'linen', 'cotton'])} and number ${random.below(100_000)}.`,
      random.uniform() < 0.7 ? random.pick(COLORS) : undefined,
      [...new Set([random.pick(['new', 'eco', 'sale']), random.pick(['gift', 'sport', 'home'])])].join(' | '),
      brand,
      `${random.below(900) + 100} g`,
      (random.below(9000) + 1000) / 100,
      `https://shop.example/p/${i}`,
      `https://img.example/${i}.jpg`,
      `2025-0${1 + random.below(9)}-1${random.below(9)}`,
      undefined,
      'EUR',
    ];
  });
  const head = [
    'sku',
    'parent_sku',
    'category',
    'title',
    'description',
    'color',
    'tags',
    'brand',
    'weight',
    'price',
    'link',
    'photo',
    'created_at',
    'spare',
    'currency',
  ];
  return csv(head, rows);
}

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

describe('pictures and sounds', () => {
  const rows = Array.from({ length: 40 }, (_, i): Cell[] => [
    `a fine thing of many words ${i * 7919}`,
    `photos/${i}.jpg`,
    i % 4 === 0 ? `photos/${i}a.webp|photos/${i}b.webp` : `photos/${i}_*.png`,
    `clips.zip#${i}.wav`,
    `https://cdn.example/i/${i}?w=300`,
    `//cdn.example/${i}.png`,
    `data:image/png;base64,AAAA${i}`,
    COLORS[i % 4],
  ]);
  const head = ['title', 'photo', 'gallery', 'clip', 'image_link', 'front', 'inline', 'color'];

  it('are inputs where they are files or bytes, and comments where they are addresses', async () => {
    const inspection = await inspected('media.csv', csv(head, rows));
    expect(rolesOf(inspection)).toEqual({
      title: 'text',
      photo: 'image',
      gallery: 'image',
      clip: 'audio',
      image_link: 'image',
      front: 'image',
      inline: 'image',
      color: 'attribute',
    });
    const yaml = toConfigYaml(inspection);
    expect(parseYamlConfig(yaml, catalogConfigSchema, 'attune.yaml').inputs).toMatchObject({
      title: { kind: 'text' },
      photo: { kind: 'image', most: 1 },
      gallery: { kind: 'image', most: 2 },
      clip: { kind: 'audio' },
      inline: { kind: 'image' },
    });
    expect(yaml).toContain('# image_link: {kind: image}');
    expect(yaml).toContain('# front: {kind: image}');
  });

  it('are told in a binary column by their first bytes', async () => {
    const path = join(folder, 'bytes.parquet');
    const maker = await Source.open({ paths: [join(folder, 'catalog.csv')], scratch: folder });
    await maker.run(`COPY (SELECT 'a fine thing of many words ' || i * 7919 AS title, '\\xFF\\xD8\\xFF\\xE0'::BLOB AS pixels,
      'fLaC....'::BLOB AS ring, 'PK....'::BLOB AS other, CASE i % 2 WHEN 0 THEN 'Red' ELSE 'Blue' END AS color,
      {'bytes': '\\x89PNG'::BLOB, 'path': 'x.png'} AS photo FROM range(30) r(i)) TO '${path}'`);
    maker.close();
    const source = await Source.open({ paths: [path], scratch: folder });
    expect(rolesOf(await inspect(source))).toMatchObject({
      pixels: 'image',
      ring: 'audio',
      other: 'ignored',
      photo: 'image',
    });
    source.close();
  });

  it('that are not there are no inputs, are counted, and five of them are named; of many a part is read', async () => {
    const path = join(folder, 'gone.csv');
    writeFileSync(path, csv(head, rows));
    const source = await Source.open({ paths: [path], scratch: folder });
    const asked: string[] = [];
    const media: MediaCheck = {
      mostCells: 10,
      read: async (cell, kind) => {
        asked.push(String(cell));
        const reference = String(cell);
        return kind === 'image'
          ? [{ reference, kind: 'fault', code: 'media/missing', meaning: 'Gone.', reason: 'It is gone.' }]
          : [{ reference, kind: 'audio', seconds: 2, silent: false }];
      },
    };
    const inspection = await inspect(source, { media });
    source.close();
    expect(asked.filter((cell) => cell.startsWith('clips.zip'))).toHaveLength(10);
    expect(warned(inspection, 'missing-media')).toContain('photo');
    const warning = inspection.warnings.find(({ where }) => where === 'photo')!;
    expect(warning.what).toBe('Of 10 pictures in 10 cells of 40, chosen by a hash, 10 are not there.');
    expect(warning.examples).toHaveLength(6);
    expect(warning.examples![5]).toMatch(/^- row \d+: photos\/\d+\.jpg \(It is gone\.\); and 5 more$/);
    const { inputs } = parseYamlConfig(toConfigYaml(inspection), catalogConfigSchema, 'attune.yaml');
    expect(Object.keys(inputs)).toEqual(['title', 'clip']);
    expect(renderInspection(inspection)).toContain('10 sounds, 2 s in the middle');
  });
});

describe('warnings of inspect', () => {
  /** A title and one attribute, 300 products. */
  const withLabels = (
    label: (i: number) => Cell,
    title = (i: number) => `${ADJECTIVES[i % 10]} ${NOUNS[i % 6]} item ${i * 7919}`,
  ) =>
    csv(
      ['title', 'mood'],
      Array.from({ length: 300 }, (_, i) => [title(i), label(i)]),
    );

  it('warns of a label that stands in the text', async () => {
    const leaky = await inspected(
      'leak.csv',
      withLabels(
        (i) => COLORS[i % 4],
        (i) => `a ${NOUNS[i % 6]} in ${COLORS[i % 4]!.toLowerCase()} with number ${i * 7919}`,
      ),
    );
    expect(warned(leaky, 'leak')).toEqual(['mood']);
    const honest = await inspected(
      'honest.csv',
      withLabels((i) => COLORS[i % 4]),
    );
    expect(warned(honest, 'leak')).toEqual([]);
  });

  it('warns of copies, repeated ids and texts that are missing', async () => {
    const rows = Array.from({ length: 300 }, (_, i): Cell[] => [
      `id${i % 290}`,
      i % 10 === 0
        ? undefined
        : `${ADJECTIVES[Math.floor(i / 3) % 7]} ${NOUNS[Math.floor(i / 3) % 6]}${i % 2 === 0 ? ',' : ''} item ${Math.floor(i / 3) * 7919}`,
      COLORS[i % 4],
    ]);
    const inspection = await inspected('copies.csv', csv(['id', 'title', 'color'], rows));
    expect(warned(inspection, 'duplicate-ids')).toEqual(['id']);
    expect(warned(inspection, 'near-duplicates')).toEqual(['title']);
    expect(warned(inspection, 'missing-text')).toEqual(['title']);
  });

  it('warns of attributes that cannot be learned', async () => {
    const rows = Array.from({ length: 300 }, (_, i): Cell[] => [
      `${ADJECTIVES[i % 10]} ${NOUNS[i % 6]} item ${i * 7919}`,
      i < 100 ? 'yes' : undefined,
      i < 2 ? 'rare' : COLORS[i % 4],
      i % 60 === 0 ? 'null' : COLORS[i % 4],
      i % 3 === 0 ? 'navy blue' : i % 3 === 1 ? 'Navy-Blue' : 'Red',
    ]);
    const inspection = await inspected('poor.csv', csv(['title', 'same', 'some', 'holes', 'ways'], rows));
    expect(warned(inspection, 'single-value')).toEqual(['same']);
    expect(warned(inspection, 'rare-values')).toEqual(['some']);
    expect(warned(inspection, 'placeholder-cells')).toEqual(['holes']);
    expect(warned(inspection, 'spelling-variants')).toEqual(['ways']);
    expect(inspection.attributes.find(({ name }) => name === 'ways')!.distinct).toBe(2);
    expect(kindsOf(inspection).same).toBe('unusable');
  });

  it('warns of numbers that mix decimal marks', async () => {
    const rows = Array.from({ length: 300 }, (_, i): Cell[] => [
      `${ADJECTIVES[i % 10]} ${NOUNS[i % 6]} item ${i * 7919}`,
      i % 5 === 0 ? `${i},5` : `${i}.25`,
    ]);
    const inspection = await inspected('decimals.csv', csv(['title', 'length_cm'], rows));
    expect(kindsOf(inspection)).toEqual({ length_cm: 'number' });
    expect(inspection.attributes[0]!.unit).toBe('cm');
    expect(warned(inspection, 'mixed-decimals')).toEqual(['length_cm']);
  });

  it('stops where there is nothing to read or nothing to learn', async () => {
    const noText = await inspected(
      'no-text.csv',
      csv(
        ['a', 'b'],
        Array.from({ length: 30 }, (_, i) => [i % 3, i * 0.5]),
      ),
    );
    expect(noText.warnings[0]).toMatchObject({ code: 'no-text', level: 'error' });
    const noLabel = await inspected(
      'no-label.csv',
      csv(
        ['title'],
        Array.from({ length: 30 }, (_, i) => [`a fine thing ${i * 7919}`]),
      ),
    );
    expect(noLabel.warnings[0]).toMatchObject({ code: 'no-attributes', level: 'error' });
  });

  it('warns of an identifier among the inputs that a config names, and of an attribute that nobody has', async () => {
    const config = catalogConfigSchema.parse({
      inputs: { sku: 'text', title: 'text' },
      attributes: { color: 'choice', spare: 'choice' },
    });
    const inspection = await inspected('given.csv', catalog(240), config);
    expect(warned(inspection, 'identifier-input')).toEqual(['sku']);
    expect(warned(inspection, 'none-labelled')).toEqual(['spare']);
    expect(inspection.attributes.map(({ name }) => name)).toEqual(['color', 'spare']);
  });

  it('says what, where, why and what to do in whole sentences', async () => {
    const { warnings } = await inspected(
      'sentences.csv',
      withLabels((i) => (i === 0 ? 'odd' : 'even')),
    );
    expect(warnings.length).toBeGreaterThan(0);
    for (const { what, why, action } of warnings) {
      expect(what).toMatch(/[.:?]$/);
      expect(why).toMatch(/\.$/);
      expect(action).toMatch(/\.$/);
    }
  });
});

describe('what an inspection is written as', () => {
  it('is an attune.yaml that parses to the roles that were found', () => {
    const text = toConfigYaml(whole, { paths: ['yaml.csv'] });
    expect(text.split('\n')[0]).toBe(
      '# yaml-language-server: $schema=./node_modules/attune/docs/attune.schema.json',
    );
    const config = parseYamlConfig(text, catalogConfigSchema, 'attune.yaml');
    expect(config.data).toMatchObject({
      path: 'yaml.csv',
      id: 'sku',
      group: 'parent_sku',
      category: 'category',
    });
    expect(Object.keys(config.inputs)).toEqual(['title', 'description']);
    expect(config.attributes).toMatchObject({
      color: { kind: 'choice' },
      tags: { kind: 'multi', separator: ' | ' },
      brand: { kind: 'extract' },
      weight: { kind: 'number', unit: 'g' },
    });
  });

  it('parses whatever columns and values are called', async () => {
    const head = ['title', 'a: b', '#c', '- d', 'e"f', "g'h", '{i}', 'no', '12', 'two\nlines'];
    const rows = Array.from({ length: 60 }, (_, i): Cell[] => [
      `a fine thing of many words ${i * 7919}`,
      ...head.slice(1).map((_, j) => ['x: y', '# z', '"q"', '{w}\n', '*'][(i + j) % 5]),
    ]);
    const inspection = await inspected('names.csv', csv(head, rows));
    const config = parseYamlConfig(toConfigYaml(inspection), catalogConfigSchema, 'attune.yaml');
    expect(Object.keys(config.attributes).sort()).toEqual(
      inspection.attributes
        .filter(({ usable }) => usable)
        .map(({ name }) => name)
        .sort(),
    );
    expect(Object.keys(config.attributes).length).toBeGreaterThan(6);
  });

  it('fits the width of a terminal', () => {
    const text = renderInspection(whole, 90);
    expect(
      Math.max(
        ...text
          .split('\n')
          .slice(1)
          .map((line) => line.length),
      ),
    ).toBeLessThanOrEqual(90);
    expect(text).toContain('text input');
    expect(text).toContain('number (g)');
  });

  it('is the same each time', async () => {
    expect(await inspected('catalog.csv', catalog(600))).toEqual(whole);
  });
});
