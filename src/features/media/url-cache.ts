/**
 * What addresses held when they were first fetched, on disk, so that a second epoch or run asks nobody.
 *
 * `addresses/ab/<sha256 of the address>` holds the SHA-256 of the content; `content/cd/<that>` holds the bytes, once for
 * all addresses that lead to the same picture. Files come into place whole (written beside, then renamed), and bytes that
 * do not have their name's hash any more are fetched again.
 */
import { randomUUID } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { makeFolder } from '../../base/make-folder.ts';
import { featureError } from '../errors.ts';
import { type MediaOutcome, sha256 } from './outcome.ts';

export class UrlCache {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async get(address: string): Promise<MediaOutcome | undefined> {
    const hash = (await contentOf(this.#addressPath(address)))?.toString('latin1');
    if (hash === undefined || !/^[0-9a-f]{64}$/.test(hash)) return undefined;
    const bytes = await contentOf(this.#contentPath(hash));
    return bytes !== undefined && sha256(bytes) === hash ? { ok: true, bytes, sha256: hash } : undefined;
  }

  /** @throws features/cache-unwritable */
  async put(address: string, bytes: Uint8Array, hash: string): Promise<void> {
    try {
      await writeWhole(this.#contentPath(hash), bytes);
      await writeWhole(this.#addressPath(address), hash);
    } catch (error) {
      throw featureError(
        'features/cache-unwritable',
        `What was fetched cannot be kept in ${this.#folder}: ${(error as Error).message}.`,
        { hint: 'Name another folder for it, or make room on the disk.', cause: error },
      );
    }
  }

  #addressPath(address: string): string {
    const key = sha256(address);
    return join(this.#folder, 'addresses', key.slice(0, 2), key);
  }

  #contentPath(hash: string): string {
    return join(this.#folder, 'content', hash.slice(0, 2), hash);
  }
}

async function contentOf(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch {
    return undefined;
  }
}

async function writeWhole(path: string, content: Uint8Array | string): Promise<void> {
  await makeFolder(dirname(path));
  const beside = `${path}.${randomUUID()}`;
  await writeFile(beside, content);
  await rename(beside, path);
}
