/**
 * Shopify's product CSV as one row a product.
 *
 * The file has a row for each variant and each picture; only the first row of a handle has the title and the texts.
 * A product takes the first non-empty cell of each column, and its options ("Option1 Name": Color, "Option1 Value": Red
 * on one row, Blue on the next) become attributes with several values.
 *
 * @see https://help.shopify.com/manual/products/import-export/using-csv
 */
import type { SourceColumn } from './source-columns.ts';
import { sqlName } from './sql.ts';

/** What the columns are called, in lower case, by age of the export. */
const ALIASES = {
  handle: ['handle', 'url handle'],
  title: ['title'],
  body: ['body (html)', 'body html', 'body_html', 'description'],
  option1: ['option1 name'],
  value1: ['option1 value'],
  option2: ['option2 name'],
  value2: ['option2 value'],
  option3: ['option3 name'],
  value3: ['option3 value'],
  sku: ['variant sku', 'sku'],
} as const;
type ShopifyField = keyof typeof ALIASES;

export type ShopifyColumns = Readonly<Partial<Record<ShopifyField, string>>>;

/** The names that the file gives to the columns known here; undefined when it is no Shopify export. */
export function shopifyColumns(columns: readonly SourceColumn[]): ShopifyColumns | undefined {
  const byName = new Map(columns.map(({ name }) => [name.toLowerCase(), name]));
  const found: Partial<Record<ShopifyField, string>> = {};
  for (const [field, aliases] of Object.entries(ALIASES) as [ShopifyField, readonly string[]][]) {
    const name = aliases.map((alias) => byName.get(alias)).find((match) => match !== undefined);
    if (name !== undefined) found[field] = name;
  }
  const isShopify = found.handle !== undefined && found.title !== undefined && found.value1 !== undefined;
  return isShopify ? found : undefined;
}

/**
 * SQL of the products: all columns of the file, `_attributes` (JSON: option name -> values), `_file`, `_row`, and
 * `_first`, the `rowid` of the product's first row. A row without a handle is a product of its own.
 */
export function shopifyProductsSql(columns: readonly SourceColumn[], shopify: ShopifyColumns): string {
  const handle = sqlName(shopify.handle!);
  const firsts = columns.map(({ name }) => `arg_min(${sqlName(name)}, rowid) AS ${sqlName(name)}`);
  const options = ([1, 2, 3] as const).flatMap((n) => {
    const name = shopify[`option${n}`];
    const value = shopify[`value${n}`];
    if (value === undefined) return [];
    const called = name === undefined ? 'NULL' : `arg_min(${sqlName(name)}, rowid)`;
    return [
      `{'k': coalesce(${called}, 'Option${n}'), 'v': list(${sqlName(value)} ORDER BY rowid) FILTER (${sqlName(value)} IS NOT NULL)}`,
    ];
  });
  // "Title: Default Title" is how Shopify writes that a product has no options.
  const attributes = `to_json(map_from_entries(list_filter([${options.join(', ')}],
    (o, i) -> o.v IS NOT NULL AND o.v <> ['Default Title'])))::VARCHAR`;
  return `SELECT ${firsts.join(', ')}, ${attributes} AS _attributes,
    arg_min(_file, rowid) AS _file, arg_min(_row, rowid) AS _row, min(rowid) AS _first
    FROM rows GROUP BY coalesce(${handle}, chr(1) || rowid) ORDER BY _first`;
}

/** SQL that takes the tags and entities out of an HTML text. */
export function plainTextSql(html: string): string {
  const entities: readonly (readonly [string, string])[] = [
    ['&nbsp;', ' '],
    ['&lt;', '<'],
    ['&gt;', '>'],
    ['&quot;', '"'],
    ['&#39;', "''"],
    ['&amp;', '&'],
  ];
  const untagged = `regexp_replace(regexp_replace(${html}, '<(br|/p|/li|/h[1-6]|/div|/tr)[^>]*>', chr(10), 'gi'), '<[^>]*>', '', 'g')`;
  const decoded = entities.reduce(
    (sql, [entity, text]) => `replace(${sql}, '${entity}', '${text}')`,
    untagged,
  );
  return `trim(regexp_replace(${decoded}, '\\s*\\n\\s*', chr(10), 'g'), ' ' || chr(10))`;
}
