/** Writers that stream: CSV (RFC 4180) and JSON lines, gzipped by name. */

import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { finished } from 'node:stream/promises';
import { createGzip } from 'node:zlib';

const PIECE = 65_536;

/** @param {string} cell */
function quote(cell) {
  return /[",\n\r]/.test(cell) ? `"${cell.replace(/"/g, '""')}"` : cell;
}

/** @param {readonly string[]} columns @param {Readonly<Record<string, string | number>>} row @returns {string} with its line end */
export function csvLine(columns, row) {
  return `${columns.map((c) => quote(String(row[c] ?? ''))).join(',')}\n`;
}

/** A file that lines are added to; it goes to disk in pieces of about 64 kB. */
export class LineFile {
  #piece = '';

  /** @param {string} path gzipped when it ends in .gz */
  static async create(path) {
    await mkdir(dirname(path), { recursive: true });
    return new LineFile(path);
  }

  /** @param {string} path */
  constructor(path) {
    this.path = path;
    this.file = createWriteStream(path);
    this.sink = path.endsWith('.gz') ? createGzip({ level: 9 }) : this.file;
    if (this.sink !== this.file) this.sink.pipe(this.file);
  }

  /** @param {string} line @returns {Promise<void> | undefined} a promise when the disk is behind */
  add(line) {
    this.#piece += line;
    if (this.#piece.length < PIECE) return undefined;
    const piece = this.#piece;
    this.#piece = '';
    return this.sink.write(piece) ? undefined : once(this.sink, 'drain').then(() => undefined);
  }

  async close() {
    this.sink.end(this.#piece);
    await finished(this.file);
  }
}

/**
 * Writes several files in one pass over what they are made of.
 * @template T
 * @param {Iterable<T>} items
 * @param {readonly {path: string, header?: string, line: (item: T) => string | undefined}[]} files `line` is undefined for what does not belong into a file
 */
export async function writeFiles(items, files) {
  const open = [];
  for (const { path, header = '', line } of files) {
    const file = await LineFile.create(path);
    file.add(header);
    open.push({ file, line });
  }
  for (const item of items) {
    for (const { file, line } of open) {
      const text = line(item);
      const behind = text === undefined ? undefined : file.add(text);
      if (behind) await behind;
    }
  }
  for (const { file } of open) await file.close();
}
