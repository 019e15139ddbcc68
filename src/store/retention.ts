/** What is deleted: old records, and what is known of a person who asks for it. */
import { type SQL, sql } from 'drizzle-orm';
import type { Context, Query } from './database.ts';
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

/** How many records of which kind no longer name the person. */
export type Forgotten = Readonly<
  Record<'events' | 'responses' | 'values' | 'queue' | 'audit' | 'alerts' | 'keys' | 'idempotency', number>
>;

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

/** What stands where a person's name was. */
export const NOBODY = '(removed)';

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

    /**
     * Takes a person's name out of everything: a shopper's out of events, with session, query and details; a reviewer's out of answers,
     * values, the queue, audit, alerts and keys, also where details name them. What they did to products stays, without a name. Answers
     * that are kept for requests sent twice go where they name them. Backups made before still have it.
     */
    forget: (person: string): Promise<Forgotten> =>
      transaction(async (inside) => {
        // As `auditName` has it, a key's id stays.
        const isPerson = sql`(who = ${person}
          OR who IN (SELECT name || ' (' || id || ')' FROM attune.keys WHERE name = ${person}))`;
        // As commands sign what they do.
        const byCommand = `${person} (command)`;
        const count = async (query: ReturnType<typeof sql>) => (await rows(inside, query)).length;
        await inside.execute(sql`DELETE FROM attune.responses WHERE who = ${person} AND state = 'draft'`);
        const queue = await count(sql`UPDATE attune.review_queue SET
            leased_until = CASE WHEN leased_to = ${person} THEN NULL ELSE leased_until END,
            leased_to = nullif(leased_to, ${person}), skipped_by = array_remove(skipped_by, ${person})
          WHERE leased_to = ${person} OR ${person} = ANY(skipped_by) RETURNING 1`);
        return {
          queue,
          events: await count(sql`UPDATE attune.events
            SET shopper = NULL, session = NULL, query = NULL, key = NULL, details = '{}'
            WHERE shopper = ${person} RETURNING 1`),
          responses:
            await count(sql`UPDATE attune.responses SET who = CASE WHEN who = ${person} THEN ${NOBODY} ELSE who END,
              before = CASE WHEN before->>'who' = ${person}
                THEN jsonb_set(before, '{who}', to_jsonb(${NOBODY}::text)) ELSE before END
            WHERE who = ${person} OR before->>'who' = ${person} RETURNING 1`),
          values: await count(
            sql`UPDATE attune.attribute_values SET who = ${NOBODY} WHERE who = ${person} RETURNING 1`,
          ),
          audit: await count(
            sql`UPDATE attune.audit SET
                who = CASE WHEN ${isPerson} THEN ${NOBODY} || substr(who, length(${person}) + 1) ELSE who END,
                subject = CASE WHEN subject = ${person} THEN ${NOBODY} ELSE subject END,
                details = ${withoutName('details', person)}
              WHERE ${isPerson} OR subject = ${person} OR ${namedIn('details', person)} RETURNING 1`,
          ),
          alerts: await count(
            sql`UPDATE attune.alerts SET who = CASE WHEN who IN (${person}, ${byCommand}) THEN ${NOBODY} ELSE who END,
                details = ${withoutName('details', person)}
              WHERE who IN (${person}, ${byCommand}) OR ${namedIn('details', person)} RETURNING 1`,
          ),
          keys: await count(
            sql`UPDATE attune.keys SET name = CASE WHEN name = ${person} THEN ${NOBODY} ELSE name END,
                created_by = CASE WHEN created_by IN (${person}, ${byCommand}) THEN ${NOBODY} ELSE created_by END
              WHERE name = ${person} OR created_by IN (${person}, ${byCommand}) RETURNING 1`,
          ),
          idempotency: await count(
            sql`DELETE FROM attune.idempotency WHERE ${namedIn('answer', person)} RETURNING 1`,
          ),
        };
      }),
  };
}

/** That JSON has the person's name as a value or a key, also within a text that is JSON itself. */
function namedIn(column: string, person: string): SQL {
  const text = sql.raw(`${column}::text`);
  const [plain, inner] = quoted(person);
  return sql`(strpos(${text}, ${plain}) > 0 OR strpos(${text}, ${inner}) > 0)`;
}

/** JSON with nobody where it had the person's name. */
function withoutName(column: string, person: string): SQL {
  const [[plain, inner], [nobody, innerNobody]] = [quoted(person), quoted(NOBODY)];
  return sql`replace(replace(${sql.raw(`${column}::text`)}, ${plain}, ${nobody}), ${inner}, ${innerNobody})::jsonb`;
}

/** A text as it stands in JSON, and in JSON within JSON. */
function quoted(text: string): readonly [string, string] {
  return [JSON.stringify(text), JSON.stringify(JSON.stringify(text)).slice(1, -1)];
}

async function inPieces(db: Query, statement: () => ReturnType<typeof sql>): Promise<number> {
  let deleted = 0;
  for (;;) {
    const piece = (await rows(db, statement())).length;
    deleted += piece;
    if (piece < PIECE) return deleted;
  }
}
