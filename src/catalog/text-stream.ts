/**
 * A file, gzipped or not, as decoded text in pieces of about a megabyte. Which characters came from bytes that are no
 * UTF-8 can be told afterwards, so that the row they stand in can be set aside.
 */
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { TextDecoder } from 'node:util';
import { createGunzip } from 'node:zlib';
import { AttuneError } from '../base/errors.ts';
import { ENCODING_SAMPLE_BYTES, resolveEncoding } from './encoding.ts';
import type { CatalogErrorCode } from './errors.ts';

/** Stands for bytes that could not be decoded. */
const INVALID = '\uFFFD';
/** A noncharacter that stands for a replacement character that the file itself holds. */
const HELD = '\uFDD0';
const HELD_BYTES = [0xef, 0xb7, 0x90] as const;
const REPLACEMENT_BYTES = Buffer.from(INVALID);

export type TextChunk = {
  readonly text: string;
  /** Whether `text` may hold characters that `decodingOf` has to look at. */
  readonly suspect: boolean;
};

/** The text of a piece of a suspect chunk as the file means it, or undefined when it has undecodable bytes. */
export function decodingOf(piece: string): string | undefined {
  return piece.includes(INVALID) ? undefined : piece.replaceAll(HELD, INVALID);
}

export type TextStreamOptions = {
  readonly encoding: string | undefined;
  /** Told the bytes read from disk so far. */
  readonly onBytes?: (done: number) => void;
};

/**
 * @throws `catalog/encoding` when the file is in another encoding than the one given (UTF-8 by default)
 * @throws `catalog/format-broken` when a gzip file is damaged
 */
export async function* textChunks(file: string, options: TextStreamOptions): AsyncGenerator<TextChunk> {
  const isGzip = await startsWithGzip(file);
  const disk = createReadStream(file, { highWaterMark: 1 << 20 });
  let done = 0;
  disk.on('data', (bytes) => {
    done += bytes.length;
    options.onBytes?.(done);
  });
  const bytes = isGzip ? disk.pipe(createGunzip({ chunkSize: 1 << 20 })) : disk;
  if (isGzip) disk.on('error', (error) => bytes.destroy(error));
  let decoder: TextDecoder | undefined;
  try {
    for await (const chunk of bytes as AsyncIterable<Buffer>) {
      decoder ??= decoderFor(file, chunk, options.encoding);
      const { buffer, held } =
        decoder.encoding === 'utf-8' ? holdReplacements(chunk) : { buffer: chunk, held: false };
      const text = decoder.decode(buffer, { stream: true });
      yield { text, suspect: held || text.includes(INVALID) };
    }
    const rest = decoder?.decode() ?? '';
    if (rest !== '') yield { text: rest, suspect: true };
  } catch (cause) {
    throw readingError(file, cause, isGzip);
  } finally {
    disk.destroy();
    bytes.destroy();
  }
}

function decoderFor(file: string, chunk: Buffer, encoding: string | undefined): TextDecoder {
  const sample = chunk.subarray(0, ENCODING_SAMPLE_BYTES);
  return new TextDecoder(resolveEncoding(file, sample, encoding));
}

/** Replaces the file's own replacement characters, so that those the decoder makes are the only ones. */
function holdReplacements(chunk: Buffer): { buffer: Buffer; held: boolean } {
  let at = chunk.indexOf(REPLACEMENT_BYTES);
  const held = at >= 0;
  while (at >= 0) {
    chunk.set(HELD_BYTES, at);
    at = chunk.indexOf(REPLACEMENT_BYTES, at + 3);
  }
  return { buffer: chunk, held };
}

async function startsWithGzip(file: string): Promise<boolean> {
  const handle = await open(file).catch((cause: unknown) => {
    throw readingError(file, cause, false);
  });
  try {
    const head = Buffer.alloc(2);
    await handle.read(head, 0, 2, 0);
    return head[0] === 0x1f && head[1] === 0x8b;
  } finally {
    await handle.close();
  }
}

/** What went wrong while reading, with the code that fits. */
function readingError(file: string, cause: unknown, isGzip: boolean): unknown {
  if (cause instanceof AttuneError) return cause;
  const system = cause as { code?: string };
  if (isGzip && system.code?.startsWith('Z_')) {
    return new AttuneError<CatalogErrorCode>(
      'catalog/format-broken',
      `${file} is a damaged or truncated gzip file.`,
      { hint: `Check it with: gzip -t ${file}`, details: { file }, cause },
    );
  }
  if (
    system.code === 'ENOENT' ||
    system.code === 'EACCES' ||
    system.code === 'EISDIR' ||
    system.code === 'EIO'
  ) {
    return new AttuneError<CatalogErrorCode>(
      system.code === 'ENOENT' ? 'catalog/file-missing' : 'catalog/file-unreadable',
      `${file} cannot be read (${system.code}).`,
      { details: { file }, cause },
    );
  }
  return cause;
}
