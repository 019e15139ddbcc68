/**
 * Labels of every layout in one form: a table of (row, attribute, value), so that what counts them is written
 * once. It lives in the source's scratch database, not in memory.
 */
import type { Source } from '../source.ts';
import type { SourceColumn } from '../source-columns.ts';
import { sqlName, sqlText } from '../sql.ts';
import { cellText } from './column-statistics.ts';

export const LABELS = 'inspect_labels';

/** `list`: its cells are lists of values, typed or as JSON text. */
type LabelColumn = SourceColumn & { readonly list: boolean };

export type LabelPlaces = {
  /** Table of one row a product. */
  readonly table: string;
  /** Columns that are an attribute each. */
  readonly columns: readonly LabelColumn[];
  /** A column of objects, attribute -> value. */
  readonly nested: SourceColumn | undefined;
};

/** Creates (or replaces) the table. Lists become one row a value, each value of a product once; what is
 * null or blank is no label. */
export async function createLabelTable(source: Source, places: LabelPlaces): Promise<void> {
  const { table, columns, nested } = places;
  await source.run(`DROP TABLE IF EXISTS ${LABELS}`);
  await source.run(`CREATE TABLE ${LABELS} (id BIGINT, attribute VARCHAR, value VARCHAR)`);
  const insert = (sql: string, distinct: boolean) =>
    source.run(
      `INSERT INTO ${LABELS} SELECT ${distinct ? 'DISTINCT' : ''} id, attribute, trim(value) FROM (${sql})
       WHERE trim(value) <> ''`,
    );
  for (const column of columns) {
    const value = column.list ? `unnest(${listOf(jsonOf(column))})` : cellText(column);
    const sql = `SELECT rowid AS id, ${sqlText(column.name)} AS attribute, ${value} AS value FROM ${table}`;
    await insert(sql, column.list);
  }
  if (nested !== undefined) await insert(nestedSql(table, nested), true);
}

export async function dropLabelTable(source: Source): Promise<void> {
  await source.run(`DROP TABLE IF EXISTS ${LABELS}`);
}

/**
 * `{"Color": "Red"}`, `["Red", "Blue"]`, scores `{"Red": 1, "Blue": 0}`, evidence `{"Red": {"score": 1}}` and
 * quantities `{"value": 12, "unit": "cm"}` alike.
 */
function nestedSql(table: string, column: SourceColumn): string {
  const pairs = `SELECT r.rowid AS id, e.key AS attribute, e.value AS value FROM ${table} r, json_each(${jsonOf(column)}) e
    WHERE e.value IS NOT NULL AND json_type(e.value) <> 'NULL'`;
  const isQuantity = `json_type(value, '$.unit') = 'VARCHAR' AND json_type(value, '$.value') IN ('VARCHAR', 'UBIGINT', 'BIGINT', 'DOUBLE')`;
  return `WITH pairs AS (${pairs})
    SELECT id, attribute, value->>'$' AS value FROM pairs WHERE json_type(value) NOT IN ('OBJECT', 'ARRAY')
    UNION ALL SELECT id, attribute, unnest(${listOf('value')}) FROM pairs WHERE json_type(value) = 'ARRAY'
    UNION ALL SELECT id, attribute, (value->>'$.value') || ' ' || (value->>'$.unit') FROM pairs
      WHERE json_type(value) = 'OBJECT' AND coalesce(${isQuantity}, false)
    UNION ALL SELECT p.id, p.attribute, s.key FROM pairs p, json_each(p.value) s
      WHERE json_type(p.value) = 'OBJECT' AND NOT coalesce(${isQuantity.replaceAll('value,', 'p.value,')}, false)
        AND coalesce(s.value->>'$', '0') NOT IN ('0', '0.0', 'false')`;
}

function jsonOf({ name, type }: SourceColumn): string {
  if (type === 'JSON') return sqlName(name);
  return type === 'VARCHAR' ? `TRY_CAST(${sqlName(name)} AS JSON)` : `to_json(${sqlName(name)})`;
}

function listOf(json: string): string {
  return `list_transform(CAST(${json} AS JSON[]), lambda x: x->>'$')`;
}

export function isList({ type }: SourceColumn): boolean {
  return /\[\d*\]$/.test(type) || type === 'JSON';
}
