/**
 * Products out of the tables, a stretch at a time: SQL that asks for a stretch, and rows made into `Product`s.
 */
import { timeSql } from './cell-sql.ts';
import type { TextsSql } from './items.ts';
import { jsonOf, type LabelRules, labelOf, objectOf } from './labels.ts';
import type { Arranged } from './layout.ts';
import type { Label, MediaCell, Product, ProductId } from './product.ts';
import type { Row, Source } from './source.ts';
import { type CatalogSpec, DEFAULT_MAX_TEXT_LENGTH, DEFAULT_NOT_APPLICABLE } from './spec.ts';
import { sqlName } from './sql.ts';

/** Where an attribute's cell is found in a row, and how it is read. */
type LabelSource = {
  readonly name: string;
  readonly rules: LabelRules;
  /** Key of the nested object, if there is one. */
  readonly key: string;
  /** Alias of its own column, if it has one, and whether that holds JSON. */
  readonly alias: string | undefined;
  readonly isJson: boolean;
};

export type ProductReader = {
  /** Expressions over the product table `b`, the item `i` and the parent `p`, for a SELECT list. */
  readonly select: string;
  /** What brings `p`. */
  readonly join: string;
  readonly toProduct: (row: Row) => Product;
  /** Whether rows hold the bytes of files, so that few of them fit in memory at once. */
  readonly heavy: boolean;
};

/** How products are read; whether the columns are there was checked before. */
export function createReader(arranged: Arranged, texts: TextsSql, spec: CatalogSpec): ProductReader {
  const limit = spec.maxTextLength ?? DEFAULT_MAX_TEXT_LENGTH;
  const fields = spec.texts.map(({ name }, i) => ({ name, alias: `_t${i}` }));
  const labels = labelSources(arranged, spec);
  const media = (spec.media ?? []).map(({ name, columns }, i) => ({
    name,
    cells: columns.map((column, j) => ({ column, alias: `_p${i}_${j}` })),
  }));
  const table = (spec.table ?? []).map((field, i) => ({ ...field, alias: `_n${i}` }));
  const at = arranged.columns.find(({ name }) => name === spec.behaviour?.at);
  const select = [
    'i.id AS _id',
    'i.grp AS _grp',
    'i.category AS _category',
    'i.file AS _in_file',
    'i.row AS _in_row',
    ...texts.fields.map((sql, i) => `left(${sql}, ${limit}) AS _t${i}`),
    ...media.flatMap(({ cells }) => cells.map(({ column, alias }) => `b.${sqlName(column)} AS ${alias}`)),
    ...table.map(({ column, alias }) => `b.${sqlName(column)} AS ${alias}`),
    ...(at === undefined ? [] : [`${timeSql('b', at)} AS _at`]),
    ...labels.flatMap(({ alias, key }) => (alias === undefined ? [] : [`b.${sqlName(key)} AS ${alias}`])),
    ...(arranged.attributesColumn === undefined
      ? []
      : [`b.${sqlName(arranged.attributesColumn)} AS _nested`]),
  ].join(', ');
  const toProduct = (row: Row): Product => ({
    id: (row._id ?? `row-${row._in_row}`) as ProductId,
    group: (row._grp ?? undefined) as string | undefined,
    category: (row._category ?? undefined) as string | undefined,
    texts: Object.fromEntries(fields.map(({ name, alias }) => [name, ((row[alias] ?? '') as string).trim()])),
    ...(media.length === 0
      ? {}
      : {
          media: Object.fromEntries(
            media.map(({ name, cells }) => [name, cells.flatMap(({ alias }) => mediaCells(row[alias]))]),
          ),
        }),
    ...(table.length === 0 ? {} : { table: tableCells(row, table) }),
    ...(typeof row._at === 'number' ? { at: row._at } : {}),
    labels: readLabels(row, labels),
    source: { file: String(row._in_file), row: Number(row._in_row) },
  });
  const heavy = media.some(({ cells }) =>
    cells.some(({ column }) => arranged.columns.find(({ name }) => name === column)?.type !== 'VARCHAR'),
  );
  return { select, join: texts.join, toProduct, heavy };
}

/** What a cell, of whatever type, says of pictures: text, bytes, lists, and objects of both as Hugging Face's data sets have them. */
export function mediaCells(cell: unknown): MediaCell[] {
  if (cell === null || cell === undefined) return [];
  if (cell instanceof Uint8Array) return cell.length > 0 ? [cell.slice()] : [];
  if (Array.isArray(cell)) return cell.flatMap(mediaCells);
  if (typeof cell === 'object') {
    const { bytes, path } = cell as { readonly bytes?: unknown; readonly path?: unknown };
    const own = mediaCells(bytes);
    return own.length > 0 ? own : mediaCells(path);
  }
  const text = String(cell).trim();
  return text === '' ? [] : [text];
}

function tableCells(
  row: Row,
  fields: readonly { readonly name: string; readonly alias: string }[],
): Record<string, string | number> {
  return Object.fromEntries(
    fields.flatMap(({ name, alias }): [string, string | number][] => {
      const cell = row[alias];
      if (typeof cell === 'number') return [[name, cell]];
      const text = String(cell ?? '').trim();
      return text === '' ? [] : [[name, text]];
    }),
  );
}

function labelSources(arranged: Arranged, spec: CatalogSpec): LabelSource[] {
  const tokens = spec.notApplicable ?? DEFAULT_NOT_APPLICABLE;
  const notApplicable = new Set(tokens.map((token) => token.trim().toLowerCase()));
  return spec.attributes.map(({ name, column, kind, separator }, i) => {
    const own = arranged.columns.find((candidate) => candidate.name === column);
    return {
      name,
      rules: { kind, separator, notApplicable },
      key: column,
      alias: own === undefined ? undefined : `_a${i}`,
      isJson: own?.type === 'JSON',
    };
  });
}

function readLabels(row: Row, sources: readonly LabelSource[]): Record<string, Label> {
  const nested = objectOf(row._nested);
  const labels: Record<string, Label> = {};
  for (const { name, rules, key, alias, isJson } of sources) {
    let cell = nested !== undefined && Object.hasOwn(nested, key) ? nested[key] : undefined;
    if (cell === undefined && alias !== undefined) cell = isJson ? jsonOf(String(row[alias])) : row[alias];
    const label = labelOf(cell, rules);
    if (label !== undefined) labels[name] = label;
  }
  return labels;
}

/** How many products a stretch of the table has; one stretch is one query. */
export const STRETCH = 16_384;

/** SQL of the usable products of a stretch that are on one of `sides`, in file order. */
function stretchSql(
  reader: ProductReader,
  table: string,
  sides: readonly number[],
  from: number,
  to: number,
): string {
  const within = (column: string) => `${column} >= ${from} AND ${column} < ${to}`;
  return `SELECT ${reader.select} FROM ${table} b JOIN items i ON i.item = b.rowid JOIN sides s ON s.item = b.rowid
    ${reader.join} WHERE ${within('b.rowid')} AND ${within('i.item')} AND ${within('s.item')}
    AND s.side IN (${sides.join(', ')}) ORDER BY b.rowid`;
}

export type Stretches = {
  readonly source: Source;
  readonly reader: ProductReader;
  readonly table: string;
  readonly count: number;
  readonly sides: readonly number[];
};

/** The products of the stretch [`from`, `to`) of items. */
export async function* readStretch(
  { source, reader, table, sides }: Stretches,
  from: number,
  to: number,
): AsyncGenerator<Product[]> {
  for await (const rows of source.stream(stretchSql(reader, table, sides, from, to))) {
    yield rows.map(reader.toProduct);
  }
}
