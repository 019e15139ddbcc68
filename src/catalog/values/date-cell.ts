/**
 * A cell as a time: the same forms as the catalog's readers take (`timeSql`), read in JavaScript for one product at a time.
 */

const SECOND_MS = 1000;
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const FULL_MONTHS = [
  'january',
  'february',
  'march',
  'april',
  'may',
  'june',
  'july',
  'august',
  'september',
  'october',
  'november',
  'december',
];

const ISO =
  /^(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ](\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?)? ?(Z|[+-]\d{2}(?::?\d{2})?)?$/i;
const DOTTED = /^(\d{1,2})\.(\d{1,2})\.(\d{4})(?: (\d{1,2}):(\d{2})(?::(\d{2}))?)?$/;
const SLASHED = /^(\d{1,2})\/(\d{1,2})\/(\d{4})(?: (\d{1,2}):(\d{2})(?::(\d{2}))?)?$/;
const YEAR_FIRST = /^(\d{4})\/(\d{1,2})\/(\d{1,2})$/;
const YEAR_MONTH = /^(\d{4})-(\d{1,2})$/;
const COMPACT = /^(\d{4})(\d{2})(\d{2})$/;
const DAY_WORD = /^(\d{1,2}) ([a-z]+) (\d{4})$/i;
const WORD_DAY = /^([a-z]+) (\d{1,2}), (\d{4})$/i;

/**
 * ISO 8601 (a time without a zone is UTC), 31.12.2024 (day first), 12/31/2024 (month first), 2024/12/31, 2024-12, 20241231,
 * 31 December 2024, Dec 31, 2024, a year, and seconds or milliseconds since 1970.
 *
 * @returns seconds since 1970 UTC; undefined when the cell tells no time
 */
export function timeOfCell(cell: string | number | Date | null | undefined): number | undefined {
  if (cell === null || cell === undefined) return undefined;
  if (cell instanceof Date) return finite(cell.getTime() / SECOND_MS);
  const text = String(cell).trim();
  if (text === '') return undefined;
  const compact = COMPACT.exec(text);
  const number = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : undefined;
  if (number !== undefined) {
    if (number >= 1500 && number <= 2500) return time(Math.floor(number), 1, 1);
    if (compact !== null && number >= 19000101 && number <= 25001231) return fields(compact, 1, 2, 3);
    return finite(number >= 1e11 ? number / SECOND_MS : number);
  }
  const iso = ISO.exec(text);
  if (iso !== null) {
    const local = fields(iso, 1, 2, 3, 4);
    if (local === undefined) return undefined;
    return local + Number(`0.${iso[7] ?? 0}`) - zoneSeconds(iso[8]);
  }
  return (
    match(DOTTED, text, (m) => fields(m, 3, 2, 1, 4)) ??
    match(SLASHED, text, (m) => fields(m, 3, 1, 2, 4)) ??
    match(YEAR_FIRST, text, (m) => fields(m, 1, 2, 3)) ??
    match(YEAR_MONTH, text, (m) => time(Number(m[1]), Number(m[2]), 1)) ??
    match(DAY_WORD, text, (m) => time(Number(m[3]), monthOf(m[2]!), Number(m[1]))) ??
    match(WORD_DAY, text, (m) => time(Number(m[3]), monthOf(m[1]!), Number(m[2])))
  );
}

function match(
  pattern: RegExp,
  text: string,
  read: (found: RegExpExecArray) => number | undefined,
): number | undefined {
  const found = pattern.exec(text);
  return found === null ? undefined : read(found);
}

/** The time of a match whose groups hold year, month, day and, from `clock` on, hours, minutes and seconds. */
function fields(
  m: RegExpExecArray,
  year: number,
  month: number,
  day: number,
  clock?: number,
): number | undefined {
  const part = (i: number) => (clock === undefined ? 0 : Number(m[clock + i] ?? 0));
  return time(Number(m[year]), Number(m[month]), Number(m[day]), part(0), part(1), part(2));
}

function time(
  year: number,
  month: number,
  day: number,
  hour = 0,
  minute = 0,
  second = 0,
): number | undefined {
  const date = new Date(Date.UTC(year, month - 1, day, hour, minute, second));
  // Date rolls 31 April over to May; such a cell tells no time.
  const isThere = date.getUTCMonth() === month - 1 && date.getUTCDate() === day && hour < 24 && minute < 60;
  return isThere && second < 60 ? date.getTime() / SECOND_MS : undefined;
}

function monthOf(word: string): number {
  const lower = word.toLowerCase();
  const short = MONTHS.indexOf(lower);
  return 1 + (short >= 0 ? short : FULL_MONTHS.indexOf(lower));
}

function zoneSeconds(zone: string | undefined): number {
  const found = /^([+-])(\d{2}):?(\d{2})?$/.exec(zone ?? '');
  if (found === null) return 0;
  const seconds = Number(found[2]) * 3600 + Number(found[3] ?? 0) * 60;
  return found[1] === '-' ? -seconds : seconds;
}

function finite(value: number): number | undefined {
  return Number.isFinite(value) ? value : undefined;
}
