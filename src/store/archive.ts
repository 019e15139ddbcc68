/**
 * A whole store as lines of text, and back: into either backend, whichever it came from.
 *
 * The first line says what it is, the last how many records of which kind came before it and what they hash to; each between is
 * `["table", {record}]`. All of it is what the store was at one moment, and all of it is taken, or nothing.
 */
import { createHash } from 'node:crypto';
import { getTableColumns, getTableName, sql } from 'drizzle-orm';
import type { PgTable } from 'drizzle-orm/pg-core';
import { z } from 'zod';
import { BACKENDS, type Context, type Query } from './database.ts';
import { storeError } from './errors.ts';
import { fillFrom, SCHEMA_VERSION } from './migrations.ts';
import { rows } from './sql.ts';
import * as tables from './tables.ts';

/** In an order in which each refers only to those before it. */
const TABLES: readonly PgTable[] = [
  tables.products,
  tables.media,
  tables.pictures,
  tables.attributeValues,
  tables.predictions,
  tables.predictionHistory,
  tables.suggestions,
  tables.responses,
  tables.reviewQueue,
  tables.reviewItems,
  tables.models,
  tables.runs,
  tables.events,
  tables.alerts,
  tables.monitorReports,
  tables.audit,
  tables.keys,
  tables.idempotency,
  tables.workParts,
  tables.vectors,
  tables.streamPositions,
];
const NAMES = TABLES.map((table) => getTableName(table));

const headerSchema = z.object({
  attune: z.literal('backup'),
  /** Of the tables. */
  schema: z.number().int().min(1),
  backend: z.enum(BACKENDS),
  made: z.iso.datetime(),
});
const footerSchema = z.object({
  /** Records by table. */
  counts: z.record(z.string(), z.number().int().min(0)),
  /** SHA-256 of all lines before, each with its line end. */
  sha256: z.string(),
});

export type Counts = Readonly<Record<string, number>>;

export type Archive = ReturnType<typeof archiveIn>;

const PIECE = 1000;

export function archiveIn({ db, transaction, now }: Context, backend: (typeof BACKENDS)[number]) {
  return {
    /**
     * @param write - takes lines without their ends
     * @returns records by table
     */
    dump: (write: (line: string) => Promise<void>): Promise<Counts> =>
      transaction(async (inside) => {
        await inside.execute(sql`SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY`);
        const [time] = await rows<{ made: string }>(
          inside,
          sql`SELECT to_char(${now()} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS made`,
        );
        const hash = createHash('sha256');
        const line = async (text: string) => {
          hash.update(`${text}\n`);
          await write(text);
        };
        await line(JSON.stringify({ attune: 'backup', schema: SCHEMA_VERSION, backend, ...time }));
        const counts: Record<string, number> = {};
        for (const name of NAMES) counts[name] = await dumpTable(inside, name, line);
        await write(JSON.stringify({ counts, sha256: hash.digest('hex') }));
        return counts;
      }),

    /**
     * @param lines - without their ends
     * @param replace - what is in the store goes; without it, a store with anything in it is refused
     * @returns records by table
     * @throws `store/not-empty`, `store/backup-invalid`, `store/newer-schema`; the store is as it was then
     */
    load: (lines: AsyncIterable<string>, { replace = false } = {}): Promise<Counts> =>
      transaction(async (inside) => {
        const all = sql.raw(NAMES.map((name) => `attune.${name}`).join(', '));
        await inside.execute(sql`LOCK TABLE ${all} IN ACCESS EXCLUSIVE MODE`);
        if (replace) await inside.execute(sql`TRUNCATE ${all}`);
        else await requireEmpty(inside);
        const { counts, schema } = await loadLines(inside, lines);
        await fillFrom(inside, schema);
        await countOn(inside);
        return counts;
      }),

    /** Whether nothing has been kept yet. */
    isEmpty: async (): Promise<boolean> => (await firstUsed(db)) === undefined,
  };
}

async function dumpTable(db: Query, name: string, line: (text: string) => Promise<void>): Promise<number> {
  await db.execute(
    sql`DECLARE attune_dump NO SCROLL CURSOR FOR SELECT to_json(t)::text AS record FROM ${sql.raw(`attune.${name}`)} t`,
  );
  let count = 0;
  for (;;) {
    const piece = await rows<{ record: string }>(db, sql`FETCH ${sql.raw(String(PIECE))} FROM attune_dump`);
    for (const { record } of piece) await line(`["${name}",${record}]`);
    count += piece.length;
    if (piece.length < PIECE) break;
  }
  await db.execute(sql`CLOSE attune_dump`);
  return count;
}

/** @returns records by table, and the version of the tables that they were made under */
async function loadLines(db: Query, lines: AsyncIterable<string>) {
  const hash = createHash('sha256');
  const counts: Record<string, number> = Object.fromEntries(NAMES.map((name) => [name, 0]));
  let waiting: string[] = [];
  let table: string | undefined;
  const flush = async () => {
    if (table !== undefined && waiting.length > 0) await insert(db, table, waiting);
    waiting = [];
  };
  let number = 0;
  let schema = SCHEMA_VERSION;
  let footer: z.infer<typeof footerSchema> | undefined;
  for await (const line of lines) {
    number++;
    if (footer !== undefined) throw invalid(`line ${number} comes after its end`);
    const [, name, record] = /^\["([a-z_]+)",(\{.*\})\]$/s.exec(line) ?? [];
    if (number === 1) schema = readHeader(line);
    else if (name === undefined || record === undefined) footer = parsed(footerSchema, line, number);
    else {
      if (!NAMES.includes(name)) throw invalid(`line ${number} is of a table that is not known: ${name}`);
      if (name !== table || waiting.length === PIECE) await flush();
      table = name;
      waiting.push(record);
      counts[name]!++;
    }
    if (footer === undefined) hash.update(`${line}\n`);
  }
  await flush();
  if (footer === undefined) throw invalid('it ends too early');
  if (footer.sha256 !== hash.digest('hex')) throw invalid('its content is not what it was when it was made');
  const wrong = NAMES.find((name) => (footer.counts[name] ?? 0) !== counts[name]);
  if (wrong !== undefined) throw invalid(`it has not as many records of ${wrong} as it says`);
  return { counts, schema };
}

async function insert(db: Query, name: string, records: readonly string[]): Promise<void> {
  const table = sql.raw(`attune.${name}`);
  // As json, not jsonb: numbers stay as they are written. A line that is no JSON is the file's fault, not ours.
  await db
    .execute(
      sql`INSERT INTO ${table} OVERRIDING SYSTEM VALUE
        SELECT * FROM json_populate_recordset(NULL::${table}, ${`[${records.join(',')}]`}::json)`,
    )
    .catch((error: { cause?: { code?: string; message?: string } }) => {
      if (!/^2[23]/.test(error.cause?.code ?? '')) throw error;
      throw invalid(`a record of ${name} cannot be read (${error.cause?.message})`);
    });
}

/** New records get numbers after those that were restored. */
async function countOn(db: Query): Promise<void> {
  for (const table of TABLES) {
    const name = `attune.${getTableName(table)}`;
    const numbered = Object.values(getTableColumns(table)).some(
      (column) => column.generatedIdentity !== undefined,
    );
    if (numbered)
      await db.execute(sql`SELECT setval(pg_get_serial_sequence(${name}, 'id'), coalesce(max(id), 0) + 1, false)
        FROM ${sql.raw(name)}`);
  }
}

async function firstUsed(db: Query): Promise<string | undefined> {
  for (const name of NAMES) {
    const found = await rows(db, sql`SELECT 1 FROM ${sql.raw(`attune.${name}`)} LIMIT 1`);
    if (found.length > 0) return name;
  }
  return undefined;
}

/** @throws `store/not-empty` */
async function requireEmpty(db: Query): Promise<void> {
  const used = await firstUsed(db);
  if (used === undefined) return;
  throw storeError('store/not-empty', `The store has records already (${used.replaceAll('_', ' ')}).`, {
    hint: 'Restore into an empty store, or let the backup take the place of what is there (--replace).',
    details: { table: used },
  });
}

/** @returns the version of its tables @throws `store/backup-invalid`, `store/newer-schema` */
function readHeader(line: string): number {
  const { schema } = parsed(headerSchema, line, 1);
  if (schema <= SCHEMA_VERSION) return schema;
  throw storeError(
    'store/newer-schema',
    `The backup was made by a newer version of Attune: its tables are of version ${schema}, this one knows them up to ${SCHEMA_VERSION}.`,
    { hint: 'Restore it with the version that made it, or a newer one.', details: { schema } },
  );
}

function parsed<T>(schema: z.ZodType<T>, line: string, number: number): T {
  try {
    const result = schema.safeParse(JSON.parse(line));
    if (result.success) return result.data;
  } catch {
    // Not JSON: said below.
  }
  throw invalid(number === 1 ? 'it does not begin like one' : `line ${number} cannot be read`);
}

export function invalid(why: string) {
  return storeError('store/backup-invalid', `This is no whole backup of a store: ${why}.`, {
    hint: 'Use another backup. Nothing was changed.',
  });
}
