/** Real titles with one label each, for training speed: what is learned matters less than how long the texts are. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type DataSet, MYNTRA, readRows } from '../classification/data.ts';

export type LabelledTitle = { readonly text: string; readonly label: string };

const LIVOSTYLE: DataSet = {
  name: 'livostyle',
  file: 'livostyle/products.parquet',
  fields: ['title'],
  attributes: ['category_full_path'],
  group: 'handle',
};

/** Name of a data set -> its titles, from the folder of the public data sets. */
export const TITLES: Readonly<Record<string, (data: string) => Promise<readonly LabelledTitle[]>>> = {
  livostyle: (data) => fromTable(data, LIVOSTYLE, 'category_full_path'),
  myntra: (data) => fromTable(data, MYNTRA, 'articleType'),
  extractgpt: async (data) => ['ae-110k', 'oa-mine'].flatMap((name) => fromLines(data, name)),
};

async function fromTable(data: string, set: DataSet, label: string): Promise<readonly LabelledTitle[]> {
  const rows = await readRows(data, set);
  return rows.flatMap(({ texts, labels }) =>
    labels[label] === undefined ? [] : [{ text: texts[0]!, label: labels[label] }],
  );
}

function fromLines(data: string, name: string): LabelledTitle[] {
  return readFileSync(join(data, 'extractgpt', name, 'train.jsonl'), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as { input: string; category: string })
    .map(({ input, category }) => ({ text: input, label: category }));
}
