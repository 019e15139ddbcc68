/**
 * What shoppers did, as a table that can be asked in SQL, however many rows: everything lies in DuckDB and spills to the scratch
 * folder.
 *
 * Table `events`: `place` (grows with the file's order), `time` (seconds since 1970), `kind`, `product`, `shopper`, `session`, `query`
 * (texts; null where not known; `kind` never is), `quantity` (0 or more, 1 where not told), `price` (0 or more, null where not told).
 * Table `shoppers`: `shopper` (unique) and one text column for each of `profileAttributes`, in quotes. Rows that are no event are in
 * the table `rejects`, for one of `EVENT_FAULTS` or what the source's reader found.
 */
import type { DuckDBAppender } from '@duckdb/node-api';
import { nameSql, timeSql } from '../cell-sql.ts';
import { type Reject, rejectOf } from '../rejects.ts';
import { type Row, Source, type SourceOptions, type SqlValue } from '../source.ts';
import { type SourceColumn, uniteColumns } from '../source-columns.ts';
import { sqlName } from '../sql.ts';
import { type EventColumnNames, type EventColumns, eventColumns, shopperColumn } from './event-columns.ts';
import { eventKindSql } from './event-kinds.ts';

export type EventLogOptions = SourceOptions & {
  /** Columns by name; by default those with the usual names. */
  readonly columns?: EventColumnNames | undefined;
  /** Files of shopper profiles, one row a shopper. */
  readonly shoppers?: { readonly paths: readonly string[]; readonly id?: string | undefined } | undefined;
  /** The present, in seconds since 1970; by default the clock's. */
  readonly now?: number;
};

/** Times without a zone are read as UTC: in some places that is ahead of the clock by less than this. */
const AHEAD_SECONDS = 86_400;

export class EventLog {
  readonly #source: Source;
  /** Columns of the profiles but the id; empty when there are none. */
  readonly profileAttributes: readonly string[];
  /** Paths of the event files, and of those of the profiles. */
  readonly files: readonly string[];

  private constructor(source: Source, { attributes, files }: Profiles) {
    this.#source = source;
    this.profileAttributes = attributes;
    this.files = [...source.files.map(({ path }) => path), ...files];
  }

  /**
   * Reads the files once. A file without a column of kinds holds purchases, and there a negative quantity is a return.
   *
   * @throws what `Source.open` throws; `catalog/column-missing`
   */
  static async open(options: EventLogOptions): Promise<EventLog> {
    const source = await Source.open(options);
    try {
      const path = options.paths.join(', ');
      const latest = (options.now ?? Date.now() / 1000) + AHEAD_SECONDS;
      await createEvents(source, eventColumns(source.columns, options.columns ?? {}, path), latest);
      return new EventLog(source, await createShoppers(source, options.shoppers));
    } catch (cause) {
      source.close();
      throw cause;
    }
  }

  /** All rows of a small result. */
  query(sql: string, params: readonly SqlValue[] = []): Promise<Row[]> {
    return this.#source.query(sql, params);
  }

  /** The result in chunks, in the query's order. */
  stream(sql: string, params: readonly SqlValue[] = []): AsyncGenerator<Row[]> {
    return this.#source.stream(sql, params);
  }

  /** Runs a statement that returns nothing. */
  run(sql: string, params: readonly SqlValue[] = []): Promise<void> {
    return this.#source.run(sql, params);
  }

  /** Appends to a table of this database; the caller closes it. */
  appender(table: string): Promise<DuckDBAppender> {
    return this.#source.appender(table);
  }

  /** Seconds since 1970 just after the last event; undefined of a log without events. */
  async end(): Promise<number | undefined> {
    const [row] = await this.query('SELECT max(time) AS last FROM events');
    return row?.last == null ? undefined : Math.floor(Number(row.last)) + 1;
  }

  /** The rows that were set aside, by file and row. */
  async *rejects(): AsyncGenerator<Reject[]> {
    const sql = 'SELECT file, row, line, reason, detail, raw FROM rejects ORDER BY file, row';
    for await (const rows of this.stream(sql)) yield rows.map(rejectOf);
  }

  /** Rows that were set aside, by reason; also those that could not be read as rows at all. */
  async rejectCounts(): Promise<Readonly<Record<string, number>>> {
    const rows = await this.query(
      'SELECT reason, count(*)::INTEGER AS n FROM rejects GROUP BY reason ORDER BY reason',
    );
    return Object.fromEntries(rows.map(({ reason, n }) => [String(reason), Number(n)]));
  }

  /** Frees the database and its scratch folder. */
  close(): void {
    this.#source.close();
  }
}

/** The text of a column that the file has not. */
const NOTHING = 'NULL::VARCHAR';

/** @param latest - what is dated after this time is no event; seconds since 1970 */
async function createEvents(source: Source, columns: EventColumns, latest: number): Promise<void> {
  const text = (column: SourceColumn | undefined) => (column === undefined ? NOTHING : nameSql('r', column));
  const quantityText = text(columns.quantity);
  const quantity = `TRY_CAST(${quantityText} AS DOUBLE)`;
  const kind =
    columns.kind === undefined
      ? `CASE WHEN ${quantity} < 0 THEN 'return' ELSE 'purchase' END`
      : eventKindSql(text(columns.kind));
  await source.run(`CREATE TABLE read_events AS SELECT r.rowid AS place, r._file, r._row,
    ${timeSql('r', columns.time!)} AS time, ${text(columns.time)} AS time_text, ${kind} AS kind, ${text(columns.kind)} AS kind_text,
    ${text(columns.product)} AS product, ${text(columns.shopper)} AS shopper, ${text(columns.session)} AS session,
    left(${text(columns.query)}, 200) AS query, ${quantityText} AS quantity_text,
    ${columns.kind === undefined ? `abs(${quantity})` : quantity} AS quantity,
    ${priceSql(text(columns.price))} AS price
    FROM rows r`);
  await source.run('DROP TABLE rows');
  const fault = `CASE
    WHEN time IS NULL OR NOT isfinite(time) THEN 'event-without-time'
    WHEN time > ${latest} THEN 'event-in-future'
    WHEN kind IS NULL THEN 'event-kind-unknown'
    WHEN product IS NULL AND (kind <> 'search' OR query IS NULL) THEN 'event-without-product'
    WHEN quantity_text IS NOT NULL AND NOT coalesce(quantity >= 0 AND isfinite(quantity), false) THEN 'event-quantity' END`;
  await source.run(`INSERT INTO rejects
    SELECT _file, _row, NULL, ${fault} AS fault,
      CASE fault WHEN 'event-in-future' THEN time_text WHEN 'event-kind-unknown' THEN kind_text WHEN 'event-quantity' THEN quantity_text END, NULL
    FROM read_events WHERE fault IS NOT NULL ORDER BY place`);
  await source.run(`CREATE TABLE events AS
    SELECT place, time, kind, product, shopper, session, query, coalesce(quantity, 1) AS quantity, price
    FROM read_events WHERE (${fault}) IS NULL ORDER BY place`);
  await source.run('DROP TABLE read_events');
}

/** A price of 0 or more, with or without a currency; "12,95" is 12.95. */
function priceSql(text: string): string {
  const digits = `regexp_replace(${text}, '[^0-9.,-]', '', 'g')`;
  const plain = `CASE WHEN regexp_matches(${digits}, '^[0-9]+,[0-9]{1,2}$') THEN replace(${digits}, ',', '.')
    ELSE replace(${digits}, ',', '') END`;
  const price = `TRY_CAST(${plain} AS DOUBLE)`;
  return text === NOTHING ? 'NULL::DOUBLE' : `CASE WHEN ${price} >= 0 THEN ${price} END`;
}

type Profiles = {
  /** Names of the columns but the id. */
  readonly attributes: readonly string[];
  readonly files: readonly string[];
};

async function createShoppers(source: Source, shoppers: EventLogOptions['shoppers']): Promise<Profiles> {
  if (shoppers === undefined) {
    await source.run('CREATE TABLE shoppers (shopper VARCHAR)');
    return { attributes: [], files: [] };
  }
  const path = shoppers.paths.join(', ');
  const { columns, files } = await source.loadTable('shopper_rows', shoppers.paths);
  const id = shopperColumn(columns, shoppers.id, path);
  // The id's column is called `shopper`, so that another one of that name gets a number.
  const others = columns.filter((column) => column !== id && column.type !== 'BLOB');
  const [, ...names] = uniteColumns([{ path, columns: [{ ...id, name: 'shopper' }, ...others] }]).columns;
  await source.run(`CREATE TABLE read_shoppers AS SELECT r.rowid AS _place, r._file, r._row, ${nameSql('r', id)} AS shopper
    ${others.map((column, i) => `, ${nameSql('r', column)} AS ${sqlName(names[i]!.name)}`).join('')}
    FROM shopper_rows r`);
  await source.run('DROP TABLE shopper_rows');
  const fault = `CASE WHEN shopper IS NULL THEN 'shopper-without-id'
    WHEN row_number() OVER (PARTITION BY shopper ORDER BY _place) > 1 THEN 'duplicate-shopper' END`;
  await source.run(`INSERT INTO rejects SELECT _file, _row, NULL, fault, shopper, NULL
    FROM (SELECT *, ${fault} AS fault FROM read_shoppers) WHERE fault IS NOT NULL ORDER BY _place`);
  await source.run(`CREATE TABLE shoppers AS SELECT * EXCLUDE (_place, _file, _row, fault)
    FROM (SELECT *, ${fault} AS fault FROM read_shoppers) WHERE fault IS NULL ORDER BY _place`);
  await source.run('DROP TABLE read_shoppers');
  return { attributes: names.map(({ name }) => name), files: files.map(({ path }) => path) };
}
