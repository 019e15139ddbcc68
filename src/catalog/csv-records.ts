/**
 * Records of a CSV file (RFC 4180), one after the other, from text that comes in pieces.
 *
 * Our own reader, because a merchant's file must lose nothing: a bad line is handed over with its number and the
 * lines after it are read on, also after a quote that nobody closed. (DuckDB's reader refuses sound files whose quoted
 * cells hold line breaks when it reads in parallel, and drops an unclosed last record without a word.)
 */
import { decodingOf, type TextChunk } from './text-stream.ts';

export const CSV_FAULTS = {
  'unclosed-quote': 'a quoted cell is never closed',
  'text-after-quote': 'text stands between a closing quote and the next delimiter',
  'not-utf-8': 'bytes are not in the encoding of the file',
  'too-long': 'the record is longer than 64 million characters',
} as const;
type CsvFault = keyof typeof CSV_FAULTS;

export type CsvRecord =
  | { readonly fields: readonly string[] /** 1-based physical line it starts on */; readonly line: number }
  | { readonly fault: CsvFault; readonly line: number /** The start of its text */; readonly raw: string };

/** A record that goes on longer than this has an unclosed quote. */
const LONGEST_RECORD = 1 << 26;
const RAW_CHARACTERS = 1000;
const QUOTE = 34;

/**
 * Blank lines are no records. Lines end with LF or CRLF, or with CR where the first one does.
 *
 * @param delimiter - one character
 * @returns batches, one for each piece of text that completed records
 */
export async function* csvRecords(
  chunks: AsyncIterable<TextChunk>,
  delimiter: string,
): AsyncGenerator<CsvRecord[]> {
  let rest = '';
  let line = 1;
  let suspect = false;
  let carriageReturns: boolean | undefined;
  for await (const chunk of chunks) {
    carriageReturns ??= endsWithCarriageReturn(rest + chunk.text);
    let text = rest + chunk.text;
    if (carriageReturns) text = text.replaceAll('\r', '\n');
    suspect ||= chunk.suspect;
    const parsed = parseRecords(text, delimiter, { final: false, line, suspect });
    rest = text.slice(parsed.end);
    line = parsed.line;
    if (parsed.end > 0) suspect = chunk.suspect;
    if (parsed.records.length > 0) yield parsed.records;
  }
  const parsed = parseRecords(rest, delimiter, { final: true, line, suspect });
  if (parsed.records.length > 0) yield parsed.records;
}

/** Whether the first line ends with CR alone; undefined when the text does not reach its end. */
function endsWithCarriageReturn(text: string): boolean | undefined {
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === QUOTE) quoted = !quoted;
    else if (!quoted && code === 10) return false;
    else if (!quoted && code === 13) return i + 1 < text.length ? text.charCodeAt(i + 1) !== 10 : undefined;
  }
  return undefined;
}

type ParseState = {
  /** Whether the text ends where the file ends. */
  readonly final: boolean;
  /** Number of the first line. */
  readonly line: number;
  /** Whether the text may hold undecodable bytes. */
  readonly suspect: boolean;
};

/** The complete records at the start of `text`, where they end, and the number of the line there. */
function parseRecords(
  text: string,
  delimiter: string,
  state: ParseState,
): { records: CsvRecord[]; end: number; line: number } {
  const records: CsvRecord[] = [];
  let finds = { newline: -1, delimiter: -1 };
  let line = state.line;
  let at = 0;
  while (at < text.length) {
    const fields: string[] = [];
    const outcome = parseRecord(text, at, delimiter, state.final, fields, finds);
    if (outcome === 'incomplete' && text.length - at < LONGEST_RECORD) break;
    if (typeof outcome === 'string') {
      const fault = outcome === 'incomplete' ? 'too-long' : outcome;
      const end = afterLine(text, at);
      records.push({
        fault,
        line: line++,
        raw: text.slice(at, Math.min(end, at + RAW_CHARACTERS)).trimEnd(),
      });
      at = end;
      finds = { newline: -1, delimiter: -1 };
      continue;
    }
    if (fields.length > 1 || fields[0]!.trim() !== '') {
      records.push(state.suspect ? decoded(fields, line) : { fields, line });
    }
    line += outcome.lines;
    at = outcome.end;
  }
  return { records, end: at, line };
}

/** Where the line that `at` is on ends, past its line break. */
function afterLine(text: string, at: number): number {
  const newline = text.indexOf('\n', at);
  return newline < 0 ? text.length : newline + 1;
}

function decoded(fields: string[], line: number): CsvRecord {
  const texts = fields.map(decodingOf);
  if (texts.every((text) => text !== undefined)) return { fields: texts, line };
  return { fault: 'not-utf-8', line, raw: fields.join(',').slice(0, RAW_CHARACTERS) };
}

/**
 * Reads one record into `fields`.
 *
 * @param finds - the next line break and delimiter found so far; kept between records, because searching the same
 * stretch again for each field is what makes a reader slow
 */
function parseRecord(
  text: string,
  start: number,
  delimiter: string,
  final: boolean,
  fields: string[],
  finds: { newline: number; delimiter: number },
): { end: number; lines: number } | 'incomplete' | CsvFault {
  let at = start;
  let lines = 1;
  for (;;) {
    let open = at;
    while (text.charCodeAt(open) === 32) open++;
    if (text.charCodeAt(open) === QUOTE) {
      let close = open + 1;
      let doubled = false;
      for (;;) {
        close = text.indexOf('"', close);
        if (close < 0) return final ? 'unclosed-quote' : 'incomplete';
        if (text.charCodeAt(close + 1) !== QUOTE) break;
        doubled = true;
        close += 2;
      }
      let next = close + 1;
      while (text.charCodeAt(next) === 32) next++;
      if (text.charCodeAt(next) === 13 && (next + 1 >= text.length || text.charCodeAt(next + 1) === 10))
        next++;
      if (next >= text.length && !final) return 'incomplete';
      const cell = text.slice(open + 1, close);
      for (let n = cell.indexOf('\n'); n >= 0; n = cell.indexOf('\n', n + 1)) lines++;
      fields.push(doubled ? cell.replaceAll('""', '"') : cell);
      if (next >= text.length) return { end: next, lines };
      if (text.charCodeAt(next) === 10) return { end: next + 1, lines };
      if (text[next] !== delimiter) return cell.includes('\n') ? 'unclosed-quote' : 'text-after-quote';
      at = next + 1;
      continue;
    }
    if (finds.newline < at) finds.newline = find(text, '\n', at);
    if (finds.delimiter < at) finds.delimiter = find(text, delimiter, at);
    if (finds.delimiter < finds.newline) {
      fields.push(text.slice(at, finds.delimiter));
      at = finds.delimiter + 1;
      continue;
    }
    const newline = finds.newline;
    if (newline === Number.POSITIVE_INFINITY && !final) return 'incomplete';
    const end = Math.min(newline, text.length);
    fields.push(text.slice(at, end > at && text.charCodeAt(end - 1) === 13 ? end - 1 : end));
    return { end: Math.min(end + 1, text.length), lines };
  }
}

function find(text: string, what: string, from: number): number {
  const at = text.indexOf(what, from);
  return at < 0 ? Number.POSITIVE_INFINITY : at;
}

/** The delimiter of a file of one column: a character that text does not hold, so that its commas stay. */
const NO_DELIMITER = '\u0000';

/**
 * The delimiter of a file, from its first text: of comma, semicolon, tab and bar, the one by which most of the first
 * records have as many cells as the header, and the header most cells.
 */
export function sniffDelimiter(text: string): string {
  let best = NO_DELIMITER;
  let bestScore = 0;
  for (const delimiter of [',', '\t', ';', '|']) {
    const { records } = parseRecords(text, delimiter, { final: true, line: 1, suspect: false });
    const widths = records.slice(0, 50).map((record) => ('fields' in record ? record.fields.length : 0));
    const header = widths[0] ?? 0;
    if (header < 2) continue;
    const share = widths.filter((width) => width === header).length / widths.length;
    const score = share * share * Math.log(header + 1);
    if (score > bestScore) {
      bestScore = score;
      best = delimiter;
    }
  }
  return best;
}
