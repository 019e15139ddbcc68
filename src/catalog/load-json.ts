/**
 * JSON lines (and a JSON array of objects) into the table `rows`: one column for each key, typed by the values it has
 * in the whole file, so that a key that first appears in the last line is a column too.
 */
import type { DuckDBConnection } from '@duckdb/node-api';
import { AttuneError } from '../base/errors.ts';
import type { CatalogErrorCode } from './errors.ts';
import type { RejectLog } from './rejects.ts';
import type { SourceFile } from './source-files.ts';
import { sqlName, sqlText } from './sql.ts';
import { decodingOf, textChunks } from './text-stream.ts';

/** What kinds of values a key was seen with. */
type Kinds = { text: boolean; whole: boolean; fraction: boolean; truth: boolean; nested: boolean };

/** Keys of the objects, in the order in which they first appear, with the type of their column. */
export type JsonColumns = ReadonlyMap<string, string>;

const PENDING_CHARACTERS = 8_000_000;
/** More keys than this are values written as keys. */
const MOST_KEYS = 5000;

/** Creates the table that holds the lines of all JSON files until their columns are known. */
export async function createJsonStage(connection: DuckDBConnection): Promise<void> {
  await connection.run('CREATE TABLE IF NOT EXISTS json_stage (file VARCHAR, row BIGINT, json VARCHAR)');
}

/**
 * Puts the objects of one file on the stage and their keys into `kinds`; what is no object goes to the rejects.
 *
 * @param kinds - filled: the keys seen so far
 */
export async function stageJson(
  connection: DuckDBConnection,
  file: SourceFile,
  kinds: Map<string, Kinds>,
  rejects: RejectLog,
  options: {
    readonly encoding?: string | undefined;
    readonly onBytes?: ((done: number) => void) | undefined;
  },
): Promise<void> {
  let row = 0;
  let pending = 0;
  await connection.run('BEGIN');
  const appender = await connection.createAppender('json_stage');
  for await (const { text, line, broken } of jsonTexts(file, options)) {
    row++;
    const parsed = broken ? undefined : parse(text);
    if (
      broken ||
      parsed === undefined ||
      typeof parsed !== 'object' ||
      parsed === null ||
      Array.isArray(parsed)
    ) {
      const reason = broken ? 'not-utf-8' : parsed === undefined ? 'malformed-json' : 'not-an-object';
      await rejects.add({ file: file.path, row, line, reason, raw: text.slice(0, 1000) });
      continue;
    }
    for (const [key, value] of Object.entries(parsed)) note(kinds, file, key, value);
    appender.appendVarchar(file.path);
    appender.appendBigInt(BigInt(row));
    // JavaScript lets half a surrogate pair pass ("\ud83d"), DuckDB does not.
    appender.appendVarchar(/\\u[dD][89a-fA-F]/.test(text) ? wellFormed(parsed) : text);
    appender.endRow();
    pending += text.length;
    if (pending > PENDING_CHARACTERS) {
      appender.flushSync();
      pending = 0;
    }
  }
  appender.closeSync();
  await connection.run('COMMIT');
  await rejects.flush();
}

export type { Kinds as JsonKinds };

/** The column types that hold every value seen. */
export function jsonColumns(kinds: ReadonlyMap<string, Kinds>): JsonColumns {
  return new Map([...kinds].map(([key, kind]) => [key, columnType(kind)]));
}

function columnType({ text, whole, fraction, truth, nested }: Kinds): string {
  if (nested) return 'JSON';
  if (text || (truth && (whole || fraction))) return 'VARCHAR';
  if (fraction) return 'DOUBLE';
  if (whole) return 'BIGINT';
  return truth ? 'BOOLEAN' : 'VARCHAR';
}

/**
 * Moves one file's staged objects into a table.
 *
 * @param columns - for each column of the table, in order: the key that fills it, or undefined
 */
export async function loadJson(
  connection: DuckDBConnection,
  table: string,
  file: SourceFile,
  columns: readonly { readonly key: string | undefined; readonly type: string }[],
): Promise<void> {
  const spec: Record<string, string> = {};
  const seen = new Set<string>();
  const cells = columns.map(({ key, type }) => {
    if (key === undefined) return 'NULL';
    // Names inside a struct do not tell case apart, keys do.
    if (seen.has(key.toLowerCase()) || key === '') return pathCell(key, type);
    seen.add(key.toLowerCase());
    spec[key] = type;
    return `o.${sqlName(key)}`;
  });
  const object =
    Object.keys(spec).length === 0
      ? "{'none': NULL}"
      : `json_transform(json, ${sqlText(JSON.stringify(spec))})`;
  await connection.run(
    `INSERT INTO ${table} SELECT ${cells.join(', ')}, file, row
     FROM (SELECT file, row, json, ${object} AS o FROM json_stage WHERE file = ${sqlText(file.path)})`,
  );
}

function pathCell(key: string, type: string): string {
  const path = sqlText(`$."${key.replaceAll('"', '\\"')}"`);
  return type === 'JSON'
    ? `json_extract(json, ${path})`
    : `TRY_CAST(json_extract_string(json, ${path}) AS ${type})`;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function wellFormed(value: unknown): string {
  return JSON.stringify(value).replace(/\\u[dD][89a-fA-F][0-9a-fA-F]{2}/g, '\\ufffd');
}

function note(kinds: Map<string, Kinds>, file: SourceFile, key: string, value: unknown): void {
  let kind = kinds.get(key);
  if (kind === undefined) {
    if (kinds.size >= MOST_KEYS) {
      throw new AttuneError<CatalogErrorCode>(
        'catalog/layout',
        `The objects of ${file.path} have more than ${MOST_KEYS} different keys; each would be a column.`,
        { hint: 'Put the attributes into one nested object.', details: { path: file.path } },
      );
    }
    kind = { text: false, whole: false, fraction: false, truth: false, nested: false };
    kinds.set(key, kind);
  }
  if (typeof value === 'string') kind.text = true;
  else if (typeof value === 'boolean') kind.truth = true;
  else if (typeof value === 'number') {
    if (!Number.isInteger(value)) kind.fraction = true;
    else if (Number.isSafeInteger(value)) kind.whole = true;
    else kind.text = true;
  } else if (value !== null) kind.nested = true;
}

type JsonText = { readonly text: string; readonly line: number | undefined; readonly broken: boolean };

/** The longest JSON array that is read whole, in characters. */
const LONGEST_ARRAY = 1 << 28;

/** The lines of the file that are not blank; or the items of the array that it holds. */
async function* jsonTexts(
  file: SourceFile,
  options: {
    readonly encoding?: string | undefined;
    readonly onBytes?: ((done: number) => void) | undefined;
  },
): AsyncGenerator<JsonText> {
  let rest = '';
  let line = 0;
  let suspect = false;
  let isArray: boolean | undefined;
  const stream = textChunks(file.path, {
    encoding: options.encoding,
    ...(options.onBytes === undefined ? {} : { onBytes: options.onBytes }),
  });
  for await (const chunk of stream) {
    suspect ||= chunk.suspect;
    rest += chunk.text;
    isArray ??= startsArray(file, rest);
    if (isArray) {
      if (rest.length > LONGEST_ARRAY) throw arrayTooLong(file);
      continue;
    }
    let start = 0;
    for (let end = rest.indexOf('\n'); end >= 0; end = rest.indexOf('\n', start)) {
      line++;
      const text = rest.slice(start, end);
      start = end + 1;
      if (text.trim() !== '') yield jsonText(text, line, suspect);
    }
    rest = rest.slice(start);
    if (start > 0) suspect = chunk.suspect;
  }
  if (isArray) yield* arrayItems(file, rest, suspect);
  else if (rest.trim() !== '') yield jsonText(rest, line + 1, suspect);
}

function jsonText(text: string, line: number, suspect: boolean): JsonText {
  if (!suspect) return { text, line, broken: false };
  const decoded = decodingOf(text);
  return { text: decoded ?? text, line, broken: decoded === undefined };
}

/** Whether the file is one array and not lines: it starts with a bracket that its first line does not close. */
function startsArray(file: SourceFile, start: string): boolean | undefined {
  const text = start.trimStart();
  if (text === '') return undefined;
  if (!text.startsWith('[')) return false;
  if (/\.json(\.gz)?$/i.test(file.path)) return true;
  const newline = text.indexOf('\n');
  return newline >= 0 && parse(text.slice(0, newline)) === undefined;
}

function arrayItems(file: SourceFile, text: string, suspect: boolean): JsonText[] {
  const decoded = suspect ? decodingOf(text) : text;
  const array = decoded === undefined ? undefined : parse(decoded);
  if (Array.isArray(array)) {
    return array.map((item) => ({ text: JSON.stringify(item), line: undefined, broken: false }));
  }
  throw new AttuneError<CatalogErrorCode>(
    'catalog/format-broken',
    `${file.path} starts like a JSON array but is none that can be read.`,
    { hint: 'One object a line (JSONL) is read even when some lines are bad.', details: { path: file.path } },
  );
}

function arrayTooLong(file: SourceFile): AttuneError<CatalogErrorCode> {
  return new AttuneError('catalog/format-broken', `${file.path} is one JSON array of more than 256 MB.`, {
    hint: `Write one object a line, which is read as a stream: jq -c '.[]' ${file.path} > products.jsonl`,
    details: { path: file.path },
  });
}
