/** Files of products that were sent to the service: each in a folder of its own, with what is known of it beside it. */
import { randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { AttuneError } from '../../base/errors.ts';
import { makeFolder } from '../../base/make-folder.ts';
import { formatOf } from '../../catalog/source-files.ts';
import type { FileAnswer, InspectionAnswer } from '../api/training.ts';
import type { RequestErrorCode } from '../errors.ts';
import { readJson, writeJson } from './json-file.ts';
import { writing } from './workspace.ts';

const RECORD = 'file.json';
const MAX_NAME = 100;

export class Uploads {
  readonly #folder: string;
  readonly #maxBytes: number;

  /** @param maxBytes - of one file */
  constructor(folder: string, maxBytes: number) {
    this.#folder = folder;
    this.#maxBytes = maxBytes;
  }

  /**
   * Writes a file as it comes; of one that is too large or breaks off nothing stays.
   * @param announced - bytes that the sender says it has; undefined where it does not say
   * @throws `serving/file-unreadable`, `serving/file-too-large`, `serving/workspace-unwritable`
   */
  async receive(content: Readable, name: string, announced: number | undefined): Promise<FileAnswer> {
    const safe = safeName(name);
    refuseUnknownFormat(safe);
    if (announced !== undefined && announced > this.#maxBytes) throw this.#tooLarge(safe);
    const id = randomBytes(6).toString('hex');
    const folder = join(this.#folder, `${id}.part`);
    let bytes = 0;
    const maxBytes = this.#maxBytes;
    const tooLarge = () => this.#tooLarge(safe);
    // What is sent stays open when it is refused half way: the refusal goes out over the same connection.
    const counted = async function* () {
      for await (const chunk of arriving(content)) {
        bytes += chunk.length;
        if (bytes > maxBytes) throw tooLarge();
        yield chunk;
      }
    };
    return writing(this.#folder, async () => {
      try {
        await makeFolder(folder);
        await pipeline(counted, createWriteStream(join(folder, safe)));
        if (bytes === 0) throw unreadable(`${safe} is empty (0 bytes).`);
        const file: FileAnswer = {
          id,
          name: safe,
          bytes,
          uploaded: new Date().toISOString(),
          inspection: null,
        };
        await writeJson(join(folder, RECORD), file);
        await rename(folder, join(this.#folder, id));
        return file;
      } catch (error) {
        await rm(folder, { recursive: true, force: true }).catch(() => {});
        throw error;
      }
    });
  }

  /** The latest first. */
  async list(): Promise<readonly FileAnswer[]> {
    const ids = (await readdir(this.#folder)).filter((name) => ID.test(name));
    const files = await Promise.all(ids.map((id) => this.#read(id)));
    return files
      .filter((file) => file !== undefined)
      .sort((a, b) => b.uploaded.localeCompare(a.uploaded) || a.id.localeCompare(b.id));
  }

  /** @throws `serving/file-not-found` */
  async get(id: string): Promise<FileAnswer> {
    const file = await this.#read(id);
    if (file !== undefined) return file;
    throw new AttuneError<RequestErrorCode>(
      'serving/file-not-found',
      `There is no file ${id.slice(0, 100)}.`,
      {
        hint: 'GET /v1/files lists those that are there.',
      },
    );
  }

  folderOf({ id }: Pick<FileAnswer, 'id'>): string {
    return join(this.#folder, id);
  }

  async keepInspection(file: FileAnswer, inspection: InspectionAnswer): Promise<FileAnswer> {
    const inspected = { ...file, inspection };
    await writing(this.#folder, () => writeJson(join(this.folderOf(file), RECORD), inspected));
    return inspected;
  }

  /** @throws `serving/file-not-found` */
  async remove(id: string): Promise<FileAnswer> {
    const file = await this.get(id);
    await rm(this.folderOf(file), { recursive: true, force: true });
    return file;
  }

  /** Removes what uploads that a killed service had under way have left. */
  async tidy(): Promise<void> {
    for (const name of await readdir(this.#folder))
      if (name.endsWith('.part')) await rm(join(this.#folder, name), { recursive: true, force: true });
  }

  async #read(id: string): Promise<FileAnswer | undefined> {
    return ID.test(id) ? ((await readJson(join(this.#folder, id, RECORD))) as FileAnswer) : undefined;
  }

  #tooLarge(name: string): AttuneError<RequestErrorCode> {
    return new AttuneError(
      'serving/file-too-large',
      `${name} has more than ${this.#maxBytes} bytes, the most that a file may have.`,
      { hint: 'Send it packed with gzip (.csv.gz) or as Parquet, or serve with a larger --max-upload.' },
    );
  }
}

async function* arriving(content: Readable): AsyncGenerator<Buffer> {
  try {
    yield* content.iterator({ destroyOnReturn: false });
  } catch (cause) {
    throw new AttuneError<RequestErrorCode>('serving/client-gone', 'The file broke off while it was sent.', {
      cause,
    });
  }
}

const ID = /^[0-9a-f]{12}$/;

/** The last part of a path, of characters that every system and every glob takes as they are. */
function safeName(name: string): string {
  const last = name.split(/[/\\]/).at(-1) ?? '';
  const kept = last
    .normalize('NFC')
    .replace(/[^\p{L}\p{N} ._-]/gu, '_')
    .replace(/^[. ]+/, '');
  return kept.toLowerCase() === RECORD ? `_${kept}` : kept.slice(-MAX_NAME);
}

function refuseUnknownFormat(name: string): void {
  try {
    formatOf(name);
  } catch (cause) {
    const { message, hint } = cause as AttuneError;
    throw unreadable(message, hint);
  }
}

export function unreadable(message: string, hint?: string): AttuneError<RequestErrorCode> {
  return new AttuneError('serving/file-unreadable', message, hint === undefined ? {} : { hint });
}
