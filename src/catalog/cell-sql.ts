/**
 * A column's cells as SQL expressions of text, whatever the column's type.
 */
import { AttuneError } from '../base/errors.ts';
import type { CatalogErrorCode } from './errors.ts';
import type { SourceColumn } from './source-columns.ts';
import { sqlName } from './sql.ts';

/**
 * The cell as text: lists one item a line, JSON texts without their quotes; null when empty or white space.
 *
 * @param table - the table's alias in the query
 */
export function textSql(table: string, column: SourceColumn): string {
  const text = rawTextSql(table, column);
  return `CASE WHEN ${hasTextSql(text)} THEN ${text} END`;
}

/** The cell as a short text such as an id or a name: as `textSql`, without white space around it. */
export function nameSql(table: string, column: SourceColumn): string {
  return `nullif(trim(${rawTextSql(table, column)}, ' ' || chr(9) || chr(10) || chr(13)), '')`;
}

/** Whether a text has more than white space; stops at the first letter, which trimming a long text does not. */
function hasTextSql(text: string): string {
  return `regexp_matches(${text}, '[^\\s\\pZ]')`;
}

function rawTextSql(table: string, { name, type }: SourceColumn): string {
  const cell = `${table}.${sqlName(name)}`;
  switch (type) {
    case 'BLOB':
      throw new AttuneError<CatalogErrorCode>(
        'catalog/column-missing',
        `Column "${name}" holds binary data and cannot be read as text.`,
        { details: { column: name, type } },
      );
    case 'VARCHAR':
      return cell;
    case 'VARCHAR[]':
      return `array_to_string(${cell}, chr(10))`;
    case 'JSON':
      return jsonTextSql(cell);
    case 'DOUBLE':
    case 'FLOAT':
      return `CASE WHEN ${cell} = trunc(${cell}) AND abs(${cell}) < 1e15 THEN ${cell}::BIGINT::VARCHAR
        ELSE ${cell}::VARCHAR END`;
    default:
      return type.endsWith('[]') ? jsonTextSql(`to_json(${cell})`) : `${cell}::VARCHAR`;
  }
}

/** Where the text of an object in a list is: a review, a question. */
const TEXT_KEYS = ['title', 'text', 'body', 'review', 'comment', 'content'] as const;

/** The text of a JSON value: an array's items one a line, of objects only what their text keys hold. */
function jsonTextSql(json: string): string {
  const texts = TEXT_KEYS.map((key) => `${json} ->> '$[*].${key}'`);
  const objects = `list_filter(flatten([${texts.map((sql) => `(${sql})`).join(', ')}]), t -> t <> '')`;
  return `CASE WHEN json_type(${json}) <> 'ARRAY' THEN ${json} ->> '$'
    WHEN json_type(${json}, '$[0]') = 'OBJECT' THEN array_to_string(${objects}, chr(10))
    ELSE array_to_string(${json} ->> '$[*]', chr(10)) END`;
}

/**
 * The cell as seconds since 1970 (or anything that grows with time), null when it tells no time: a date or time type,
 * ISO 8601, day-first or month-first by the separator (31.12.2024; 12/31/2024), a year, or seconds or milliseconds.
 */
export function timeSql(table: string, column: SourceColumn): string {
  const cell = `${table}.${sqlName(column.name)}`;
  if (/^(DATE|TIMESTAMP)/.test(column.type)) return `epoch(${cell}::TIMESTAMP)`;
  const text = nameSql(table, column);
  const number = `TRY_CAST(${text} AS DOUBLE)`;
  return `CASE
    WHEN ${number} BETWEEN 1500 AND 2500 THEN epoch(make_date(floor(${number})::INTEGER, 1, 1)::TIMESTAMP)
    WHEN ${number} BETWEEN 19000101 AND 25001231 AND length(${text}) = 8
      THEN epoch(TRY_CAST(try_strptime(${text}, '%Y%m%d') AS TIMESTAMP))
    WHEN ${number} >= 1e11 THEN ${number} / 1000
    WHEN ${number} IS NOT NULL THEN ${number}
    ELSE epoch(coalesce(
      TRY_CAST(TRY_CAST(${text} AS TIMESTAMPTZ) AS TIMESTAMP),
      try_strptime(${text}, ['%d.%m.%Y', '%d.%m.%Y %H:%M', '%d.%m.%Y %H:%M:%S', '%m/%d/%Y', '%m/%d/%Y %H:%M',
        '%m/%d/%Y %H:%M:%S', '%Y/%m/%d', '%Y-%m', '%d %B %Y', '%B %d, %Y', '%d %b %Y', '%b %d, %Y']))) END`;
}
