/** A tiny shop, made of a seed: what a word is called in the text says what the product is. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Random } from '../../src/base/random.ts';

export type ShopProduct = {
  readonly sku: string;
  readonly kind: string;
  readonly title: string;
  readonly description: string;
  readonly color: string;
  readonly material: string;
  readonly weight: string;
};

const COLORS = ['Red', 'Blue', 'Green'];
const KINDS = ['shirt', 'mug', 'lamp'];
const MATERIALS = ['cotton', 'glass', 'steel'];
const WORDS =
  'amber basin cedar delta ember fjord grove haven inlet jetty knoll ledge marsh oasis pond quarry ridge shore trail vale'.split(
    ' ',
  );

export function shop(count: number, seed = 1): ShopProduct[] {
  const random = new Random(seed, 0x5409);
  const pick = (list: readonly string[]) => list[random.below(list.length)]!;
  return Array.from({ length: count }, (_, i) => {
    const [color, kind, material] = [pick(COLORS), pick(KINDS), pick(MATERIALS)];
    const grams = 10 * (10 + random.below(90));
    const name = `${pick(WORDS)} ${pick(WORDS)} ${pick(WORDS)}`;
    const labelled = (value: string) => (random.below(10) < 8 ? value : '');
    return {
      sku: `p${i}`,
      kind,
      title: `${color} ${kind} ${name}`,
      description: `A ${kind} made of ${material} for ${pick(WORDS)} and ${pick(WORDS)}, ${grams} g`,
      color: labelled(color),
      material: labelled(material),
      weight: labelled(`${grams} g`),
    };
  });
}

export function csv(rows: readonly Readonly<Record<string, string>>[]): string {
  const columns = Object.keys(rows[0]!);
  const cell = (text: string) => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  return `${[columns, ...rows.map((row) => columns.map((name) => row[name]!))]
    .map((cells) => cells.map(cell).join(','))
    .join('\n')}\n`;
}

/** The config that all tests train with: two layers of 32, one thread, two epochs. */
export function config(lines: Readonly<Record<string, string>> = {}): string {
  const sections: Record<string, string> = {
    data: '{path: products.csv, id: sku, category: kind}',
    inputs: '{title: text, description: text}',
    attributes: '{color: choice, material: extract, weight: {kind: number, unit: g}}',
    model: '{layers: 2, width: 32, vocabulary: 300, maxTokens: 64}',
    training: '{epochs: 2, threads: 1, batchSize: 16}',
    ...lines,
  };
  return `${Object.entries(sections)
    .map(([name, value]) => `${name}: ${value}`)
    .join('\n')}\n`;
}

/** Writes `products.csv` and `attune.yaml`. */
export function openShop(
  folder: string,
  count = 60,
  lines: Readonly<Record<string, string>> = {},
): readonly ShopProduct[] {
  const products = shop(count);
  writeFileSync(join(folder, 'products.csv'), csv(products));
  writeFileSync(join(folder, 'attune.yaml'), config(lines));
  return products;
}
