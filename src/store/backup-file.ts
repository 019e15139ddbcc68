/** A backup as a file: the lines of `archive.ts`, gzipped. */
import { once } from 'node:events';
import { createReadStream, createWriteStream, existsSync } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { type Counts, invalid } from './archive.ts';
import { storeError } from './errors.ts';
import type { Store } from './store.ts';

/**
 * The file is there whole, or not at all.
 * @throws `store/backup-exists`, `store/backup-unwritable`; what `archive.dump` throws
 */
export async function writeBackup(
  store: Store,
  path: string,
  { overwrite = false } = {},
): Promise<{ readonly counts: Counts; readonly bytes: number }> {
  if (!overwrite && existsSync(path)) {
    throw storeError('store/backup-exists', `The file ${path} is there already.`, {
      hint: 'Name another file, or allow it to be replaced (--overwrite).',
      details: { path },
    });
  }
  const partial = `${path}.partial`;
  const file = createWriteStream(partial, { mode: 0o600, flush: true });
  const gzip = createGzip();
  // Its own failure, not the database's; and a disk that is full must not leave the store waiting.
  const written = pipeline(gzip, file).catch((cause: NodeJS.ErrnoException) => {
    throw storeError('store/backup-unwritable', `The backup ${path} cannot be written: ${cause.message}.`, {
      hint: 'Choose a folder that you may write to, on a disk that has room.',
      details: { path },
      cause,
    });
  });
  written.catch(() => {});
  try {
    const counts = await store.archive.dump(async (line) => {
      if (!gzip.write(`${line}\n`)) await Promise.race([once(gzip, 'drain'), written]);
    });
    gzip.end();
    await written;
    await rename(partial, path);
    return { counts, bytes: (await stat(path)).size };
  } catch (error) {
    gzip.destroy();
    await written.catch(() => {});
    await rm(partial, { force: true });
    throw error;
  }
}

/** @throws `store/backup-missing`; what `archive.load` throws */
export async function readBackup(
  store: Store,
  path: string,
  { replace = false } = {},
): Promise<{ readonly counts: Counts }> {
  if (!existsSync(path)) {
    throw storeError('store/backup-missing', `There is no file ${path}.`, {
      hint: 'Name a file that attune backup made.',
      details: { path },
    });
  }
  return { counts: await store.archive.load(linesOf(path), { replace }) };
}

async function* linesOf(path: string): AsyncGenerator<string> {
  const gunzip = createGunzip();
  const read = pipeline(createReadStream(path), gunzip);
  read.catch(() => {});
  let rest = '';
  try {
    for await (const chunk of gunzip.setEncoding('utf8') as AsyncIterable<string>) {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop()!;
      yield* lines;
    }
  } catch (cause) {
    const { message, code = '' } = cause as NodeJS.ErrnoException;
    if (code.startsWith('Z_')) throw invalid(message);
    throw storeError('store/backup-missing', `The backup ${path} cannot be read: ${message}.`, { cause });
  } finally {
    gunzip.destroy();
  }
  if (rest !== '') yield rest;
}
