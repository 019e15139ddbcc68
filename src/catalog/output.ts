/**
 * Tables written to CSV, TSV, JSONL or Parquet, all or nothing: rows go to `NAME.partial`, which takes the name of the
 * file when the last row is in it.
 *
 * With a `resume` key a run that was stopped can go on: `checkpoint` makes what was written so far durable and notes
 * it in `NAME.partial.json`.
 */
import { existsSync } from 'node:fs';
import { type FileHandle, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { DuckDBInstance } from '@duckdb/node-api';
import { AttuneError } from '../base/errors.ts';
import { makeFolder } from '../base/make-folder.ts';
import { databaseError } from './database-error.ts';
import type { CatalogErrorCode } from './errors.ts';
import { csvHeaderLine, csvLine, jsonLine } from './row-text.ts';
import { createScratch, removeScratch } from './scratch.ts';
import type { Row } from './source.ts';
import type { SourceColumn } from './source-columns.ts';
import { formatOf, type SourceFormat } from './source-files.ts';
import { sqlName, sqlText } from './sql.ts';

export type TableWriterOptions = {
  /** By default told by the name. */
  readonly format?: SourceFormat | undefined;
  /** Whether a file of that name may be replaced. */
  readonly overwrite?: boolean | undefined;
  /** What the run is a function of; a stopped run with the same key is gone on with. */
  readonly resume?: string | undefined;
};

/** What `NAME.partial.json` says. */
type State = { readonly key: string; readonly rows: number; readonly bytes: number };

const gzipped = promisify(gzip);
/** Text is held back until there is this much of it, in characters. */
const PENDING_CHARACTERS = 1_000_000;

export class TableWriter {
  readonly path: string;
  /** Rows that were written by an earlier, stopped run. */
  readonly resumedRows: number;
  readonly #columns: readonly SourceColumn[];
  readonly #format: SourceFormat;
  readonly #key: string | undefined;
  readonly #handle: FileHandle;
  #pending = '';
  #rows: number;
  #bytes: number;

  private constructor(
    path: string,
    columns: readonly SourceColumn[],
    format: SourceFormat,
    key: string | undefined,
    handle: FileHandle,
    state: State | undefined,
  ) {
    this.path = path;
    this.#columns = columns;
    this.#format = format;
    this.#key = key;
    this.#handle = handle;
    this.resumedRows = state?.rows ?? 0;
    this.#rows = this.resumedRows;
    this.#bytes = state?.bytes ?? 0;
  }

  /**
   * @param columns - in the order of the file; `type` is a DuckDB type (VARCHAR, DOUBLE, BIGINT, BOOLEAN, JSON, ...),
   * which Parquet keeps and a column of JSON texts needs
   * @throws `catalog/output-exists`, `catalog/output-unwritable`, `catalog/format-unknown`
   */
  static async open(
    path: string,
    columns: readonly SourceColumn[],
    options: TableWriterOptions = {},
  ): Promise<TableWriter> {
    const format = options.format ?? formatOf(path);
    if (options.overwrite !== true && existsSync(path)) {
      throw new AttuneError<CatalogErrorCode>('catalog/output-exists', `${path} is there already.`, {
        hint: 'Name another file, or allow it to be replaced (`--overwrite`, or `overwrite: true`).',
        details: { path },
      });
    }
    const key =
      options.resume === undefined ? undefined : `${options.resume}\n${format}\n${JSON.stringify(columns)}`;
    try {
      await makeFolder(dirname(path));
      const state = key === undefined ? undefined : await readState(path, key);
      const handle = await open(partialOf(path), state === undefined ? 'w' : 'r+');
      if (state !== undefined) await handle.truncate(state.bytes);
      const writer = new TableWriter(path, columns, format, key, handle, state);
      if (state === undefined && format !== 'jsonl' && format !== 'parquet') {
        writer.#pending = csvHeaderLine(columns, writer.#delimiter);
      }
      return writer;
    } catch (cause) {
      throw outputError(path, cause);
    }
  }

  get #delimiter(): string {
    return this.#format === 'tsv' ? '\t' : ',';
  }

  /** Rows in the file, those of an earlier run included. */
  get rows(): number {
    return this.#rows;
  }

  async write(rows: readonly Row[]): Promise<void> {
    for (const row of rows) {
      this.#pending +=
        this.#format === 'jsonl' || this.#format === 'parquet'
          ? jsonLine(this.#columns, row)
          : csvLine(this.#columns, row, this.#delimiter);
      if (this.#pending.length > PENDING_CHARACTERS) await this.#flush();
    }
    this.#rows += rows.length;
  }

  /** Makes the rows so far durable; with a `resume` key a later run starts after them. */
  async checkpoint(): Promise<void> {
    try {
      await this.#flush();
      await this.#handle.sync();
      if (this.#key === undefined) return;
      const state: State = { key: this.#key, rows: this.#rows, bytes: this.#bytes };
      const path = stateOf(this.path);
      const handle = await open(`${path}.new`, 'w');
      try {
        await handle.writeFile(JSON.stringify(state));
        await handle.sync();
      } finally {
        await handle.close();
      }
      await rename(`${path}.new`, path);
    } catch (cause) {
      throw outputError(this.path, cause);
    }
  }

  /** Gives the file its name. */
  async commit(): Promise<void> {
    try {
      await this.#flush();
      await this.#handle.sync();
      await this.#handle.close();
      if (this.#format === 'parquet') await toParquet(partialOf(this.path), this.path, this.#columns);
      else await rename(partialOf(this.path), this.path);
      await rm(partialOf(this.path), { force: true });
      await rm(stateOf(this.path), { force: true });
    } catch (cause) {
      throw outputError(this.path, cause);
    }
  }

  /** Stops. Nothing stays, unless there is a checkpoint to go on from. */
  async abort(): Promise<void> {
    await this.#handle.close().catch(() => {});
    if (this.#key !== undefined && existsSync(stateOf(this.path))) return;
    await rm(partialOf(this.path), { force: true });
  }

  async #flush(): Promise<void> {
    if (this.#pending === '') return;
    const text = Buffer.from(this.#pending);
    const isGzip = this.path.endsWith('.gz') && this.#format !== 'parquet';
    // Gzip files may be members one after the other, so each piece is one.
    const bytes = isGzip ? await gzipped(text) : text;
    try {
      let done = 0;
      while (done < bytes.length) {
        done += (await this.#handle.write(bytes, done, bytes.length - done, this.#bytes + done)).bytesWritten;
      }
    } catch (cause) {
      throw outputError(this.path, cause);
    }
    this.#bytes += bytes.length;
    this.#pending = '';
  }
}

/** Writes a whole table; nothing stays when it fails. Returns the number of rows. */
export async function writeTable(
  path: string,
  columns: readonly SourceColumn[],
  rows: AsyncIterable<readonly Row[]>,
  options: Omit<TableWriterOptions, 'resume'> = {},
): Promise<number> {
  const writer = await TableWriter.open(path, columns, options);
  try {
    for await (const batch of rows) await writer.write(batch);
    await writer.commit();
    return writer.rows;
  } catch (cause) {
    await writer.abort();
    throw cause;
  }
}

function partialOf(path: string): string {
  return `${path}.partial`;
}

function stateOf(path: string): string {
  return `${path}.partial.json`;
}

/** The checkpoint of a stopped run with the same key; undefined when there is none. */
async function readState(path: string, key: string): Promise<State | undefined> {
  if (!existsSync(stateOf(path)) || !existsSync(partialOf(path))) return undefined;
  const state = JSON.parse(await readFile(stateOf(path), 'utf8')) as State;
  if (state.key === key) return state;
  throw new AttuneError<CatalogErrorCode>(
    'catalog/output-exists',
    `${partialOf(path)} was left by a stopped run on other data, with another model or with other options.`,
    {
      hint: `Say the same as that run to go on with it, or delete the file and ${stateOf(path)} to start anew.`,
      details: { path },
    },
  );
}

/** Makes a Parquet file of JSON lines. */
async function toParquet(from: string, to: string, columns: readonly SourceColumn[]): Promise<void> {
  const scratch = await createScratch(dirname(to));
  const made = join(scratch, 'made.parquet');
  try {
    const instance = await DuckDBInstance.create(':memory:', {
      threads: '2',
      memory_limit: '600MiB',
      temp_directory: join(scratch, 'spill'),
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
    });
    try {
      const connection = await instance.connect();
      const spec: Record<string, string> = {};
      for (const { name, type } of columns) spec[name] = type === 'BLOB' ? 'VARCHAR' : type;
      const cells = columns.map(({ name, type }) =>
        type === 'BLOB' ? `from_base64(${sqlName(name)}) AS ${sqlName(name)}` : sqlName(name),
      );
      const types = Object.entries(spec).map(([name, type]) => `${sqlText(name)}: ${sqlText(type)}`);
      await connection.run(`COPY (SELECT ${cells.join(', ')} FROM read_json(${sqlText(from)}, format = 'newline_delimited',
        compression = 'uncompressed', columns = {${types.join(', ')}}, maximum_object_size = 134217728))
        TO ${sqlText(made)} (FORMAT parquet, COMPRESSION zstd)`);
    } finally {
      instance.closeSync();
    }
    await rename(made, to);
  } catch (cause) {
    throw databaseError(cause, `writing ${to}`);
  } finally {
    removeScratch(scratch);
  }
}

function outputError(path: string, cause: unknown): unknown {
  if (cause instanceof AttuneError) return cause;
  const code = (cause as { code?: string }).code;
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new AttuneError<CatalogErrorCode>(
      'catalog/disk-full',
      `The disk filled up while writing ${path}.`,
      {
        hint: 'Free some space, or write to another disk.',
        details: { path },
        cause,
      },
    );
  }
  if (code === undefined) return cause;
  return new AttuneError<CatalogErrorCode>(
    'catalog/output-unwritable',
    `${path} cannot be written (${code}).`,
    {
      hint: 'Choose a folder that is there and that you may write to.',
      details: { path, code },
      cause,
    },
  );
}
