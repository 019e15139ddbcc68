import { type Entry, openPromise } from 'yauzl';
import type { Archive, ArchiveLimits } from './archive.ts';
import { inNaturalOrder, memberPath } from './member-paths.ts';
import { fault, found, tooLarge } from './outcome.ts';

/**
 * Opens a zip archive: the list of its members is read now, a member when it is asked for.
 * @throws what yauzl says when it is no zip archive
 */
export async function openZip(path: string, { maxBytes }: ArchiveLimits): Promise<Archive> {
  const zip = await openPromise(path, { lazyEntries: true, autoClose: false, validateEntrySizes: true });
  const entries = new Map<string, Entry>();
  try {
    for await (const entry of zip.eachEntry()) {
      if (!entry.fileName.endsWith('/')) entries.set(memberPath(entry.fileName), entry);
    }
  } catch (error) {
    zip.close();
    throw error;
  }
  return {
    members: inNaturalOrder(entries.keys()),
    async read(member) {
      const entry = entries.get(member);
      if (entry === undefined) return fault('media/missing', `${path} has no member ${member}.`);
      if (entry.isEncrypted()) return fault('media/archive', `${member} in ${path} is encrypted.`);
      // The size that is promised; yauzl sees to it that no more comes out.
      if (entry.uncompressedSize > maxBytes) return tooLarge(`${member} in ${path}`, maxBytes);
      try {
        const parts: Buffer[] = [];
        for await (const part of await zip.openReadStreamPromise(entry)) parts.push(part as Buffer);
        return found(Buffer.concat(parts), `${member} in ${path}`);
      } catch (error) {
        return fault('media/archive', `${member} in ${path} is broken (${(error as Error).message}).`);
      }
    },
    async close() {
      zip.close();
    },
  };
}
