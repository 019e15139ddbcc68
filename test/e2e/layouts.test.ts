/**
 * A model trained on any layout predicts files of that layout, with and without labels in them. By the built package: Node
 * runs no TypeScript in the threads that predict.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeAll, expect, it } from 'vitest';
import { DIST, workspace } from './attune.ts';
import { csv, shop } from './shop.ts';

type Library = typeof import('../../src/index.ts');

const products = shop(60);
const { folder } = workspace('layouts');
let evaluateFile: Library['evaluateFile'];
let predictFile: Library['predictFile'];
let train: Library['train'];
beforeAll(async () => {
  const built = pathToFileURL(join(DIST, 'index.js')).href;
  ({ evaluateFile, predictFile, train } = (await import(built)) as Library);
});

const at = (name: string) => join(folder(), name);
const SETTINGS = {
  'model.layers': 1,
  'model.width': 32,
  'model.vocabulary': 300,
  'model.maxTokens': 64,
  'training.epochs': 1,
  'training.threads': 1,
};
type PredictedRow = Record<string, unknown>;

async function predicted(model: string, name: string): Promise<PredictedRow[]> {
  const out = at(`${name}.predicted.jsonl`);
  await predictFile({ model, files: [at(name)], out, threads: 1 });
  return readFileSync(out, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as PredictedRow);
}

it('nested objects', async () => {
  const facts = ({ color, material }: (typeof products)[number]) => ({
    ...(color ? { color } : {}),
    ...(material ? { material } : {}),
  });
  const lines = products.map((product) =>
    JSON.stringify({
      sku: product.sku,
      title: product.title,
      description: product.description,
      facts: facts(product),
    }),
  );
  writeFileSync(at('nested.jsonl'), `${lines.join('\n')}\n`);
  const model = at('nested-model');
  await train({ files: [at('nested.jsonl')], out: model, settings: SETTINGS });
  const rows = await predicted(model, 'nested.jsonl');
  expect(rows.map(({ sku }) => sku)).toEqual(products.map(({ sku }) => sku));
  expect(rows[0]!.facts).toBeDefined();
  const bare = products
    .slice(0, 5)
    .map(({ sku, title, description }) => JSON.stringify({ sku, title, description }));
  writeFileSync(at('bare.jsonl'), `${bare.join('\n')}\n`);
  const unlabelled = await predicted(model, 'bare.jsonl');
  expect(unlabelled.map(({ predicted_color: color }) => color)).toEqual(
    rows.slice(0, 5).map(({ predicted_color: color }) => color),
  );
  const { products: count } = await evaluateFile({ model, files: [at('nested.jsonl')], threads: 1 });
  expect(count).toBe(products.filter((product) => product.color || product.material).length);
});

it('Shopify exports, where rows of one product are predicted once', async () => {
  const rows = products.flatMap(({ sku, title, description, color }) => {
    const first = {
      Handle: sku,
      Title: title,
      'Body (HTML)': `<p>${description}</p>`,
      'Option1 Name': 'Color',
      'Option1 Value': color,
      'Variant SKU': `${sku}-1`,
    };
    return [
      first,
      {
        ...first,
        Title: '',
        'Body (HTML)': '',
        'Option1 Name': '',
        'Option1 Value': color,
        'Variant SKU': `${sku}-2`,
      },
    ];
  });
  writeFileSync(at('shopify.csv'), csv(rows));
  const model = at('shopify-model');
  const result = await train({ files: [at('shopify.csv')], out: model, settings: SETTINGS });
  expect(result.results.map(({ attribute }) => attribute)).toContain('Color');
  const answers = await predicted(model, 'shopify.csv');
  expect(answers).toHaveLength(rows.length);
  for (const [i, row] of answers.entries()) {
    expect(row['Variant SKU']).toBe(rows[i]!['Variant SKU']);
    if (i % 2 === 0) expect(row.predicted_Color_status).toMatch(/auto|review/);
    else expect(row.predicted_Color_status ?? null).toBeNull();
  }
});

it('long rows', async () => {
  const rows = products.flatMap(({ sku, title, description, color, material }) =>
    [
      { attribute: 'color', value: color },
      { attribute: 'material', value: material },
    ].map((pair) => ({ sku, title, description, ...pair })),
  );
  writeFileSync(at('long.csv'), csv(rows));
  writeFileSync(
    at('long.yaml'),
    'data: {id: sku, layout: long}\ninputs: {title: text, description: text}\nattributes: {color: choice, material: choice}\n',
  );
  const model = at('long-model');
  await train({ files: [at('long.csv')], configFile: at('long.yaml'), out: model, settings: SETTINGS });
  const answers = await predicted(model, 'long.csv');
  expect(answers.map(({ sku }) => sku)).toEqual(products.map(({ sku }) => sku));
  writeFileSync(at('wide.csv'), csv(products.map(({ title, description }) => ({ title, description }))));
  const wide = await predicted(model, 'wide.csv');
  expect(wide.map(({ predicted_color: color }) => color)).toEqual(
    answers.map(({ predicted_color: color }) => color),
  );
});
