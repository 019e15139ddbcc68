/**
 * Text inputs that stand in a file of their own, several rows a product: reviews, questions, notes.
 */
import { AttuneError } from '../base/errors.ts';
import { nameSql, textSql } from './cell-sql.ts';
import type { CatalogErrorCode } from './errors.ts';
import { requireColumn } from './layout.ts';
import type { Source } from './source.ts';
import type { SourceColumn } from './source-columns.ts';
import { DEFAULT_MAX_TEXT_LENGTH, type TextField } from './spec.ts';

export type JoinedTexts = {
  /** For each field from another file, its text in SQL. */
  readonly sqlOf: ReadonlyMap<string, string>;
  /** Brings them into a query over the item `i`. */
  readonly join: string;
  readonly warnings: readonly string[];
};

/**
 * Makes a table `joined_texts_N` for each field that has `from`: the texts of a product's rows one after the other, in
 * file order, up to the longest text that is read.
 *
 * @param items - the table of `item` and `id`
 * @throws `catalog/column-missing`; `catalog/layout` when products have no ids to join by
 */
export async function createJoinedTexts(
  source: Source,
  fields: readonly TextField[],
  items: string,
  hasIds: boolean,
  limit: number = DEFAULT_MAX_TEXT_LENGTH,
): Promise<JoinedTexts> {
  const sqlOf = new Map<string, string>();
  const joins: string[] = [];
  const warnings: string[] = [];
  for (const { name, columns, from } of fields) {
    if (from === undefined) continue;
    if (!hasIds) {
      throw new AttuneError<CatalogErrorCode>(
        'catalog/layout',
        `The text input "${name}" is in ${from.path}, but products have no id to join it by.`,
        { hint: 'Set `data.id` to the column that identifies a product.', details: { field: name } },
      );
    }
    const table = `joined_texts_${joins.length}`;
    const rows = await source.loadTable(`${table}_rows`, [from.path]);
    const column = (wanted: string): SourceColumn => {
      requireColumn(rows.columns, wanted, `the text input "${name}" in ${from.path}`);
      return rows.columns.find((candidate) => candidate.name === wanted)!;
    };
    const key = nameSql('r', column(from.key));
    const text = `concat_ws(chr(10), ${columns.map((wanted) => textSql('r', column(wanted))).join(', ')})`;
    await source.run(`CREATE TABLE ${table} AS
      SELECT i.item, left(string_agg(nullif(r.text, ''), chr(10) ORDER BY r.place), ${limit}) AS text
      FROM (SELECT ${key} AS key, ${text} AS text, r.rowid AS place FROM ${table}_rows r) r
      JOIN ${items} i ON i.id = r.key GROUP BY i.item ORDER BY i.item`);
    const [unknown] = await source.query(`SELECT count(*)::INTEGER AS n FROM ${table}_rows r
      WHERE ${key} IS NULL OR ${key} NOT IN (SELECT id FROM ${items} WHERE id IS NOT NULL)`);
    if (Number(unknown!.n) > 0) {
      warnings.push(`${unknown!.n} rows of ${from.path} are about products that are not in the catalog.`);
    }
    await source.run(`DROP TABLE ${table}_rows`);
    sqlOf.set(name, `${table}.text`);
    joins.push(`LEFT JOIN ${table} ON ${table}.item = i.item`);
  }
  return { sqlOf, join: joins.join(' '), warnings };
}
