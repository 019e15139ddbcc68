/** Writers that stream: CSV (RFC 4180) and JSON lines, gzipped by name. */

import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';

/** @param {string} cell */
function quote(cell) {
  return /[",\n\r]/.test(cell) ? `"${cell.replace(/"/g, '""')}"` : cell;
}

/** @param {readonly string[]} columns @param {Iterable<Readonly<Record<string, string | number>>>} rows @returns {Generator<string>} */
export function* csvLines(columns, rows) {
  yield `${columns.join(',')}\n`;
  for (const row of rows) yield `${columns.map((c) => quote(String(row[c] ?? ''))).join(',')}\n`;
}

/** @param {Iterable<unknown>} records @returns {Generator<string>} */
export function* jsonLines(records) {
  for (const record of records) yield `${JSON.stringify(record)}\n`;
}

/** Writes lines in pieces of about 64 kB. @param {string} path gzipped when it ends in .gz @param {Iterable<string>} lines */
export async function writeLines(path, lines) {
  await mkdir(dirname(path), { recursive: true });
  const source = Readable.from(pieces(lines), { objectMode: true });
  const file = createWriteStream(path);
  if (path.endsWith('.gz')) await pipeline(source, createGzip({ level: 9 }), file);
  else await pipeline(source, file);
}

/** @param {Iterable<string>} lines @returns {Generator<string>} */
function* pieces(lines) {
  let piece = '';
  for (const line of lines) {
    piece += line;
    if (piece.length > 65_536) {
      yield piece;
      piece = '';
    }
  }
  if (piece !== '') yield piece;
}
