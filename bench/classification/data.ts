/** The classification data sets: Myntra's products and the women's clothing reviews, split by what they must not share. */
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { hashString } from '../../src/base/random.ts';

export type ClassificationRow = {
  readonly id: string;
  /** Rows of one group stay on one side. */
  readonly group: string;
  /** In the order of the data set's fields. */
  readonly texts: readonly string[];
  /** Labels that are there, by attribute. */
  readonly labels: Readonly<Record<string, string>>;
};

export type DataSet = {
  readonly name: string;
  readonly file: string;
  readonly fields: readonly string[];
  readonly attributes: readonly string[];
  /** Column whose equal values are one group. */
  readonly group: string;
};

export const MYNTRA: DataSet = {
  name: 'myntra',
  file: 'myntra-small/products.parquet',
  fields: ['title'],
  attributes: ['masterCategory', 'subCategory', 'articleType', 'baseColour', 'season', 'gender', 'usage'],
  group: 'title',
};

export const REVIEWS: DataSet = {
  name: 'reviews',
  file: 'womens-reviews/reviews.parquet',
  fields: ['Title', 'Review Text'],
  attributes: ['Recommended IND', 'Rating', 'Department Name', 'Class Name'],
  group: 'Clothing ID',
};

/** Rows with a text, as its README says; the last field is the one that must be there. */
export async function readRows(
  folder: string,
  { file, fields, attributes, group }: DataSet,
): Promise<readonly ClassificationRow[]> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    const columns = [...new Set([group, ...fields, ...attributes])].map((name) => `"${name}"`).join(', ');
    const path = join(folder, file).replaceAll("'", "''");
    const table = await connection.runAndReadAll(`SELECT ${columns} FROM read_parquet('${path}')`);
    const rows = table.getRowObjectsJS().map((row, i) => ({
      id: String(i),
      group: text(row[group]).toLowerCase(),
      texts: fields.map((field) => text(row[field])),
      labels: Object.fromEntries(
        attributes.map((name) => [name, text(row[name])]).filter(([, value]) => value !== ''),
      ) as Record<string, string>,
    }));
    return rows.filter(({ texts }) => texts.at(-1) !== '');
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

const text = (cell: unknown) => (cell === null || cell === undefined ? '' : String(cell).trim());

const TEST_SHARE = 0.2;

/** A fifth of the groups is the test part. @param limit - most training rows, chosen by hash; all when left out */
export function split(
  { name }: DataSet,
  rows: readonly ClassificationRow[],
  limit?: number,
): readonly [train: readonly ClassificationRow[], test: readonly ClassificationRow[]] {
  const place = (key: string, seed: number) => hashString(`${name}:${key}`, seed) / 2 ** 32;
  const test = rows.filter(({ group }) => place(group, 1) < TEST_SHARE);
  const train = rows.filter(({ group }) => place(group, 1) >= TEST_SHARE);
  if (limit === undefined || train.length <= limit) return [train, test];
  return [[...train].sort((a, b) => place(a.id, 2) - place(b.id, 2)).slice(0, limit), test];
}
