/** What is deleted: old records, and what is known of a person who asks for it. */
import { sql } from 'drizzle-orm';
import type { Context, Query } from './database.ts';
import { type Forgotten, forgetPerson } from './forget.ts';
import { expired } from './idempotency.ts';
import { rows } from './sql.ts';

/** Days to keep; what is left out is kept for good. */
export type Retention = {
  /** Predictions that were replaced, and those of shadows. Current ones always stay. */
  readonly predictionHistory?: number;
  readonly events?: number;
  readonly alerts?: number;
  readonly monitorReports?: number;
  readonly audit?: number;
  /** Runs that have ended. */
  readonly runs?: number;
};

export type Deleted = Readonly<Record<keyof Retention | 'idempotency', number>>;

export type RetentionWork = ReturnType<typeof retentionIn>;

/** Rows that one statement deletes, so that none holds locks for long. */
const PIECE = 20_000;

const OLD: { readonly [K in keyof Retention]-?: { table: string; id: string; time: string } } = {
  predictionHistory: { table: 'prediction_history', id: 'id', time: 'replaced' },
  events: { table: 'events', id: 'id', time: 'at' },
  alerts: { table: 'alerts', id: 'id', time: 'at' },
  monitorReports: { table: 'monitor_reports', id: 'id', time: 'at' },
  audit: { table: 'audit', id: 'id', time: 'at' },
  runs: { table: 'runs', id: 'id', time: 'ended' },
};

export function retentionIn({ db, transaction, now }: Context) {
  return {
    /** Deletes what is older than it should be, and answers that no client will ask for again. */
    async apply(days: Retention): Promise<Deleted> {
      const deleted: Record<string, number> = {};
      for (const [what, { table, id, time }] of Object.entries(OLD)) {
        const keep = days[what as keyof Retention];
        const old = sql`${sql.raw(time)} < ${now()} - make_interval(secs => ${(keep ?? 0) * 86_400}::double precision)`;
        deleted[what] =
          keep === undefined
            ? 0
            : await inPieces(
                db,
                () => sql`DELETE FROM ${sql.raw(`attune.${table}`)} WHERE ${sql.raw(id)} IN
                  (SELECT ${sql.raw(id)} FROM ${sql.raw(`attune.${table}`)} WHERE ${old} LIMIT ${PIECE}) RETURNING 1`,
              );
      }
      deleted.idempotency = await inPieces(db, () => expired(now(), PIECE));
      return deleted as Deleted;
    },

    /**
     * Gives room that deleted records took back to the tables, and counts anew what the database plans its queries by. PostgreSQL does so
     * by itself after a while; PGlite never does. Worth it after many records came or went.
     */
    async tidy(): Promise<void> {
      const tables = await rows<{ name: string }>(
        db,
        sql`SELECT quote_ident(tablename) AS name FROM pg_tables WHERE schemaname = 'attune' ORDER BY 1`,
      );
      for (const { name } of tables) await db.execute(sql.raw(`VACUUM (ANALYZE) attune.${name}`));
    },

    /** Takes a person out of everything (`forgetPerson`). */
    forget: (person: string): Promise<Forgotten> => transaction((inside) => forgetPerson(inside, person)),
  };
}

async function inPieces(db: Query, statement: () => ReturnType<typeof sql>): Promise<number> {
  let deleted = 0;
  for (;;) {
    const piece = (await rows(db, statement())).length;
    deleted += piece;
    if (piece < PIECE) return deleted;
  }
}
