import { createReadStream } from 'node:fs';
import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { extract } from 'tar-stream';
import type { Archive, ArchiveLimits } from './archive.ts';
import { inNaturalOrder, memberPath } from './member-paths.ts';
import { fault, found, tooLarge } from './outcome.ts';

type Place = { readonly offset: number; readonly length: number };

/**
 * Opens a tar archive, gzipped or not. A tar has no list of its members and gzip no way to skip, so it is read once, its
 * members one after the other into a temporary file, which is removed at the end.
 * @throws what the system or the unpacker says when it cannot be read
 */
export async function openTar(path: string, limits: ArchiveLimits): Promise<Archive> {
  const folder = await mkdtemp(join(tmpdir(), 'attune-tar-'));
  let file: FileHandle | undefined;
  try {
    file = await open(join(folder, 'members'), 'wx+');
    const places = await unpack(path, file, limits);
    return unpacked(path, folder, file, places, limits.maxBytes);
  } catch (error) {
    await file?.close();
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

/** Where each member lies in `file`; a member over the limit has its length only. */
async function unpack(
  path: string,
  file: FileHandle,
  { maxBytes, maxArchiveBytes }: ArchiveLimits,
): Promise<ReadonlyMap<string, Place>> {
  const places = new Map<string, Place>();
  const members = extract();
  let end = 0;
  const copying = (async () => {
    for await (const member of members) {
      const { name, type } = member.header;
      let length = 0;
      const kept = type === 'file' || type === 'contiguous-file';
      for await (const part of member) {
        const bytes = part as Buffer;
        length += bytes.length;
        if (!kept || length > maxBytes) continue;
        if (end + length > maxArchiveBytes)
          throw new Error(`it holds more than ${maxArchiveBytes} bytes, which is the limit`);
        await file.write(bytes, 0, bytes.length, end + length - bytes.length);
      }
      if (!kept) continue;
      places.set(memberPath(name), { offset: end, length });
      if (length <= maxBytes) end += length;
    }
  })();
  const source = createReadStream(path);
  await Promise.all([
    /\.(gz|tgz)$/i.test(path) ? pipeline(source, createGunzip(), members) : pipeline(source, members),
    copying,
  ]);
  return places;
}

function unpacked(
  path: string,
  folder: string,
  file: FileHandle,
  places: ReadonlyMap<string, Place>,
  maxBytes: number,
): Archive {
  return {
    members: inNaturalOrder(places.keys()),
    async read(member) {
      const place = places.get(member);
      if (place === undefined) return fault('media/missing', `${path} has no member ${member}.`);
      if (place.length > maxBytes) return tooLarge(`${member} in ${path}`, maxBytes);
      const bytes = Buffer.alloc(place.length);
      await file.read(bytes, 0, place.length, place.offset);
      return found(bytes, `${member} in ${path}`);
    },
    async close() {
      await file.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
