import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import picomatch from 'picomatch';
import { inNaturalOrder } from './member-paths.ts';

type Listing = { readonly files: readonly string[]; readonly folders: readonly string[] };

/**
 * Finds files by pattern: `*`, `?`, `[a-c]` and `{a,b}` within a name, `**` for any folders. Folders are listed once, so
 * that a pattern for each of a hundred thousand products does not read a hundred thousand names each time.
 */
export class FolderListings {
  readonly #listings = new Map<string, Promise<Listing>>();

  /** Paths that match, each below `folder`, in natural order. */
  async matching(folder: string, pattern: string): Promise<readonly string[]> {
    const segments = pattern.split('/').filter((segment) => segment !== '' && segment !== '.');
    const found = new Set<string>();
    await this.#walk(folder, segments, found);
    return inNaturalOrder(found);
  }

  async #walk(folder: string, segments: readonly string[], found: Set<string>): Promise<void> {
    const [segment, ...rest] = segments;
    if (segment === undefined) return;
    if (segment === '..') return this.#walk(join(folder, '..'), rest, found);
    const { files, folders } = await this.#list(folder);
    if (segment === '**') {
      await this.#walk(folder, rest.length === 0 ? ['*'] : rest, found);
      for (const name of folders) await this.#walk(join(folder, name), segments, found);
      return;
    }
    const matches = picomatch(segment);
    if (rest.length === 0) {
      for (const name of files) if (matches(name)) found.add(join(folder, name));
      return;
    }
    for (const name of folders) if (matches(name)) await this.#walk(join(folder, name), rest, found);
  }

  #list(folder: string): Promise<Listing> {
    const known = this.#listings.get(folder);
    if (known !== undefined) return known;
    const listing = list(folder);
    this.#listings.set(folder, listing);
    return listing;
  }
}

/** A folder that is not there, or may not be read, has nothing in it. Links are followed to files only. */
async function list(folder: string): Promise<Listing> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return {
    files: entries.filter((entry) => entry.isFile() || entry.isSymbolicLink()).map(({ name }) => name),
    folders: entries.filter((entry) => entry.isDirectory()).map(({ name }) => name),
  };
}
