/** Pieces of SQL that several repositories are made of. */
import { type Column, type SQL, sql } from 'drizzle-orm';
import type { Query } from './database.ts';

/** Rows of a query in plain SQL, as the driver gives them: times and 64-bit numbers may be texts. */
export async function rows<T>(db: Query, query: SQL): Promise<T[]> {
  return ((await db.execute(query)) as unknown as { rows: T[] }).rows;
}

/**
 * Given rows as a table: one parameter, however many there are.
 * @param columns - name and type, e.g. `id text, place integer`; each row is an object with these keys
 */
export function given(list: readonly object[], columns: string): SQL {
  return sql`jsonb_to_recordset(${JSON.stringify(list)}::jsonb) AS given (${sql.raw(columns)})`;
}

/**
 * That a lease is over: its time has come, or lies further ahead than the hour that leases are given for at most, since the clock
 * was set back.
 */
export function isOver(until: SQL, now: SQL): SQL {
  return sql`(${until} <= ${now} OR ${until} > ${now} + interval '1 hour')`;
}

/** `items` in pieces of at most `size`. */
export function pieces<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) =>
    items.slice(i * size, (i + 1) * size),
  );
}

/** That a column's value is in the list, however long it is. */
export function isOneOf(column: Column, list: readonly string[]): SQL {
  return sql`${column} = ANY(${sql.param([...list])}::text[])`;
}

/** Items by key, each key's in their order. */
export function grouped<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [item]);
    else group.push(item);
  }
  return groups;
}
