import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { modelError } from '../errors.ts';
import { unwritable } from './files.ts';
import { exists } from './hub-cache.ts';

/** A file of a model as the hub lists it. */
export type HubFile = {
  readonly path: string;
  readonly bytes: number;
  /** What its content hashes to: large files have a SHA-256, small ones git's SHA-1. */
  readonly hash: { readonly kind: 'sha256' | 'git'; readonly hex: string };
};

/** A broken connection is taken up again where it broke, as long as each attempt brings something; else this often. */
const FRUITLESS_ATTEMPTS = 3;
const PAUSE_MS = 500;

/**
 * Downloads a file to `path`, going on from `path.incomplete` when an earlier attempt left one, and checks its size and hash.
 * Two processes may do so at once: both write the same bytes to the same places.
 * @param received - called with the bytes that are there so far
 * @throws models/download-damaged when the content is not what the hub said; models/hub-unreachable when the connection
 *   keeps breaking, with what was received kept for the next attempt
 */
export async function downloadFile(
  file: HubFile,
  url: string,
  path: string,
  fetchFile: typeof fetch,
  received: (bytes: number) => void,
): Promise<void> {
  if (await exists(path)) return;
  const partial = `${path}.incomplete`;
  try {
    await mkdir(dirname(path), { recursive: true });
    let done = await sizeOf(partial);
    if (done > file.bytes) {
      await rm(partial, { force: true });
      done = 0;
    }
    received(done);
    for (let fruitless = 0; done < file.bytes || !(await exists(partial)); ) {
      const before = done;
      const broken = await receive(file, url, partial, done, fetchFile, received);
      done = await sizeOf(partial);
      if (broken === undefined) break;
      fruitless = done > before ? 0 : fruitless + 1;
      if (fruitless >= FRUITLESS_ATTEMPTS) throw interrupted(file, url, done, broken);
      if (fruitless > 0) await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
    await verify(file, url, partial);
    await rename(partial, path);
  } catch (cause) {
    // Another process may have finished the same file meanwhile.
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT' && (await exists(path))) return;
    throw unwritable(path, cause);
  }
}

/** Receives the file from byte `from` on. @returns why it broke off, or undefined when it is whole */
async function receive(
  file: HubFile,
  url: string,
  partial: string,
  from: number,
  fetchFile: typeof fetch,
  received: (bytes: number) => void,
): Promise<unknown> {
  let response: Response;
  try {
    response = await fetchFile(url, from > 0 ? { headers: { Range: `bytes=${from}-` } } : {});
  } catch (cause) {
    return cause;
  }
  if (!response.ok) throw refused(file, url, response.status);
  // A server that does not know ranges sends the whole file again.
  let position = response.status === 206 ? from : 0;
  const handle = await open(partial, from > 0 ? 'r+' : 'w');
  const reader = response.body?.getReader();
  try {
    for (;;) {
      let chunk: Uint8Array | undefined;
      try {
        chunk = (await reader?.read())?.value;
      } catch (cause) {
        return cause;
      }
      if (chunk === undefined) break;
      if (position + chunk.length > file.bytes)
        throw damaged(file, url, `it is longer than ${file.bytes} bytes`);
      await writeAt(handle, chunk, position);
      position += chunk.length;
      received(position);
    }
  } finally {
    await reader?.cancel().catch(() => {});
    await handle.close();
  }
  return position < file.bytes ? new Error(`the connection closed after ${position} bytes`) : undefined;
}

async function writeAt(
  handle: Awaited<ReturnType<typeof open>>,
  chunk: Uint8Array,
  position: number,
): Promise<void> {
  for (let done = 0; done < chunk.length; ) {
    done += (await handle.write(chunk, done, chunk.length - done, position + done)).bytesWritten;
  }
}

async function verify(file: HubFile, url: string, partial: string): Promise<void> {
  const { kind, hex } = file.hash;
  const hash = createHash(kind === 'sha256' ? 'sha256' : 'sha1');
  if (kind === 'git') hash.update(`blob ${file.bytes}\0`);
  for await (const chunk of createReadStream(partial)) hash.update(chunk as Buffer);
  const found = hash.digest('hex');
  if (found === hex) return;
  await rm(partial, { force: true });
  throw damaged(file, url, `its ${kind === 'sha256' ? 'SHA-256' : 'git hash'} is ${found}, expected ${hex}`);
}

async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  );
}

function damaged(file: HubFile, url: string, problem: string): Error {
  return modelError(
    'models/download-damaged',
    `${file.path} from ${url} is not the file that the hub described: ${problem}.`,
    {
      hint: 'It was thrown away. Try again; if it stays so, something between you and the hub changes files.',
      details: { url, file },
    },
  );
}

function refused(file: HubFile, url: string, status: number): Error {
  return modelError('models/hub-refused', `The hub answered ${status} for ${file.path} (${url}).`, {
    details: { url, status },
  });
}

function interrupted(file: HubFile, url: string, done: number, cause: unknown): Error {
  return modelError(
    'models/hub-unreachable',
    `The download of ${file.path} from ${url} broke off after ${done} of ${file.bytes} bytes and could not go on: ${reason(cause)}.`,
    { hint: 'Run it again: it goes on where it broke off.', cause },
  );
}

/** Why a fetch failed: the runtime hides it one level down. */
export function reason(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const inner = cause.cause;
  return inner instanceof Error && inner.message !== '' ? inner.message : cause.message;
}
