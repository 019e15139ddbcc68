/**
 * A merchant's files as one table that can be asked in SQL.
 *
 * `Source` owns a DuckDB database in a scratch folder. Its table `rows` holds every readable row of the files, in file
 * order, with all their columns and two more: `_file` (the path as given) and `_row` (1-based, counting data rows);
 * `rowid` counts them from 0. Its table `rejects` holds what could not be read. Everything spills to the scratch
 * folder, so memory stays under the limit however large the files are. Nothing opens the network.
 */
import { join } from 'node:path';
import {
  type DuckDBAppender,
  type DuckDBConnection,
  DuckDBInstance,
  type DuckDBValue,
} from '@duckdb/node-api';
import { AttuneError } from '../base/errors.ts';
import { type Progress, silent } from '../base/progress.ts';
import { databaseError } from './database-error.ts';
import { plainValue } from './duckdb-values.ts';
import type { CatalogErrorCode } from './errors.ts';
import { type CsvHeader, loadCsv, readCsvHeader } from './load-csv.ts';
import { createJsonStage, type JsonKinds, jsonColumns, loadJson, stageJson } from './load-json.ts';
import { loadParquet, parquetColumns } from './load-parquet.ts';
import { RejectLog } from './rejects.ts';
import { createScratch, removeScratch } from './scratch.ts';
import { type SourceColumn, type UnitedColumns, uniteColumns } from './source-columns.ts';
import { expandPaths, type SourceFile, type SourceFormat } from './source-files.ts';
import { sqlName } from './sql.ts';

export type SourceOptions = {
  /** Files or globs. */
  readonly paths: readonly string[];
  /** By default told by each file's name. */
  readonly format?: SourceFormat | undefined;
  /** utf-8 (the default), utf-16, latin-1, or another name that `TextDecoder` knows. */
  readonly encoding?: string | undefined;
  /** One character; by default found in the first lines. */
  readonly delimiter?: string | undefined;
  /** What DuckDB may hold in memory before it spills, in MiB. */
  readonly memoryLimitMb?: number | undefined;
  readonly threads?: number | undefined;
  /** A folder for what spills; the system's temporary folder by default. */
  readonly scratch?: string | undefined;
  readonly progress?: Progress | undefined;
};

/** A row as plain JavaScript values: strings, numbers, booleans, null, arrays, objects, bytes. */
export type Row = Record<string, unknown>;
export type SqlValue = string | number | boolean | null;

export class Source {
  readonly columns: readonly SourceColumn[];
  readonly files: readonly SourceFile[];
  /** Readable rows. */
  readonly rowCount: number;
  /** What the reader decided that the user may want to know, as sentences. */
  readonly warnings: readonly string[];
  /** Rows set aside, in the table `rejects`. */
  readonly rejects: RejectLog;
  readonly #instance: DuckDBInstance;
  readonly #connection: DuckDBConnection;
  readonly #folder: string;
  readonly #options: SourceOptions;

  private constructor(database: Database, loaded: Loaded, rejects: RejectLog, options: SourceOptions) {
    this.#options = options;
    this.#instance = database.instance;
    this.#connection = database.connection;
    this.#folder = database.folder;
    this.columns = loaded.united.columns;
    this.warnings = loaded.united.warnings;
    this.files = loaded.files;
    this.rowCount = loaded.rowCount;
    this.rejects = rejects;
  }

  /**
   * Reads all files once.
   *
   * @throws `catalog/file-missing`, `catalog/file-unreadable`, `catalog/file-empty`, `catalog/format-unknown`,
   * `catalog/format-broken`, `catalog/encoding`, `catalog/header-missing`, `catalog/disk-full`
   */
  static async open(options: SourceOptions): Promise<Source> {
    if (options.delimiter !== undefined && options.delimiter.length !== 1) {
      throw new AttuneError<CatalogErrorCode>(
        'catalog/layout',
        `A delimiter is one character. Got "${options.delimiter}".`,
      );
    }
    const database = await createDatabase(options);
    try {
      const rejects = await RejectLog.create(database.connection);
      return new Source(
        database,
        await load(database.connection, rejects, 'rows', options),
        rejects,
        options,
      );
    } catch (cause) {
      closeDatabase(database);
      throw databaseError(cause, `reading ${options.paths.join(', ')}`);
    }
  }

  /** All rows of a small result. `params` fill the `?` marks in order. */
  async query(sql: string, params: readonly SqlValue[] = []): Promise<Row[]> {
    const all: Row[] = [];
    for await (const rows of this.stream(sql, params)) for (const row of rows) all.push(row);
    return all;
  }

  /** The result in chunks of at most 2,048 rows, in the query's order. */
  async *stream(sql: string, params: readonly SqlValue[] = []): AsyncGenerator<Row[]> {
    let connection: DuckDBConnection | undefined;
    try {
      connection = await this.#instance.connect();
      const result = await connection.stream(sql, [...params] as DuckDBValue[]);
      const names = result.deduplicatedColumnNames();
      for (let chunk = await result.fetchChunk(); chunk !== null; chunk = await result.fetchChunk()) {
        if (chunk.rowCount === 0) break;
        const columns = chunk.convertColumns(plainValue);
        const rows: Row[] = [];
        for (let i = 0; i < chunk.rowCount; i++) {
          const row: Row = {};
          for (let j = 0; j < names.length; j++) row[names[j]!] = columns[j]![i];
          rows.push(row);
        }
        yield rows;
      }
    } catch (cause) {
      throw databaseError(cause, 'asking the data');
    } finally {
      connection?.closeSync();
    }
  }

  /** Runs statements that return nothing, such as `CREATE TABLE ... AS`. */
  async run(sql: string, params: readonly SqlValue[] = []): Promise<void> {
    try {
      await this.#connection.run(sql, [...params] as DuckDBValue[]);
    } catch (cause) {
      throw databaseError(cause, 'preparing the data');
    }
  }

  /** Reads more files, with the options of the first, into another table of this database. */
  async loadTable(
    table: string,
    paths: readonly string[],
  ): Promise<{ readonly columns: readonly SourceColumn[]; readonly files: readonly SourceFile[] }> {
    try {
      const loaded = await load(this.#connection, this.rejects, table, { ...this.#options, paths });
      return { columns: loaded.united.columns, files: loaded.files };
    } catch (cause) {
      throw databaseError(cause, `reading ${paths.join(', ')}`);
    }
  }

  /** Appends to a table of this database, which beats INSERT by far; the caller closes it. */
  async appender(table: string): Promise<DuckDBAppender> {
    return this.#connection.createAppender(table);
  }

  /** Frees the database and its scratch folder. Streams still open fail. */
  close(): void {
    closeDatabase({ instance: this.#instance, connection: this.#connection, folder: this.#folder });
  }
}

type Database = {
  readonly instance: DuckDBInstance;
  readonly connection: DuckDBConnection;
  readonly folder: string;
};

async function createDatabase(options: SourceOptions): Promise<Database> {
  const folder = await createScratch(options.scratch);
  try {
    const instance = await DuckDBInstance.create(join(folder, 'catalog.duckdb'), {
      threads: String(options.threads ?? 2),
      memory_limit: `${options.memoryLimitMb ?? 600}MiB`,
      temp_directory: join(folder, 'spill'),
      preserve_insertion_order: 'true',
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
      allow_community_extensions: 'false',
    });
    return { instance, connection: await instance.connect(), folder };
  } catch (cause) {
    removeScratch(folder);
    throw databaseError(cause, 'creating the scratch database');
  }
}

function closeDatabase({ instance, connection, folder }: Database): void {
  connection.closeSync();
  instance.closeSync();
  removeScratch(folder);
}

type Loaded = {
  readonly files: readonly SourceFile[];
  readonly united: UnitedColumns;
  readonly rowCount: number;
};

/** What is known of a file before its rows are loaded. */
type Plan =
  | { readonly kind: 'csv'; readonly header: CsvHeader; readonly columns: readonly SourceColumn[] }
  | { readonly kind: 'json' | 'parquet'; readonly columns: readonly SourceColumn[] };

async function load(
  connection: DuckDBConnection,
  rejects: RejectLog,
  table: string,
  options: SourceOptions,
): Promise<Loaded> {
  const progress = options.progress ?? silent;
  const files = await expandPaths(connection, options.paths, options.format);
  const text = { encoding: options.encoding, delimiter: options.delimiter };
  progress({ kind: 'stage', stage: 'read', total: files.reduce((sum, { bytes }) => sum + bytes, 0) });
  let before = 0;
  const onBytes = (done: number) => progress({ kind: 'advance', done: before + done });

  const plans: Plan[] = [];
  for (const file of files) plans.push(await plan(connection, file, rejects, text, onBytes));
  const united = uniteColumns(files.map(({ path }, i) => ({ path, columns: plans[i]!.columns })));
  await connection.run(
    `CREATE TABLE ${table} (${[
      ...united.columns,
      { name: '_file', type: 'VARCHAR' },
      { name: '_row', type: 'BIGINT' },
    ]
      .map(({ name, type }) => `${sqlName(name)} ${type}`)
      .join(', ')})`,
  );
  for (const [i, file] of files.entries()) {
    const filePlan = plans[i]!;
    const places = united.places[i]!;
    if (filePlan.kind === 'csv') {
      const target = { table, width: united.columns.length, places };
      await loadCsv(connection, file, filePlan.header, target, rejects, { ...text, onBytes });
    } else {
      const cells = united.columns.map(({ type }, place) => ({
        key: filePlan.columns[places.indexOf(place)]?.name,
        type,
      }));
      await (filePlan.kind === 'json' ? loadJson : loadParquet)(connection, table, file, cells);
    }
    before += file.bytes;
  }
  await connection.run('DROP TABLE IF EXISTS json_stage');
  const counted = await connection.runAndReadAll(`SELECT count(*)::INTEGER FROM ${table}`);
  const rowCount = Number(counted.getRowsJS()[0]![0]);
  if (rowCount === 0) throw await noRows(connection, files);
  return { files, united, rowCount };
}

async function plan(
  connection: DuckDBConnection,
  file: SourceFile,
  rejects: RejectLog,
  text: { readonly encoding: string | undefined; readonly delimiter: string | undefined },
  onBytes: (done: number) => void,
): Promise<Plan> {
  if (file.format === 'parquet') return { kind: 'parquet', columns: await parquetColumns(connection, file) };
  if (file.format === 'jsonl') {
    await createJsonStage(connection);
    const kinds = new Map<string, JsonKinds>();
    await stageJson(connection, file, kinds, rejects, { encoding: text.encoding, onBytes });
    return { kind: 'json', columns: [...jsonColumns(kinds)].map(([name, type]) => ({ name, type })) };
  }
  const header = await readCsvHeader(file, text);
  return { kind: 'csv', header, columns: header.names.map((name) => ({ name, type: 'VARCHAR' })) };
}

async function noRows(
  connection: DuckDBConnection,
  files: readonly SourceFile[],
): Promise<AttuneError<CatalogErrorCode>> {
  const names = files.map(({ path }) => path).join(', ');
  const reasons = await connection.runAndReadAll(
    'SELECT reason, count(*)::INTEGER AS n, any_value(detail) AS detail FROM rejects GROUP BY reason ORDER BY n DESC',
  );
  const worst = reasons.getRowObjectsJS()[0];
  if (worst === undefined) {
    return new AttuneError('catalog/file-empty', `${names} holds no rows.`, { details: { files: names } });
  }
  return new AttuneError(
    'catalog/format-broken',
    `No row of ${names} can be read: ${worst.n} times ${worst.reason}${worst.detail === null ? '' : ` (${worst.detail})`}.`,
    {
      hint: 'Is it the format that its name says, with the delimiter you meant?',
      details: { files: names, reason: worst.reason },
    },
  );
}
