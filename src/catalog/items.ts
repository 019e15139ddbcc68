/**
 * The table `items`: one narrow row a product with its id, group, category, side-giving cells and, when it cannot be
 * used, the reason why. Texts stay where they are; the table `parents` holds those that variants inherit.
 */
import { nameSql, textSql, timeSql } from './cell-sql.ts';
import { createJoinedTexts } from './joined-texts.ts';
import { type Arranged, requireColumn } from './layout.ts';
import { plainTextSql } from './shopify.ts';
import type { Source } from './source.ts';
import type { SourceColumn } from './source-columns.ts';
import type { CatalogSpec, MediaField, TextField } from './spec.ts';
import { sqlName } from './sql.ts';

/** A column of pictures or sounds: an expression over the product table `b`, and its DuckDB type. */
export type MediaColumn = { readonly cell: string; readonly type: string };

/** How the texts of a product are asked for, in a query over the product table `b` and the item `i`. */
export type TextsSql = {
  /** For each text field, an expression that is never null. */
  readonly fields: readonly string[];
  /** The joins that bring texts of other files and, as `p`, the parent's. */
  readonly join: string;
  /** Whether some products may take texts of their parents. */
  readonly inherits: boolean;
  readonly media: readonly MediaColumn[];
  readonly warnings: readonly string[];
};

/**
 * @returns how to ask for texts; the table `items` exists then
 * @throws `catalog/column-missing`; what `createJoinedTexts` throws
 */
export async function createItems(source: Source, arranged: Arranged, spec: CatalogSpec): Promise<TextsSql> {
  const cell = (name: string, what: string) => nameSql('b', columnOf(arranged, name, what));
  const idColumn = spec.id ?? arranged.idColumn;
  const rowId =
    source.files.length > 1
      ? "regexp_replace(b._file, '^.*[/\\\\]', '') || ':' || b._row"
      : 'b._row::VARCHAR';
  const id = idColumn === undefined ? rowId : cell(idColumn, 'the id');
  const group = spec.group === undefined ? 'NULL::VARCHAR' : cell(spec.group, 'the group');
  const category = spec.category === undefined ? 'NULL::VARCHAR' : cell(spec.category, 'the category');
  const time =
    spec.time === undefined ? 'NULL::DOUBLE' : timeSql('b', columnOf(arranged, spec.time, 'the time'));
  const given = spec.split?.by === 'column' ? cell(spec.split.column, 'the split') : 'NULL::VARCHAR';
  await source.run(`CREATE TABLE base_items AS SELECT b.rowid AS item, ${id} AS id, ${group} AS grp,
      ${category} AS category, ${time} AS t, ${given} AS given, b._file AS file, b._row AS row
    FROM ${arranged.table} b`);

  const hasIds = idColumn !== undefined;
  const joined = await createJoinedTexts(source, spec.texts, 'base_items', hasIds, spec.maxTextLength);
  const parts = textParts(arranged, spec.texts, joined.sqlOf);
  const own = [...parts.values()];
  const others = hasOthersSql(arranged, spec);
  // A parent row has no group cell of its own: it is in the group that is called by its id.
  const isParent =
    spec.group === undefined
      ? 'false'
      : '(i.grp IS NULL AND i.id IN (SELECT grp FROM base_items WHERE grp IS NOT NULL))';
  await source.run(`CREATE TABLE grouped_items AS
    SELECT i.* REPLACE (CASE WHEN ${isParent} THEN i.id ELSE i.grp END AS grp),
      ${own.map((sql, i) => `${sql} IS NOT NULL AS has${i}`).join(', ') || `${others === undefined} AS has0`},
      ${others ?? 'false'} AS has_others,
      ${own.map((sql) => `coalesce(strlen(${sql}), 0)`).join(' + ') || '0'} AS bytes
    FROM base_items i JOIN ${arranged.table} b ON b.rowid = i.item ${joined.join}`);
  const inherits =
    spec.group !== undefined && own.length > 0 && (await createParents(source, arranged, own, joined.join));
  await createFinal(source, own.length, inherits, hasIds && spec.split !== undefined);
  return {
    fields: fieldsSql(spec.texts, parts, inherits),
    join: inherits ? `${joined.join} LEFT JOIN parents p ON p.grp = i.grp` : joined.join,
    inherits,
    media: cellsOf(arranged, spec.media ?? []),
    warnings: joined.warnings,
  };
}

function columnOf(arranged: Arranged, name: string, what: string): SourceColumn {
  requireColumn(arranged.columns, name, what);
  return arranged.columns.find((column) => column.name === name)!;
}

/** What texts are made of, in SQL: by column of the file, or by name of a field from another file. */
function textParts(
  arranged: Arranged,
  fields: readonly TextField[],
  joined: ReadonlyMap<string, string>,
): Map<string, string> {
  const parts = new Map<string, string>();
  for (const field of fields) {
    for (const part of partsOf(field)) {
      const isAbsent = field.optional === true && arranged.columns.every(({ name }) => name !== part);
      const text = isAbsent
        ? 'NULL::VARCHAR'
        : (joined.get(field.name) ??
          textSql('b', columnOf(arranged, part, `the text input "${field.name}"`)));
      parts.set(part, arranged.htmlColumns.includes(part) ? `nullif(${plainTextSql(text)}, '')` : text);
    }
  }
  return parts;
}

/** The columns of inputs, as expressions over the product table `b`. */
function cellsOf(arranged: Arranged, fields: readonly Pick<MediaField, 'name' | 'columns'>[]) {
  return fields.flatMap(({ name, columns }) =>
    columns.map((column) => {
      const found = columnOf(arranged, column, `the input "${name}"`);
      return { cell: `b.${sqlName(found.name)}`, type: found.type };
    }),
  );
}

/** Whether a row has a picture, a sound, a number or the like; undefined where none is asked for. */
function hasOthersSql(
  arranged: Arranged,
  { media = [], table = [], behaviour }: CatalogSpec,
): string | undefined {
  const columns = [...media, ...table.map(({ name, column }) => ({ name, columns: [column] }))];
  const cells = cellsOf(arranged, columns).map(({ cell, type }) =>
    type === 'VARCHAR' ? `nullif(trim(${cell}), '') IS NOT NULL` : `${cell} IS NOT NULL`,
  );
  if (behaviour !== undefined) return 'i.id IS NOT NULL';
  return cells.length === 0 ? undefined : `(${cells.join(' OR ')})`;
}

/** A field from another file is one part; its key cannot be a column's name. */
function partsOf({ name, columns, from }: TextField): readonly string[] {
  return from === undefined ? columns : [`\u0001${name}`];
}

/**
 * The table `parents`: for each group in which some product lacks a text, the parent's own (the row whose id is the
 * group's name), else the first in the file.
 *
 * @returns whether there is any
 */
async function createParents(
  source: Source,
  arranged: Arranged,
  own: readonly string[],
  join: string,
): Promise<boolean> {
  const lacks = own.map((_, i) => `NOT has${i}`).join(' OR ');
  const texts = own.map((sql, i) => {
    const text = `(${sql})`;
    return `coalesce(arg_min(${text}, b.rowid) FILTER (i.id = i.grp), arg_min(${text}, b.rowid)) AS text${i}`;
  });
  await source.run(`CREATE TABLE parents AS SELECT i.grp AS grp, ${texts.join(', ')}
    FROM grouped_items i JOIN ${arranged.table} b ON b.rowid = i.item ${join}
    WHERE i.grp IN (SELECT grp FROM grouped_items WHERE grp IS NOT NULL AND (${lacks})) GROUP BY i.grp`);
  const [row] = await source.query('SELECT count(*)::INTEGER AS n FROM parents');
  return Number(row!.n) > 0;
}

function fieldsSql(
  fields: readonly TextField[],
  parts: ReadonlyMap<string, string>,
  inherits: boolean,
): string[] {
  const places = [...parts.keys()];
  const sql = (part: string) =>
    inherits ? `coalesce(${parts.get(part)}, p.text${places.indexOf(part)})` : parts.get(part)!;
  return fields.map((field) => `concat_ws(chr(10), ${partsOf(field).map(sql).join(', ')})`);
}

/**
 * `items`, with the reason of every product that cannot be used, also written to `rejects`.
 *
 * @param idsMatter - whether products need an id of their own; rows that are only to be predicted do not
 */
async function createFinal(
  source: Source,
  textCount: number,
  inherits: boolean,
  idsMatter: boolean,
): Promise<void> {
  const own = Array.from({ length: textCount }, (_, i) => `i.has${i}`);
  const inherited = inherits ? Array.from({ length: textCount }, (_, i) => `p.text${i} IS NOT NULL`) : [];
  const hasText = `coalesce(${['i.has_others', ...(textCount === 0 ? ['i.has0'] : own), ...inherited].join(' OR ')}, false)`;
  await source.run(`CREATE TABLE checked_items AS SELECT i.item, i.id, i.grp, i.category, i.t, i.given, i.file, i.row, i.bytes,
      CASE WHEN NOT (${hasText}) THEN 'empty-product' ${idsMatter ? "WHEN i.id IS NULL THEN 'missing-id'" : ''} END AS reason
    FROM grouped_items i ${inherits ? 'LEFT JOIN parents p ON p.grp = i.grp' : ''}`);
  const repeats = idsMatter
    ? `LEFT JOIN (SELECT id, min(item) AS first FROM checked_items WHERE reason IS NULL GROUP BY id HAVING count(*) > 1) d
       ON d.id = c.id`
    : "LEFT JOIN (SELECT '' AS id, -1 AS first WHERE false) d ON d.id = c.id";
  await source.run(`CREATE TABLE items AS SELECT c.* REPLACE (coalesce(c.reason,
      CASE WHEN d.first <> c.item THEN 'duplicate-id' END) AS reason), d.first AS repeated
    FROM checked_items c ${repeats} ORDER BY c.item`);
  await source.run(`INSERT INTO rejects SELECT i.file, i.row, NULL, i.reason,
      CASE i.reason WHEN 'duplicate-id' THEN 'id ' || i.id || ' is also row ' || f.row || ' of ' || f.file
        WHEN 'empty-product' THEN 'id ' || coalesce(i.id, '(empty)') END, NULL
    FROM items i LEFT JOIN items f ON f.item = i.repeated WHERE i.reason IS NOT NULL ORDER BY i.item`);
  await source.run('DROP TABLE base_items; DROP TABLE grouped_items; DROP TABLE checked_items');
}

/**
 * SQL of what products are compared by, `item` and `text` of those that can be used: all of a product's text, or, where it has
 * none, a digest of its pictures.
 */
export function comparedTextsSql(table: string, texts: TextsSql, characters: number): string {
  const parts = texts.fields.map((field) => `nullif(${field}, '')`);
  const text = `nullif(concat_ws(chr(10), ${parts.join(', ') || 'NULL'}), '')`;
  const cells = texts.media.map(({ cell, type }) => (type === 'BLOB' ? `md5(${cell})` : `${cell}::VARCHAR`));
  const whole = cells.length === 0 ? text : `coalesce(${text}, md5(concat_ws(' ', ${cells.join(', ')})))`;
  return `SELECT i.item, left(${whole}, ${characters}) AS text FROM ${table} b
    JOIN items i ON i.item = b.rowid ${texts.join} WHERE i.reason IS NULL AND ${whole} IS NOT NULL`;
}
