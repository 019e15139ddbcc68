/**
 * What was decided while a catalog was opened that its owner may want to know, as sentences.
 */
import type { DuplicateCounts } from './assign-sides.ts';
import type { TextsSql } from './items.ts';
import type { SplitSide } from './product.ts';
import type { RejectCounts } from './rejects.ts';
import type { Source } from './source.ts';
import { type CatalogSpec, DEFAULT_MAX_TEXT_LENGTH } from './spec.ts';

export type Opened = {
  /** The table of products. */
  readonly table: string;
  readonly texts: TextsSql;
  readonly spec: CatalogSpec;
  readonly counts: Readonly<Record<SplitSide, number>>;
  readonly rejectCounts: RejectCounts;
  readonly duplicates: DuplicateCounts;
};

export async function catalogWarnings(source: Source, opened: Opened): Promise<string[]> {
  return [
    ...encoding(opened),
    ...(await cutTexts(source, opened)),
    ...templates(opened),
    ...(await undated(source, opened)),
    ...emptySides(opened),
  ];
}

function encoding({ rejectCounts: { 'not-utf-8': rows = 0 } }: Opened): string[] {
  if (rows === 0) return [];
  return [
    `Rows set aside because their bytes are not in the encoding of the file: ${rows}. If it is not UTF-8, set \`data.encoding\`.`,
  ];
}

async function cutTexts(source: Source, { table, texts, spec }: Opened): Promise<string[]> {
  const limit = spec.maxTextLength ?? DEFAULT_MAX_TEXT_LENGTH;
  if (texts.fields.length === 0) return [];
  const tooLong = texts.fields.map((field) => `length(${field}) > ${limit}`).join(' OR ');
  // Bytes are at least as many as characters, and known without reading the text.
  const [row] = await source.query(`SELECT count(*)::INTEGER AS n, min(i.row) AS first FROM ${table} b
    JOIN items i ON i.item = b.rowid ${texts.join}
    WHERE (i.bytes > ${limit}${texts.inherits ? ' OR p.grp IS NOT NULL' : ''}) AND (${tooLong})`);
  if (Number(row!.n) === 0) return [];
  return [
    `Products with a text of more than ${limit} characters, of which only the start is read: ${row!.n}, the first in row ${row!.first}.`,
  ];
}

function templates({ duplicates: { cut } }: Opened): string[] {
  if (cut === 0) return [];
  return [
    `${cut} products are in long chains of similar texts (template texts?); only the most similar of them were kept on one side of the split.`,
  ];
}

async function undated(source: Source, { spec }: Opened): Promise<string[]> {
  if (spec.split?.by !== 'time') return [];
  const [row] = await source.query(
    'SELECT count(*)::INTEGER AS n FROM items WHERE reason IS NULL AND t IS NULL',
  );
  if (Number(row!.n) === 0) return [];
  return [`Products without a time that can be read, which are on the train side: ${row!.n}.`];
}

function emptySides({ spec: { split }, counts }: Opened): string[] {
  if (split === undefined) return [];
  return (['dev', 'test'] as const)
    .filter((side) => counts[side] === 0 && (split.by === 'column' || split[side] > 0))
    .map((side) => `The ${side} side of the split has no products.`);
}
