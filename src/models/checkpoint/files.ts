import { randomUUID } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { open, readFile, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { modelError } from '../errors.ts';

/** Plain JSON as a file holds it. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export type JsonObject = { readonly [key: string]: Json };

/** A file's content, or undefined when there is no such file. */
export async function readIfThere(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw modelError('models/checkpoint-unreadable', `${path} cannot be read: ${(cause as Error).message}.`, {
      cause,
    });
  }
}

/** Parses the JSON object of a file; undefined when there is no such file. */
export async function readJsonIfThere(path: string): Promise<JsonObject | undefined> {
  const bytes = await readIfThere(path);
  if (bytes === undefined) return undefined;
  let parsed: unknown;
  try {
    parsed = JSON.parse(bytes.toString('utf8'));
  } catch (cause) {
    throw modelError('models/config-invalid', `${path} is not JSON: ${(cause as Error).message}.`, { cause });
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw modelError('models/config-invalid', `${path} must hold a JSON object.`);
  }
  return parsed as JsonObject;
}

/**
 * Writes a file so that it is there whole or not at all: under another name in the same folder, flushed, then renamed.
 * @throws models/checkpoint-unreadable with the system's reason; nothing half-written stays
 */
export async function writeWhole(path: string, write: (handle: FileHandle) => Promise<void>): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${randomUUID().slice(0, 8)}.tmp`);
  let handle: FileHandle | undefined;
  try {
    handle = await open(temporary, 'wx');
    await write(handle);
    await handle.sync();
    await handle.close();
    handle = undefined;
    await rename(temporary, path);
  } catch (cause) {
    await handle?.close().catch(() => {});
    await rm(temporary, { force: true }).catch(() => {});
    throw unwritable(path, cause);
  }
}

/** The error for a file or folder that cannot be written; an error that already explains itself passes through. */
export function unwritable(path: string, cause: unknown): unknown {
  const { code, message } = cause as NodeJS.ErrnoException;
  if (cause instanceof Error && typeof code === 'string' && /^E[A-Z]+$/.test(code)) {
    const hint =
      code === 'ENOSPC'
        ? 'The disk is full: free some space and run it again; nothing half-written was left.'
        : 'Check that the folder exists and that you may write in it.';
    return modelError('models/checkpoint-unreadable', `${path} cannot be written: ${message}.`, {
      hint,
      cause,
    });
  }
  return cause;
}
