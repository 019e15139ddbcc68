/**
 * A row as a line of CSV, TSV or JSON.
 */
import type { Row } from './source.ts';
import type { SourceColumn } from './source-columns.ts';

/** One cell, quoted when it has to be (RFC 4180). Null is empty; lists and objects are JSON, bytes Base64. */
function csvCell(value: unknown, delimiter: string): string {
  const text = plainText(value);
  const mustQuote =
    text.includes(delimiter) ||
    text.includes('"') ||
    text.includes('\n') ||
    text.includes('\r') ||
    text.startsWith(' ');
  return mustQuote ? `"${text.replaceAll('"', '""')}"` : text;
}

export function csvLine(columns: readonly SourceColumn[], row: Row, delimiter: string): string {
  const line = columns.map(({ name }) => csvCell(row[name], delimiter)).join(delimiter);
  // A blank line would be no row.
  return line === '' ? '""\n' : `${line}\n`;
}

export function csvHeaderLine(columns: readonly SourceColumn[], delimiter: string): string {
  return `${columns.map(({ name }) => csvCell(name, delimiter)).join(delimiter)}\n`;
}

function plainText(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'string') return value;
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** A JSON object; a text in a column of type JSON is embedded as the JSON that it is. */
export function jsonLine(columns: readonly SourceColumn[], row: Row): string {
  const members = columns.map(({ name, type }) => {
    const value = row[name] ?? null;
    const text = type === 'JSON' && typeof value === 'string' ? value : JSON.stringify(jsonValue(value));
    return `${JSON.stringify(name)}:${text}`;
  });
  return `{${members.join(',')}}\n`;
}

function jsonValue(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  return typeof value === 'number' && !Number.isFinite(value) ? null : value;
}
