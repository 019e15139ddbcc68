/**
 * A pair of append-only files: `<name>.rows` holds rows of equal size, `<name>.keys` a key and a checksum for each.
 *
 * Rows are written before their keys. A killed writer leaves at most rows without keys or part of one entry, which the
 * next reader passes over; where a power cut kept the keys and lost the rows, the checksum tells. Only the writer that
 * made a segment appends to it, so nothing is locked and nothing is ever cut.
 */
import { closeSync, fstatSync, openSync, readSync, writeSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { KEY_BYTES } from './key-table.ts';

/** A key and the CRC-32 of its row, little-endian. */
const ENTRY_BYTES = KEY_BYTES + 4;

export class Segment {
  readonly #rows: number;
  readonly #keys: number;
  readonly #rowBytes: number;
  readonly #checksums: number[] = [];

  private constructor(path: string, flags: 'r' | 'wx+', rowBytes: number) {
    this.#rowBytes = rowBytes;
    this.#rows = openSync(`${path}.rows`, flags);
    try {
      this.#keys = openSync(`${path}.keys`, flags);
    } catch (error) {
      closeSync(this.#rows);
      throw error;
    }
  }

  static create(path: string, rowBytes: number): Segment {
    return new Segment(path, 'wx+', rowBytes);
  }

  /** Opens what another writer left, or still writes; `visit` is told of each whole row, in order. */
  static open(path: string, rowBytes: number, visit: (key: Uint8Array, row: number) => void): Segment {
    const segment = new Segment(path, 'r', rowBytes);
    segment.#load(visit);
    return segment;
  }

  #load(visit: (key: Uint8Array, row: number) => void): void {
    const whole = Math.min(
      Math.floor(fstatSync(this.#keys).size / ENTRY_BYTES),
      Math.floor(fstatSync(this.#rows).size / this.#rowBytes),
    );
    const entries = Buffer.alloc(ENTRY_BYTES * 4096);
    for (let row = 0; row < whole; ) {
      const count = Math.min(4096, whole - row);
      readWhole(this.#keys, entries.subarray(0, count * ENTRY_BYTES), row * ENTRY_BYTES);
      for (let i = 0; i < count; i++, row++) {
        const start = i * ENTRY_BYTES;
        this.#checksums.push(entries.readUInt32LE(start + KEY_BYTES));
        visit(entries.subarray(start, start + KEY_BYTES), row);
      }
    }
  }

  /** Fills `target` with a row; false when the row is damaged. */
  read(row: number, target: Uint8Array): boolean {
    return readWhole(this.#rows, target, row * this.#rowBytes) && crc32(target) === this.#checksums[row];
  }

  /** Appends `keys.length / 32` rows. @throws what the system says; the segment must then not be appended to again */
  append(keys: Uint8Array, rows: Uint8Array): void {
    const count = keys.length / KEY_BYTES;
    const entries = Buffer.alloc(count * ENTRY_BYTES);
    for (let i = 0; i < count; i++) {
      const checksum = crc32(rows.subarray(i * this.#rowBytes, (i + 1) * this.#rowBytes));
      entries.set(keys.subarray(i * KEY_BYTES, (i + 1) * KEY_BYTES), i * ENTRY_BYTES);
      entries.writeUInt32LE(checksum, i * ENTRY_BYTES + KEY_BYTES);
    }
    writeWhole(this.#rows, rows);
    writeWhole(this.#keys, entries);
    for (let i = 0; i < count; i++) this.#checksums.push(entries.readUInt32LE(i * ENTRY_BYTES + KEY_BYTES));
  }

  close(): void {
    closeSync(this.#rows);
    closeSync(this.#keys);
  }
}

function readWhole(file: number, target: Uint8Array, position: number): boolean {
  for (let done = 0; done < target.length; ) {
    const read = readSync(file, target, done, target.length - done, position + done);
    if (read === 0) return false;
    done += read;
  }
  return true;
}

function writeWhole(file: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done, bytes.length - done);
}
