/** Catalogs to inspect in a test: files written to a folder that goes with it, and one that has a column of every role. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { Random } from '../../../src/base/random.ts';
import type { CatalogConfig } from '../../../src/catalog/config.ts';
import { inspect } from '../../../src/catalog/inspect/inspect.ts';
import type { Inspection, WarningCode } from '../../../src/catalog/inspect/inspection.ts';
import { Source } from '../../../src/catalog/source.ts';

/** A folder for the tests of a file, and what fills and inspects it. */
export function testInspections() {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'attune-inspect-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

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
  return { folder: () => folder, inspected };
}

export type Cell = string | number | undefined;

export function csv(head: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const cell = (value: Cell) => (value === undefined ? '' : `"${String(value).replaceAll('"', '""')}"`);
  return `${[head, ...rows].map((row) => row.map(cell).join(',')).join('\n')}\n`;
}

export const rolesOf = ({ columns }: Inspection) =>
  Object.fromEntries(columns.map(({ name, role }) => [name, role]));
export const kindsOf = ({ attributes }: Inspection) =>
  Object.fromEntries(attributes.map(({ name, kind, usable }) => [name, usable ? kind : 'unusable']));
export const warned = ({ warnings }: Inspection, code: WarningCode) =>
  warnings.filter((warning) => warning.code === code).map(({ where }) => where);

export const BRANDS = Array.from(
  { length: 90 },
  (_, i) => `${['Nord', 'Lumen', 'Alta', 'Vero', 'Kiso'][i % 5]}${['wind', 'ica', 'ro'][i % 3]}${i}`,
);
export const ADJECTIVES = [
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
export const NOUNS = ['shirt', 'dress', 'scarf', 'jacket', 'skirt', 'coat'];
export const COLORS = ['Red', 'Blue', 'Black', 'Green'];

/** A catalog with one column of every role. */
export function catalog(count: number): string {
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
