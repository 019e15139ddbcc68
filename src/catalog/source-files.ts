/**
 * The files that a list of paths and globs names, each with its format.
 */
import { stat } from 'node:fs/promises';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { AttuneError } from '../base/errors.ts';
import type { CatalogErrorCode } from './errors.ts';

export type SourceFormat = 'csv' | 'tsv' | 'jsonl' | 'parquet';

export type SourceFile = {
  /** As the user would write it. */
  readonly path: string;
  /** The path or glob that named it; of several the last. */
  readonly pattern: string;
  readonly format: SourceFormat;
  readonly bytes: number;
};

const EXTENSIONS: Readonly<Record<string, SourceFormat>> = {
  csv: 'csv',
  txt: 'csv',
  tsv: 'tsv',
  tab: 'tsv',
  jsonl: 'jsonl',
  ndjson: 'jsonl',
  json: 'jsonl',
  parquet: 'parquet',
  pq: 'parquet',
};

/**
 * @param paths - files, or globs with `*`, `?`, `[...]` and `**`; a file whose very name has such characters wins
 * @param format - overrules the file names
 * @returns in the order given, the files of one glob by name; a file named twice is there once
 */
export async function expandPaths(
  connection: DuckDBConnection,
  paths: readonly string[],
  format?: SourceFormat,
): Promise<SourceFile[]> {
  if (paths.length === 0) {
    throw new AttuneError<CatalogErrorCode>('catalog/file-missing', 'No data file was named.', {
      hint: 'Name a CSV, TSV, JSONL or Parquet file: attune train products.csv',
    });
  }
  const files = new Map<string, SourceFile>();
  for (const pattern of paths) {
    for (const path of await matches(connection, pattern)) {
      const bytes = await sizeOf(path);
      files.set(path, { path, pattern, format: format ?? formatOf(path), bytes });
    }
  }
  return [...files.values()];
}

/** The paths of the files that `expandPaths` finds. @throws catalog/file-missing, catalog/format-unknown */
export async function namedFiles(paths: readonly string[]): Promise<readonly string[]> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    return (await expandPaths(connection, paths)).map(({ path }) => path);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

async function matches(connection: DuckDBConnection, pattern: string): Promise<string[]> {
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(pattern)) {
    throw new AttuneError<CatalogErrorCode>(
      'catalog/file-missing',
      `${pattern} is an address; Attune reads files and opens no network.`,
      { hint: 'Download it first, then name the file.', details: { path: pattern } },
    );
  }
  const exists = await stat(pattern).then(
    () => true,
    () => false,
  );
  if (exists) return [pattern];
  if (!/[*?[]/.test(pattern)) throw missing(pattern, `There is no file ${pattern}.`);
  const found = await connection.runAndReadAll('SELECT file FROM glob(?) ORDER BY file', [pattern]);
  const files = found.getRowsJS().map(([file]) => String(file));
  if (files.length === 0) throw missing(pattern, `No file matches ${pattern}.`);
  return files;
}

function missing(path: string, message: string): AttuneError<CatalogErrorCode> {
  const hint = `Paths are taken from the folder you are in, ${process.cwd()}.`;
  return new AttuneError('catalog/file-missing', message, { hint, details: { path } });
}

/** The format that a file's name tells, `.gz` left aside. */
export function formatOf(path: string): SourceFormat {
  const extension = /\.([^./\\]+)$/.exec(path.replace(/\.gz$/i, ''))?.[1]?.toLowerCase() ?? '';
  const format = EXTENSIONS[extension];
  if (format !== undefined) return format;
  const known = 'CSV, TSV, JSONL and Parquet files are read';
  throw new AttuneError<CatalogErrorCode>(
    'catalog/format-unknown',
    `The name of ${path} does not tell its format; ${known}.`,
    {
      hint: /^xlsx?$|^ods$/.test(extension)
        ? 'Save the sheet as CSV (UTF-8) first.'
        : 'Rename the file so that it ends in .csv, .tsv, .jsonl or .parquet (or one of these and .gz).',
      details: { path, extension },
    },
  );
}

async function sizeOf(path: string): Promise<number> {
  const entry = await stat(path);
  if (entry.isDirectory()) {
    throw new AttuneError<CatalogErrorCode>('catalog/file-unreadable', `${path} is a folder, not a file.`, {
      hint: `Name the files in it with a glob: "${path.replace(/\/$/, '')}/*.csv"`,
      details: { path },
    });
  }
  if (entry.isFile() && entry.size === 0) {
    throw new AttuneError<CatalogErrorCode>('catalog/file-empty', `${path} is empty (0 bytes).`, {
      details: { path },
    });
  }
  return entry.size;
}
