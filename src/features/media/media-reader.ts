/**
 * Where the bytes of pictures and sounds come from, for training and serving alike.
 *
 * A reference that leads nowhere is an expected outcome, never an exception: the row becomes a reject with the reason.
 * What a picture or sound is, this folder does not know.
 */
import { readFile, stat } from 'node:fs/promises';
import { isAbsolute, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import picomatch from 'picomatch';
import { isPattern, parseReference, splitReferences } from '../../catalog/media-reference.ts';
import { type AddressOptions, AddressReader } from './address-reader.ts';
import type { Archive, ArchiveLimits } from './archive.ts';
import { readDataUri } from './data-uri.ts';
import { FolderListings } from './matching-files.ts';
import { memberPath } from './member-paths.ts';
import { fault, found, type MediaFault, type MediaOutcome, tooLarge } from './outcome.ts';
import { openTar } from './tar-archive.ts';
import { UrlCache } from './url-cache.ts';
import { openZip } from './zip-archive.ts';

export type MediaOptions = {
  /** The catalog's folder, where relative paths start. Without it no file is read, as befits a service. */
  readonly root?: string;
  /**
   * Folder whose files alone are read, those of folders in it too, and what a link that was put there leads to; any file when left out.
   */
  readonly within?: string;
  /** How http(s) addresses are followed; `false` follows none. */
  readonly addresses?: AddressOptions | false;
  /** A folder in which fetched addresses are kept; without it they are fetched again by each reader. */
  readonly cacheFolder?: string;
  /** The most bytes of one picture or sound; 50 million when not given. */
  readonly maxBytes?: number;
  /** The most bytes that one tar may unpack to; 32 thousand million when not given. */
  readonly maxArchiveBytes?: number;
};

/** Open archives, connections and folder listings; close it. */
export class MediaReader {
  readonly #root: string | undefined;
  readonly #within: string | undefined;
  readonly #limits: ArchiveLimits;
  readonly #addresses: AddressReader | undefined;
  readonly #listings = new FolderListings();
  readonly #archives = new Map<string, Promise<Archive | MediaFault>>();

  constructor(options: MediaOptions) {
    const { root, within, addresses = {}, cacheFolder, maxBytes = 50e6, maxArchiveBytes = 32e9 } = options;
    this.#root = root === undefined ? undefined : resolve(root);
    this.#within = within === undefined ? undefined : resolve(within);
    this.#limits = { maxBytes, maxArchiveBytes };
    const cache = cacheFolder === undefined ? undefined : new UrlCache(cacheFolder);
    this.#addresses = addresses === false ? undefined : new AddressReader(addresses, maxBytes, cache);
  }

  /**
   * The references in one cell: several are divided, patterns become what matches them. A pattern that matches nothing
   * stays, so that reading it tells.
   */
  async references(cell: string): Promise<readonly string[]> {
    const all: string[] = [];
    for (const reference of splitReferences(cell)) all.push(...(await this.#expanded(reference)));
    return all;
  }

  /** The bytes of one reference; bytes come back as they are. */
  async read(reference: string | Uint8Array): Promise<MediaOutcome> {
    const { maxBytes } = this.#limits;
    if (typeof reference !== 'string')
      return reference.length > maxBytes ? tooLarge('The cell', maxBytes) : found(reference, 'The cell');
    const parsed = parseReference(reference);
    if (parsed.kind === 'data') return readDataUri(parsed.uri, maxBytes);
    if (parsed.kind === 'url')
      return this.#addresses?.read(parsed.url) ?? fault('media/not-allowed', 'Addresses are not followed.');
    if (this.#root === undefined)
      return fault('media/not-allowed', 'Files are not read here; send the bytes instead.');
    if (parsed.kind === 'file') return this.#file(parsed.path);
    const archive = await this.#archive(this.#path(parsed.archive));
    return 'ok' in archive ? archive : archive.read(memberPath(parsed.member));
  }

  async close(): Promise<void> {
    this.#addresses?.close();
    const opened = await Promise.all(this.#archives.values());
    this.#archives.clear();
    for (const archive of opened) if (!('ok' in archive)) await archive.close();
  }

  async #expanded(reference: string): Promise<readonly string[]> {
    const parsed = parseReference(reference);
    if (this.#root === undefined || parsed.kind === 'url' || parsed.kind === 'data') return [reference];
    if (parsed.kind === 'member') {
      if (!isPattern(parsed.member)) return [reference];
      const archive = await this.#archive(this.#path(parsed.archive));
      if ('ok' in archive) return [reference];
      if (archive.members.includes(memberPath(parsed.member))) return [reference];
      const matches = picomatch(memberPath(parsed.member));
      const members = archive.members.filter((member) => matches(member));
      return members.length === 0 ? [reference] : members.map((member) => `${parsed.archive}#${member}`);
    }
    const path = localPath(parsed.path);
    if (!isPattern(path) || !this.#mayList(path)) return [reference];
    // A file may have a bracket in its name.
    if (await isFile(this.#path(path))) return [reference];
    const [folder, pattern] = isAbsolute(path) ? patternFolder(path) : [this.#root, path];
    const files = await this.#listings.matching(folder, pattern);
    return files.length === 0 ? [reference] : files;
  }

  #path(path: string): string {
    return resolve(this.#root!, localPath(path));
  }

  /** Whether a pattern names files of the one folder only. */
  #mayList(path: string): boolean {
    if (this.#within === undefined) return true;
    const segments = path.split('/');
    const first = segments.findIndex(isPattern);
    const upwards = first >= 0 && segments.slice(first).includes('..');
    return !upwards && this.#outside(this.#path(path)) === undefined;
  }

  /** By the path alone, so that nothing is told of what is there. */
  #outside(path: string): MediaFault | undefined {
    const within = this.#within;
    if (within === undefined) return undefined;
    const there = relative(within, path);
    if (there !== '..' && !there.startsWith(`..${sep}`) && !isAbsolute(there)) return undefined;
    return fault(
      'media/not-allowed',
      `${path} is not read: of files only those in ${within} are, beside addresses and bytes in the cells.`,
    );
  }

  async #file(path: string): Promise<MediaOutcome> {
    const outcome = await this.#readFile(path);
    // A catalog that was written on Windows.
    if (!outcome.ok && outcome.code === 'media/missing' && path.includes('\\'))
      return this.#readFile(path.replaceAll('\\', '/'));
    return outcome;
  }

  async #readFile(path: string): Promise<MediaOutcome> {
    const at = this.#path(path);
    return this.#outside(at) ?? readFileAt(at, this.#limits.maxBytes);
  }

  async #archive(path: string): Promise<Archive | MediaFault> {
    const refused = this.#outside(path);
    if (refused !== undefined) return refused;
    const known = this.#archives.get(path);
    if (known !== undefined) return known;
    const opening = (/\.zip$/i.test(path) ? openZip : openTar)(path, this.#limits).catch(
      (error: NodeJS.ErrnoException) =>
        error.code === 'ENOENT'
          ? fault('media/missing', `${path} is not there.`)
          : fault('media/archive', `${path} cannot be read as an archive (${error.message}).`),
    );
    this.#archives.set(path, opening);
    return opening;
  }
}

/** A path of a `file:` URL, or the path itself; where Windows writes backslashes, with slashes. */
function localPath(path: string): string {
  const local = /^file:\/\//i.test(path) ? pathOfUrl(path) : path;
  return sep === '\\' ? local.replaceAll('\\', '/') : local;
}

/** The URL as it is, where it names no file of this machine: nothing is found there. */
function pathOfUrl(url: string): string {
  try {
    return fileURLToPath(url);
  } catch {
    return url;
  }
}

/** The part of an absolute path before its first pattern, and the rest. */
function patternFolder(path: string): readonly [folder: string, pattern: string] {
  const segments = path.split('/');
  const first = segments.findIndex(isPattern);
  return [segments.slice(0, first).join('/') || '/', segments.slice(first).join('/')];
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}

async function readFileAt(path: string, maxBytes: number): Promise<MediaOutcome> {
  try {
    // Before it is opened: to open a pipe is to wait for who writes it.
    const status = await stat(path);
    if (!status.isFile()) return fault('media/unreadable', `${path} is a folder or a device, no file.`);
    if (status.size > maxBytes) return tooLarge(path, maxBytes);
    return found(await readFile(path), path);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ENAMETOOLONG')
      return fault('media/missing', `${path} is not there.`);
    return fault('media/unreadable', `${path} cannot be read (${message}).`);
  }
}
