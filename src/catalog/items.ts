/**
 * The table `items`: one narrow row a product with its id, group, category, side-giving cells and, when it cannot be
 * used, the reason why. Texts stay where they are; the table `parents` holds those that variants inherit.
 */
import { nameSql, textSql, timeSql } from './cell-sql.ts';
import { type Arranged, requireColumn } from './layout.ts';
import { plainTextSql } from './shopify.ts';
import type { Source } from './source.ts';
import type { SourceColumn } from './source-columns.ts';
import type { CatalogSpec, TextField } from './spec.ts';

/** How the texts of a product are asked for, in a query over the product table `b` and, if there, `parents` as `p`. */
export type TextsSql = {
  /** For each text field, an expression that is never null. */
  readonly fields: readonly string[];
  /** The join that brings the parent's texts, or nothing. */
  readonly join: string;
};

/**
 * @returns how to ask for texts; the table `items` exists then
 * @throws `catalog/column-missing`
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
  const own = textColumns(arranged, spec.texts);

  await source.run(`CREATE TABLE base_items AS SELECT b.rowid AS item, ${id} AS id, ${group} AS grp,
      ${category} AS category, ${time} AS t, ${given} AS given, b._file AS file, b._row AS row,
      ${[...own.values()].map((sql, i) => `${sql} IS NOT NULL AS has${i}`).join(', ') || 'true AS has0'},
      ${[...own.values()].map((sql) => `coalesce(strlen(${sql}), 0)`).join(' + ') || '0'} AS bytes
    FROM ${arranged.table} b`);
  // A parent row has no group cell of its own: it is in the group that is called by its id.
  const isParent =
    spec.group === undefined
      ? 'false'
      : '(grp IS NULL AND id IN (SELECT grp FROM base_items WHERE grp IS NOT NULL))';
  await source.run(
    `CREATE TABLE grouped_items AS SELECT * REPLACE (CASE WHEN ${isParent} THEN id ELSE grp END AS grp) FROM base_items`,
  );
  const inherits = spec.group !== undefined && (await createParents(source, arranged, own));
  const texts = textsOf(spec.texts, own, inherits);
  await createFinal(source, own.size, inherits, idColumn !== undefined && spec.split !== undefined);
  return texts;
}

function columnOf(arranged: Arranged, name: string, what: string): SourceColumn {
  requireColumn(arranged.columns, name, what);
  return arranged.columns.find((column) => column.name === name)!;
}

/** For each column that a text field reads, its text in SQL. */
function textColumns(arranged: Arranged, fields: readonly TextField[]): Map<string, string> {
  const columns = new Map<string, string>();
  for (const { name, columns: names } of fields) {
    for (const column of names) {
      const text = textSql('b', columnOf(arranged, column, `the text input "${name}"`));
      columns.set(column, arranged.htmlColumns.includes(column) ? `nullif(${plainTextSql(text)}, '')` : text);
    }
  }
  return columns;
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
  own: ReadonlyMap<string, string>,
): Promise<boolean> {
  const lacks = [...own.keys()].map((_, i) => `NOT has${i}`).join(' OR ');
  const texts = [...own.values()].map((sql, i) => {
    const text = `(${sql})`;
    return `coalesce(arg_min(${text}, b.rowid) FILTER (i.id = i.grp), arg_min(${text}, b.rowid)) AS text${i}`;
  });
  await source.run(`CREATE TABLE parents AS SELECT i.grp AS grp, ${texts.join(', ')}
    FROM grouped_items i JOIN ${arranged.table} b ON b.rowid = i.item
    WHERE i.grp IN (SELECT grp FROM grouped_items WHERE grp IS NOT NULL AND (${lacks})) GROUP BY i.grp`);
  const [row] = await source.query('SELECT count(*)::INTEGER AS n FROM parents');
  return Number(row!.n) > 0;
}

function textsOf(
  fields: readonly TextField[],
  own: ReadonlyMap<string, string>,
  inherits: boolean,
): TextsSql {
  const places = [...own.keys()];
  const parts = (column: string) =>
    inherits ? `coalesce(${own.get(column)}, p.text${places.indexOf(column)})` : own.get(column)!;
  return {
    fields: fields.map(({ columns }) => `concat_ws(chr(10), ${columns.map(parts).join(', ')})`),
    join: inherits ? 'LEFT JOIN parents p ON p.grp = i.grp' : '',
  };
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
  const hasText = textCount === 0 ? 'true' : `coalesce(${[...own, ...inherited].join(' OR ')}, false)`;
  await source.run(`CREATE TABLE checked_items AS SELECT i.item, i.id, i.grp, i.category, i.t, i.given, i.file, i.row, i.bytes,
      CASE WHEN NOT (${hasText}) THEN 'empty-text' ${idsMatter ? "WHEN i.id IS NULL THEN 'missing-id'" : ''} END AS reason
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
        WHEN 'empty-text' THEN 'id ' || coalesce(i.id, '(empty)') END, NULL
    FROM items i LEFT JOIN items f ON f.item = i.repeated WHERE i.reason IS NOT NULL ORDER BY i.item`);
  await source.run('DROP TABLE base_items; DROP TABLE grouped_items; DROP TABLE checked_items');
}

/** SQL of all of a product's text, for comparing products: `item` and `text` of those that can be used. */
export function comparedTextsSql(table: string, texts: TextsSql, characters: number): string {
  const whole = `concat_ws(chr(10), ${texts.fields.map((field) => `nullif(${field}, '')`).join(', ')})`;
  return `SELECT i.item, left(${whole}, ${characters}) AS text FROM ${table} b
    JOIN items i ON i.item = b.rowid ${texts.join} WHERE i.reason IS NULL`;
}
