/**
 * Where a catalog's attributes stand, found in the data or checked against it, and the table of one row a product
 * that follows from it.
 */
import { AttuneError, closest } from '../base/errors.ts';
import type { CatalogErrorCode } from './errors.ts';
import { objectOf } from './labels.ts';
import { type ShopifyColumns, shopifyColumns, shopifyProductsSql } from './shopify.ts';
import type { Source } from './source.ts';
import type { SourceColumn } from './source-columns.ts';
import type { Layout } from './spec.ts';
import { sqlName } from './sql.ts';

/** One row a product, in file order; `rowid` counts them from 0. */
export type Arranged = {
  /** The table; it has `_file` and `_row` beside `columns`. */
  readonly table: string;
  /** The file's own columns, as far as they belong to a product. */
  readonly columns: readonly SourceColumn[];
  /** The column of objects that hold attributes, if the layout has one. */
  readonly attributesColumn: string | undefined;
  /** Column that identifies a product by layout: the handle, or the product column of long rows. */
  readonly idColumn: string | undefined;
  /** Columns that hold HTML. */
  readonly htmlColumns: readonly string[];
  /** Whether one product stands on several rows of the file; then the table has `_first`, the `rowid` in `rows`. */
  readonly severalRows: boolean;
};

const SAMPLE_ROWS = 200;
const NESTED_NAMES =
  /^(attributes?|attrs?|target_scores|labels?|propert(y|ies)|specs?|specifications?|features?)$/i;
const LONG_ATTRIBUTE = /^(attribute|attr|property|attribute[ _]?name|attr[ _]?name|property[ _]?name)$/i;
const LONG_VALUE = /^(value|attribute[ _]?value|attr[ _]?value|property[ _]?value)$/i;
const LONG_PRODUCT = /^(product|product[ _]?id|item|item[ _]?id|sku|id|asin|handle|gtin|ean)$/i;

/** The layout that the columns and the first rows show. */
export async function detectLayout(source: Source): Promise<Layout> {
  const { columns } = source;
  if (shopifyColumns(columns) !== undefined) return { kind: 'shopify' };
  const nested = await nestedColumn(source);
  if (nested !== undefined) return { kind: 'nested', column: nested };
  const attribute = columns.find(({ name }) => LONG_ATTRIBUTE.test(name))?.name;
  const value = columns.find(({ name }) => LONG_VALUE.test(name))?.name;
  const product = columns.find(({ name }) => LONG_PRODUCT.test(name))?.name;
  if (attribute !== undefined && value !== undefined && product !== undefined) {
    const [counts] = await source.query(
      `SELECT count(*)::DOUBLE / count(DISTINCT ${sqlName(product)}) AS rows_each FROM rows`,
    );
    if (Number(counts?.rows_each ?? 0) > 1) return { kind: 'long', product, attribute, value };
  }
  return { kind: 'columns' };
}

/** The column whose cells are objects: of several, the one whose name says so, else the one with most keys. */
async function nestedColumn(source: Source): Promise<string | undefined> {
  const candidates = source.columns.filter(({ type }) => /^(VARCHAR|JSON|MAP|STRUCT)/.test(type));
  if (candidates.length === 0) return undefined;
  const names = candidates.map(({ name }) => sqlName(name)).join(', ');
  const sample = await source.query(`SELECT ${names} FROM rows LIMIT ${SAMPLE_ROWS}`);
  const found = candidates.flatMap(({ name }) => {
    const cells = sample.map((row) => row[name]).filter((cell) => cell !== null && cell !== '');
    const objects = cells.map(objectOf).filter((object) => object !== undefined);
    if (objects.length === 0 || objects.length < cells.length * 0.9) return [];
    const keys = objects.reduce((sum, object) => sum + Object.keys(object).length, 0);
    return [{ name, rank: (NESTED_NAMES.test(name) ? 1e9 : 0) + keys / objects.length }];
  });
  return found.sort((a, b) => b.rank - a.rank)[0]?.name;
}

/**
 * Makes the table of products.
 *
 * @throws `catalog/layout` when the data do not have the layout
 * @throws `catalog/column-missing` when one of its columns is not there
 */
export async function arrange(source: Source, layout: Layout): Promise<Arranged> {
  switch (layout.kind) {
    case 'columns':
      return asTheyAre(source, undefined);
    case 'nested':
      requireColumn(source.columns, layout.column, 'the nested attributes');
      return asTheyAre(source, layout.column);
    case 'shopify': {
      const shopify = shopifyColumns(source.columns);
      if (shopify === undefined) throw notShopify(source);
      return arrangeShopify(source, shopify);
    }
    case 'long':
      return layout.path === undefined
        ? longInOneFile(source, layout)
        : longInTwoFiles(source, layout, layout.path);
  }
}

function asTheyAre(source: Source, attributesColumn: string | undefined): Arranged {
  return {
    table: 'rows',
    columns: source.columns,
    attributesColumn,
    idColumn: undefined,
    htmlColumns: [],
    severalRows: false,
  };
}

async function arrangeShopify(source: Source, shopify: ShopifyColumns): Promise<Arranged> {
  await source.run(`CREATE TABLE arranged AS ${shopifyProductsSql(source.columns, shopify)}`);
  return {
    table: 'arranged',
    columns: source.columns,
    attributesColumn: '_attributes',
    idColumn: shopify.handle,
    htmlColumns: shopify.body === undefined ? [] : [shopify.body],
    severalRows: true,
  };
}

type LongLayout = Extract<Layout, { kind: 'long' }>;

/** SQL of (product, attributes as JSON: name -> values), from a table of long rows. */
function attributesSql(table: string, { product, attribute, value }: LongLayout): string {
  const [p, a, v] = [product, attribute, value].map(sqlName);
  return `SELECT product, json_group_object(attribute, to_json(vals))::VARCHAR AS attributes FROM (
      SELECT ${p}::VARCHAR AS product, ${a}::VARCHAR AS attribute, list(${v}::VARCHAR ORDER BY rowid) AS vals
      FROM ${table} WHERE ${p} IS NOT NULL AND ${a} IS NOT NULL AND ${v} IS NOT NULL GROUP BY ALL
    ) GROUP BY product`;
}

async function longInOneFile(source: Source, layout: LongLayout): Promise<Arranged> {
  for (const column of [layout.product, layout.attribute, layout.value]) {
    requireColumn(source.columns, column, 'long rows');
  }
  const columns = source.columns.filter(({ name }) => name !== layout.attribute && name !== layout.value);
  const product = sqlName(layout.product);
  const firsts = columns.map(({ name }) => `arg_min(${sqlName(name)}, rowid) AS ${sqlName(name)}`);
  await source.run(`CREATE TABLE arranged AS
    SELECT p.* EXCLUDE (_product), a.attributes AS _attributes FROM (
      SELECT ${firsts.join(', ')}, arg_min(_file, rowid) AS _file, arg_min(_row, rowid) AS _row, min(rowid) AS _first,
        any_value(${product}::VARCHAR) AS _product
      FROM rows GROUP BY coalesce(${product}::VARCHAR, chr(1) || rowid)
    ) p LEFT JOIN (${attributesSql('rows', layout)}) a ON a.product = p._product ORDER BY p._first`);
  return {
    table: 'arranged',
    columns,
    attributesColumn: '_attributes',
    idColumn: layout.product,
    htmlColumns: [],
    severalRows: true,
  };
}

async function longInTwoFiles(source: Source, layout: LongLayout, path: string): Promise<Arranged> {
  requireColumn(source.columns, layout.product, 'long rows');
  const { columns } = await source.loadTable('long_rows', [path]);
  for (const column of [layout.product, layout.attribute, layout.value]) {
    requireColumn(columns, column, `the attribute rows of ${path}`);
  }
  const product = sqlName(layout.product);
  await source.run(`CREATE TABLE long_attributes AS ${attributesSql('long_rows', layout)}`);
  await source.run(`CREATE TABLE arranged AS SELECT r.*, a.attributes AS _attributes FROM rows r
    LEFT JOIN long_attributes a ON a.product = r.${product}::VARCHAR ORDER BY r.rowid`);
  await source.run(`INSERT INTO rejects SELECT _file, _row, NULL, 'unknown-product',
      'product ' || coalesce(${product}::VARCHAR, '(empty)'), NULL
    FROM long_rows l WHERE l.${product} IS NULL OR l.${product}::VARCHAR NOT IN (
      SELECT ${product}::VARCHAR FROM rows WHERE ${product} IS NOT NULL)`);
  await source.run('DROP TABLE long_rows; DROP TABLE long_attributes');
  return {
    table: 'arranged',
    columns: source.columns,
    attributesColumn: '_attributes',
    idColumn: layout.product,
    htmlColumns: [],
    severalRows: false,
  };
}

function notShopify(source: Source): AttuneError<CatalogErrorCode> {
  return new AttuneError(
    'catalog/layout',
    `The file is no Shopify product CSV: it has no columns Handle, Title and Option1 Value. Its columns are: ${source.columns.map(({ name }) => name).join(', ')}.`,
    { hint: 'Set `data.layout` to columns.' },
  );
}

/**
 * @param what - what the column is for, as it stands after "column for"
 * @throws `catalog/column-missing` with the nearest name that is there
 */
export function requireColumn(columns: readonly SourceColumn[], wanted: string, what: string): void {
  const names = columns.map(({ name }) => name);
  if (names.includes(wanted)) return;
  const near = closest(wanted, names);
  throw new AttuneError<CatalogErrorCode>(
    'catalog/column-missing',
    `There is no column "${wanted}" (for ${what}). The columns are: ${names.slice(0, 40).join(', ')}${names.length > 40 ? ', ...' : ''}.`,
    {
      hint:
        near === undefined
          ? 'If the first line of the file is data, add a header line.'
          : `Did you mean "${near}"? If the first line of the file is data, add a header line.`,
      details: { column: wanted, columns: names },
    },
  );
}
