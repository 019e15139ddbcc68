/**
 * CSV and TSV files into the table `rows`: every cell as text, so that SKUs and leading zeros survive. An empty cell
 * is null.
 */
import type { DuckDBConnection } from '@duckdb/node-api';
import { AttuneError } from '../base/errors.ts';
import { CSV_FAULTS, csvRecords, sniffDelimiter } from './csv-records.ts';
import { wrongEncoding } from './encoding.ts';
import type { CatalogErrorCode } from './errors.ts';
import type { RejectLog } from './rejects.ts';
import type { SourceFile } from './source-files.ts';
import { type TextChunk, textChunks } from './text-stream.ts';

export type CsvOptions = {
  readonly encoding?: string | undefined;
  readonly delimiter?: string | undefined;
  readonly onBytes?: ((done: number) => void) | undefined;
};

export type CsvHeader = {
  readonly names: readonly string[];
  readonly delimiter: string;
  /** Records before the header: Excel's `sep=;`. */
  readonly before: number;
};

/** The longest text kept of rows that wait in DuckDB's appender, in characters. */
const PENDING_CHARACTERS = 8_000_000;
/** Header cells longer than this are data. */
const LONGEST_NAME = 200;
/** How much of the file tells the delimiter, in characters. */
const SNIFFED = 65_536;

/**
 * The header line, as it stands there but for surrounding spaces.
 *
 * @throws `catalog/file-empty` when the file holds white space only
 * @throws `catalog/header-missing` when the first line is data
 */
export async function readCsvHeader(file: SourceFile, options: CsvOptions): Promise<CsvHeader> {
  const stream = textChunks(file.path, { encoding: options.encoding });
  const first = await stream.next();
  const start: string = first.done ? '' : first.value.text;
  if (start.trim() === '') {
    await stream.return(undefined);
    throw new AttuneError<CatalogErrorCode>(
      'catalog/file-empty',
      `${file.path} holds nothing but white space.`,
      {
        details: { path: file.path },
      },
    );
  }
  const told = /^sep=(.)\r?\n/i.exec(start)?.[1];
  const before = told === undefined ? 0 : 1;
  const delimiter =
    options.delimiter ?? told ?? (file.format === 'tsv' ? '\t' : sniffDelimiter(start.slice(0, SNIFFED)));
  async function* again(): AsyncGenerator<TextChunk> {
    yield { text: start, suspect: false };
    yield* stream;
  }
  let seen = 0;
  for await (const record of each(csvRecords(again(), delimiter))) {
    if (seen++ < before) continue;
    if ('fault' in record) {
      throw new AttuneError<CatalogErrorCode>(
        'catalog/header-missing',
        `The header line of ${file.path} cannot be read: ${CSV_FAULTS[record.fault]}.`,
        { details: { path: file.path, line: record.line, raw: record.raw } },
      );
    }
    const names = record.fields.map((name) => name.trim());
    refuseData(file, names);
    return { names, delimiter, before };
  }
  throw new AttuneError<CatalogErrorCode>('catalog/file-empty', `${file.path} holds no rows.`, {
    details: { path: file.path },
  });
}

async function* each<T>(batches: AsyncIterable<readonly T[]>): AsyncGenerator<T> {
  for await (const batch of batches) yield* batch;
}

/** A first line of numbers (other than years, or 0, 1, 2 ...) or of long texts is no header. */
function refuseData(file: SourceFile, names: readonly string[]): void {
  const filled = names.filter((name) => name !== '');
  const counts =
    filled.length > 1 && names.every((name, i) => name === '' || name === `${i}` || name === `${i + 1}`);
  const numbers = filled.filter((name) => /^[-+]?[\d.,]+$/.test(name) && !/^(19|20)\d\d$/.test(name)).length;
  const looksLikeData =
    filled.length === 0 ||
    (!counts && numbers * 2 > filled.length) ||
    filled.some((name) => name.length > LONGEST_NAME);
  if (!looksLikeData) return;
  const shown = names.slice(0, 4).map((name) => (name.length > 40 ? `${name.slice(0, 40)}...` : name));
  throw new AttuneError<CatalogErrorCode>(
    'catalog/header-missing',
    `The first line of ${file.path} looks like data, not like the names of columns: ${shown.join(', ')}.`,
    {
      hint: 'Add a first line that names the columns, for example: text,label',
      details: { path: file.path, firstLine: shown },
    },
  );
}

export type CsvTarget = {
  readonly table: string;
  /** Number of columns of the table, `_file` and `_row` not counted. */
  readonly width: number;
  /** For each cell of the file, its place among the columns of the table. */
  readonly places: readonly number[];
};

/**
 * Appends the file's rows. Rows whose cells do not fit the header go to the rejects; superfluous empty cells at the
 * end of a row are no fault.
 *
 * @throws `catalog/encoding` when more than half of the rows are not in the encoding
 */
export async function loadCsv(
  connection: DuckDBConnection,
  file: SourceFile,
  header: CsvHeader,
  target: CsvTarget,
  rejects: RejectLog,
  options: CsvOptions,
): Promise<void> {
  const expected = header.names.length;
  const chunks = textChunks(file.path, {
    encoding: options.encoding,
    ...(options.onBytes === undefined ? {} : { onBytes: options.onBytes }),
  });
  const cells = new Array<string>(target.width).fill('');
  let row = -1 - header.before;
  let undecodable = 0;
  let pending = 0;
  await connection.run('BEGIN');
  const appender = await connection.createAppender(target.table);
  for await (const records of csvRecords(chunks, header.delimiter)) {
    for (const record of records) {
      row++;
      if (row <= 0) continue;
      if ('fault' in record) {
        if (record.fault === 'not-utf-8') undecodable++;
        await rejects.add({ file: file.path, row, line: record.line, reason: record.fault, raw: record.raw });
        continue;
      }
      const { fields } = record;
      if (fields.length < expected || fields.slice(expected).some((cell) => cell !== '')) {
        await rejects.add({
          file: file.path,
          row,
          line: record.line,
          reason: 'ragged-row',
          detail: `${expected} cells expected, ${fields.length} found`,
          raw: fields.join(header.delimiter).slice(0, 1000),
        });
        continue;
      }
      for (let i = 0; i < expected; i++) cells[target.places[i]!] = fields[i]!;
      for (const cell of cells) {
        if (cell === '') appender.appendNull();
        else appender.appendVarchar(cell);
        pending += cell.length;
      }
      appender.appendVarchar(file.path);
      appender.appendBigInt(BigInt(row));
      appender.endRow();
    }
    if (pending > PENDING_CHARACTERS) {
      appender.flushSync();
      pending = 0;
    }
  }
  appender.closeSync();
  await connection.run('COMMIT');
  await rejects.flush();
  if (undecodable > row / 2) throw wrongEncoding(file.path, 'windows-1252');
}
