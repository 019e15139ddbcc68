/**
 * Migrations go forward only, in the order of this list, all in one transaction under a lock: two services that start at once
 * make the tables once. What was applied is recorded in `attune.migrations`.
 */
import { sql } from 'drizzle-orm';
import type { Connection, Query } from './database.ts';
import { storeError } from './errors.ts';
import { tables } from './migrations/0001-tables.ts';
import { streamPositions } from './migrations/0002-stream-positions.ts';
import { monitorReports } from './migrations/0003-monitor-reports.ts';
import { reviewChances } from './migrations/0004-review-chances.ts';
import { pageIndexes } from './migrations/0005-page-indexes.ts';
import { pictures } from './migrations/0006-pictures.ts';
import { reviewEvidence } from './migrations/0007-review-evidence.ts';
import { auditsApart, auditsApartFilled } from './migrations/0008-audits-apart.ts';
import { rows } from './sql.ts';

/** Its place in the list, from 1, is a migration's number. */
const MIGRATIONS: readonly {
  readonly name: string;
  readonly sql: string;
  /** What it says of records that were there before; safe to do again. */
  readonly fill?: string;
}[] = [
  { name: 'tables', sql: tables },
  { name: 'stream-positions', sql: streamPositions },
  { name: 'monitor-reports', sql: monitorReports },
  { name: 'review-chances', sql: reviewChances },
  { name: 'page-indexes', sql: pageIndexes },
  { name: 'pictures', sql: pictures },
  { name: 'review-evidence', sql: reviewEvidence },
  { name: 'audits-apart', sql: auditsApart, fill: auditsApartFilled },
];

/** What the tables of this version of Attune are called in backups. */
export const SCHEMA_VERSION = MIGRATIONS.length;

/** Any number will do, if every version of Attune uses the same. */
const LOCK = 7_267_233_601;

/**
 * @returns how many were applied
 * @throws `store/newer-schema`
 */
export async function migrate({ db, transaction }: Pick<Connection, 'db' | 'transaction'>): Promise<number> {
  if ((await applied(db)) === SCHEMA_VERSION) return 0;
  return transaction(async (inside) => {
    await inside.execute(sql`SELECT pg_advisory_xact_lock(${LOCK})`);
    const before = await applied(inside);
    if (before === 0) {
      await inside.execute(sql`CREATE SCHEMA IF NOT EXISTS attune`);
      await inside.execute(sql`CREATE TABLE IF NOT EXISTS attune.migrations
        (number integer PRIMARY KEY, name text NOT NULL, applied timestamptz(3) NOT NULL)`);
    }
    for (const [index, migration] of MIGRATIONS.entries()) {
      if (index < before) continue;
      for (const statement of statementsOf(migration.sql)) await inside.execute(sql.raw(statement));
      for (const statement of statementsOf(migration.fill ?? '')) await inside.execute(sql.raw(statement));
      await inside.execute(
        sql`INSERT INTO attune.migrations VALUES (${index + 1}, ${migration.name}, now())`,
      );
    }
    return SCHEMA_VERSION - before;
  });
}

/** Says of records that were made under an older version of the tables, such as those of a backup, what later migrations say of them. */
export async function fillFrom(db: Query, version: number): Promise<void> {
  for (const { fill } of MIGRATIONS.slice(version))
    for (const statement of statementsOf(fill ?? '')) await db.execute(sql.raw(statement));
}

/** The number of the last migration that was applied. */
async function applied(db: Connection['db']): Promise<number> {
  const [there] = await rows<{ there: boolean }>(
    db,
    sql`SELECT to_regclass('attune.migrations') IS NOT NULL AS there`,
  );
  if (!there!.there) return 0;
  const [last] = await rows<{ number: number }>(
    db,
    sql`SELECT coalesce(max(number), 0)::integer AS number FROM attune.migrations`,
  );
  if (last!.number > SCHEMA_VERSION) {
    throw storeError(
      'store/newer-schema',
      `The tables of the store are of version ${last!.number}; this Attune knows them up to version ${SCHEMA_VERSION}.`,
      {
        hint: 'Use the version of Attune that made them, or a newer one. Tables are never taken back to an older version.',
        details: { found: last!.number, known: SCHEMA_VERSION },
      },
    );
  }
  return last!.number;
}

/** Statements end with a semicolon at the end of a line. */
function statementsOf(text: string): string[] {
  return text
    .split(/;\s*\n/)
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '');
}
