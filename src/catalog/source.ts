/**
 * A merchant's files as one table that can be asked in SQL.
 *
 * `Source` owns a DuckDB database in a scratch folder. Its table `rows` holds every readable row of the files, in file
 * order, with all their columns and two more: `_file` (the path as given) and `_row` (1-based, counting data rows).
 * Everything spills to the scratch folder, so memory stays under the limit however large the files are. Nothing opens
 * the network.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance, type DuckDBValue } from '@duckdb/node-api';
import { AttuneError } from '../base/errors.ts';
import { plainValue } from './duckdb-values.ts';
import type { CatalogErrorCode } from './errors.ts';

export const SOURCE_FORMATS = ['csv', 'tsv', 'jsonl', 'json', 'parquet'] as const;
export type SourceFormat = (typeof SOURCE_FORMATS)[number];

export type SourceOptions = {
  /** Files or globs. */
  readonly paths: readonly string[];
  /** By default told by each file's name. */
  readonly format?: SourceFormat;
  /** A name that `TextDecoder` knows; UTF-8 by default. */
  readonly encoding?: string;
  /** One character; by default found in the header line. */
  readonly delimiter?: string;
  /** What DuckDB may hold in memory before it spills, in MiB. */
  readonly memoryLimitMb?: number;
  readonly threads?: number;
  /** A folder for what spills; the system's temporary folder by default. */
  readonly scratch?: string;
};

/** A column of `rows`; `type` is DuckDB's name of its type, `VARCHAR` for every column of a CSV file. */
export type SourceColumn = { readonly name: string; readonly type: string };

/** A row as plain JavaScript values: strings, numbers, booleans, null, arrays, objects, bytes. */
export type Row = Record<string, unknown>;
export type SqlValue = string | number | boolean | null;

/** An identifier as SQL writes it. */
export function sqlName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A string literal as SQL writes it. */
export function sqlText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

export class Source {
  readonly columns: readonly SourceColumn[];
  readonly #instance: DuckDBInstance;
  readonly #connection: DuckDBConnection;
  readonly #folder: string;

  private constructor(
    instance: DuckDBInstance,
    connection: DuckDBConnection,
    folder: string,
    columns: readonly SourceColumn[],
  ) {
    this.#instance = instance;
    this.#connection = connection;
    this.#folder = folder;
    this.columns = columns;
  }

  static async open(options: SourceOptions): Promise<Source> {
    const base = options.scratch ?? tmpdir();
    await mkdir(base, { recursive: true });
    const folder = mkdtempSync(join(base, 'attune-'));
    const instance = await DuckDBInstance.create(join(folder, 'catalog.duckdb'), {
      threads: String(options.threads ?? 2),
      memory_limit: `${options.memoryLimitMb ?? 600}MiB`,
      temp_directory: join(folder, 'spill'),
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
    });
    const connection = await instance.connect();
    const first = options.paths[0] ?? '';
    const reader = first.includes('.parquet')
      ? `read_parquet(${sqlText(first)})`
      : first.includes('.json')
        ? `read_json_auto(${sqlText(first)})`
        : `read_csv(${sqlText(first)}, all_varchar=true, header=true)`;
    await connection.run(
      `CREATE TABLE rows AS SELECT *, ${sqlText(first)} AS _file, row_number() OVER () AS _row FROM ${reader}`,
    );
    const described = await connection.runAndReadAll('DESCRIBE rows');
    const columns = described
      .getRowObjectsJS()
      .map((row) => ({ name: String(row.column_name), type: String(row.column_type) }))
      .filter(({ name }) => name !== '_file' && name !== '_row');
    return new Source(instance, connection, folder, columns);
  }

  /** All rows of a small result. `params` fill `?` marks in order. */
  async query(sql: string, params: readonly SqlValue[] = []): Promise<Row[]> {
    const all: Row[] = [];
    for await (const rows of this.stream(sql, params)) all.push(...rows);
    return all;
  }

  /** The result in chunks of at most 2,048 rows, in the query's order. */
  async *stream(sql: string, params: readonly SqlValue[] = []): AsyncIterable<Row[]> {
    const connection = await this.#instance.connect();
    try {
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
      throw new AttuneError<CatalogErrorCode>('catalog/query', `DuckDB refused a query: ${String(cause)}`, {
        cause,
        details: { sql },
      });
    } finally {
      connection.closeSync();
    }
  }

  /** Frees the database and its scratch folder. */
  close(): void {
    this.#connection.closeSync();
    this.#instance.closeSync();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
