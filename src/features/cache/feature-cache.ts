/**
 * What is costly to compute, kept on disk: pictures shaped for an encoder, spectrograms, outputs of a frozen encoder.
 *
 * A row is found by the SHA-256 of the bytes that it was made of. How it was made is the fingerprint, and each
 * fingerprint has a folder of its own, so that a change of the processor never finds old rows. Several processes may
 * read and write one folder at once; what another one adds is seen at the next opening. Memory grows by about 60 bytes
 * a row, whatever the rows' length; a damaged row counts as absent and can be put again.
 *
 * Calls are synchronous: a row that the system has in memory comes in microseconds, less than a promise costs.
 */
import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder } from '../../base/make-folder.ts';
import { featureError } from '../errors.ts';
import { sha256 } from '../media/outcome.ts';
import { KEY_BYTES, KeyTable } from './key-table.ts';
import { Segment } from './segment.ts';

const ARRAYS = { float32: Float32Array, uint8: Uint8Array } as const;
export type CacheDtype = keyof typeof ARRAYS;
export type CacheRow<D extends CacheDtype> = D extends 'float32' ? Float32Array : Uint8Array;

export type CacheLayout<D extends CacheDtype> = {
  /** Everything but the key that a row depends on: processor, encoder and its weights, version of the computation. */
  readonly fingerprint: string;
  /** Numbers in a row. */
  readonly rowLength: number;
  readonly dtype: D;
};

/** Rows are written together once they make this many bytes. */
const PENDING_BYTES = 1 << 20;
/** A segment and a row of it as one number. */
const SEGMENT = 2 ** 32;

export class FeatureCache<D extends CacheDtype> {
  readonly #folder: string;
  readonly #layout: CacheLayout<D>;
  readonly #rowBytes: number;
  readonly #segments: Segment[] = [];
  readonly #table = new KeyTable();
  /** The number among `#segments` of the one that this process appends to. */
  #writing: number | undefined;
  /** Rows that the segment has on disk. */
  #written = 0;
  readonly #pendingKeys: Uint8Array;
  readonly #pendingRows: Uint8Array;
  #pending = 0;

  private constructor(folder: string, layout: CacheLayout<D>) {
    this.#folder = folder;
    this.#layout = layout;
    this.#rowBytes = layout.rowLength * ARRAYS[layout.dtype].BYTES_PER_ELEMENT;
    const rows = Math.max(1, Math.floor(PENDING_BYTES / this.#rowBytes));
    this.#pendingKeys = new Uint8Array(rows * KEY_BYTES);
    this.#pendingRows = new Uint8Array(rows * this.#rowBytes);
  }

  /**
   * @param folder - may serve many layouts; made when it is not there
   * @throws features/cache-unwritable, features/cache-broken
   */
  static async open<D extends CacheDtype>(folder: string, layout: CacheLayout<D>): Promise<FeatureCache<D>> {
    const { rowLength, dtype, fingerprint } = layout;
    if (!Number.isInteger(rowLength) || rowLength < 1)
      throw featureError('features/cache-misused', `A row cannot have ${rowLength} numbers.`);
    const description = JSON.stringify({ version: 1, dtype, rowLength, fingerprint });
    const own = join(folder, sha256(description).slice(0, 24));
    await makeFolder(own).catch((error: Error) => {
      throw unwritable(own, error);
    });
    const cache = new FeatureCache(own, layout);
    try {
      describe(own, description);
      cache.#openSegments();
    } catch (error) {
      cache.close();
      throw error;
    }
    return cache;
  }

  /** How many rows there are. */
  get size(): number {
    return this.#table.size;
  }

  has(key: string): boolean {
    return this.#table.get(keyBytes(key)) !== undefined;
  }

  /** @param key - a SHA-256 in hexadecimal; @returns a row of its own, or undefined when there is none or it is damaged */
  get(key: string): CacheRow<D> | undefined {
    const row = this.#newRow();
    return this.getInto(key, row) ? row : undefined;
  }

  /**
   * Fills `target`, such as a row of a batch, without making an array.
   * @returns false when there is no such row; `target` may then hold anything
   */
  getInto(key: string, target: CacheRow<D>): boolean {
    this.#checkLength(target);
    const place = this.#table.get(keyBytes(key));
    if (place === undefined) return false;
    const bytes = bytesOf(target);
    const number = Math.floor(place / SEGMENT);
    const row = place % SEGMENT;
    if (number === this.#writing && row >= this.#written) {
      const start = (row - this.#written) * this.#rowBytes;
      bytes.set(this.#pendingRows.subarray(start, start + this.#rowBytes));
      return true;
    }
    return this.#segments[number]!.read(row, bytes);
  }

  /** Adds a row; one that has this key already is replaced. @throws features/cache-unwritable */
  put(key: string, row: CacheRow<D>): void {
    this.#checkLength(row);
    const bytes = keyBytes(key);
    if (this.#pending * KEY_BYTES === this.#pendingKeys.length) this.flush();
    this.#writing ??= this.#createSegment();
    this.#pendingKeys.set(bytes, this.#pending * KEY_BYTES);
    this.#pendingRows.set(bytesOf(row), this.#pending * this.#rowBytes);
    this.#table.set(bytes, this.#writing * SEGMENT + this.#written + this.#pending);
    this.#pending++;
  }

  /** Hands to the system what was put; a killed process loses only what came after. @throws features/cache-unwritable */
  flush(): void {
    if (this.#pending === 0) return;
    const keys = this.#pendingKeys.subarray(0, this.#pending * KEY_BYTES);
    const rows = this.#pendingRows.subarray(0, this.#pending * this.#rowBytes);
    const pending = this.#pending;
    this.#pending = 0;
    try {
      this.#segments[this.#writing!]!.append(keys, rows);
      this.#written += pending;
    } catch (error) {
      // The files may end within a row now, so the next row begins others.
      this.#writing = undefined;
      this.#written = 0;
      throw unwritable(this.#folder, error as Error);
    }
  }

  close(): void {
    try {
      this.flush();
    } finally {
      for (const segment of this.#segments.splice(0)) segment.close();
    }
  }

  #openSegments(): void {
    const names = readdirSync(this.#folder).filter((name) => name.endsWith('.keys'));
    for (const name of names.sort()) {
      const number = this.#segments.length;
      const path = join(this.#folder, name.slice(0, -'.keys'.length));
      this.#segments.push(
        Segment.open(path, this.#rowBytes, (key, row) => this.#table.set(key, number * SEGMENT + row)),
      );
    }
  }

  /** Names sort by age, so that what is put again wins over what it replaces. */
  #createSegment(): number {
    const name = `${String(this.#segments.length).padStart(9, '0')}-${randomUUID()}`;
    try {
      this.#segments.push(Segment.create(join(this.#folder, name), this.#rowBytes));
    } catch (error) {
      throw unwritable(this.#folder, error as Error);
    }
    return this.#segments.length - 1;
  }

  #newRow(): CacheRow<D> {
    return new ARRAYS[this.#layout.dtype](this.#layout.rowLength) as CacheRow<D>;
  }

  #checkLength(row: CacheRow<D>): void {
    const { rowLength, dtype } = this.#layout;
    if (row.length !== rowLength || !(row instanceof ARRAYS[dtype]))
      throw featureError(
        'features/cache-misused',
        `The cache holds rows of ${rowLength} ${dtype} numbers; this one is a ${row.constructor.name} of ${row.length}.`,
      );
  }
}

/** A file for people, and a check that nothing else made this folder. */
function describe(folder: string, description: string): void {
  const path = join(folder, 'cache.json');
  let present: string | undefined;
  try {
    present = readFileSync(path, 'utf8');
  } catch {
    // A new folder.
  }
  if (present === description) return;
  if (present !== undefined)
    throw featureError('features/cache-broken', `${path} does not describe the rows of this folder.`, {
      hint: 'Remove the folder; what it held is computed again.',
    });
  try {
    const beside = `${path}.${randomUUID()}`;
    writeFileSync(beside, description);
    renameSync(beside, path);
  } catch (error) {
    throw unwritable(folder, error as Error);
  }
}

function keyBytes(key: string): Uint8Array {
  const bytes = Buffer.from(key, 'hex');
  if (key.length !== KEY_BYTES * 2 || bytes.length !== KEY_BYTES)
    throw featureError('features/cache-misused', `${key} is no SHA-256 in hexadecimal.`);
  return bytes;
}

function bytesOf(row: Float32Array | Uint8Array): Uint8Array {
  return new Uint8Array(row.buffer, row.byteOffset, row.byteLength);
}

function unwritable(folder: string, error: Error): Error {
  return featureError(
    'features/cache-unwritable',
    `The feature cache ${folder} cannot be written: ${error.message}.`,
    {
      hint: 'Name another folder for it, or make room on the disk.',
      cause: error,
    },
  );
}
