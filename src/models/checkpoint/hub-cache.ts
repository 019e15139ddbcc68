import { copyFile, mkdir, rm, stat, symlink } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { readIfThere, readJsonIfThere, writeWhole } from './files.ts';

/**
 * The layout of the Hugging Face cache, shared with the Python libraries:
 * `models--ORG--NAME/{blobs/ETAG, refs/REVISION, snapshots/COMMIT/PATH}`, each path a link to its blob.
 */
export type CachedModel = { readonly folder: string };

export function cachedModel(cache: string, name: string): CachedModel {
  return { folder: join(cache, `models--${name.replaceAll('/', '--')}`) };
}

export const snapshotFolder = ({ folder }: CachedModel, commit: string) => join(folder, 'snapshots', commit);
export const blobPath = ({ folder }: CachedModel, etag: string) => join(folder, 'blobs', etag);

/** The commit that a branch or tag pointed to when it was last downloaded; a commit is itself. */
export async function cachedCommit({ folder }: CachedModel, revision: string): Promise<string | undefined> {
  if (/^[0-9a-f]{40}$/.test(revision)) return revision;
  const commit = (await readIfThere(join(folder, 'refs', revision)))?.toString('utf8').trim();
  return commit !== undefined && /^[0-9a-f]{40}$/.test(commit) ? commit : undefined;
}

export async function rememberCommit(
  { folder }: CachedModel,
  revision: string,
  commit: string,
): Promise<void> {
  if (revision === commit) return;
  const path = join(folder, 'refs', revision);
  await mkdir(dirname(path), { recursive: true });
  await writeWhole(path, (handle) => handle.writeFile(commit));
}

/** Makes `snapshots/COMMIT/PATH` a link to a blob, or a copy where links cannot be made. */
export async function linkFile(
  model: CachedModel,
  commit: string,
  path: string,
  blob: string,
): Promise<void> {
  const link = join(snapshotFolder(model, commit), path);
  await mkdir(dirname(link), { recursive: true });
  await rm(link, { force: true });
  try {
    await symlink(relative(dirname(link), blob), link);
  } catch {
    await copyFile(blob, link);
  }
}

/** What an encoder reads: texts need a tokenizer beside their weights, pictures and sounds a preprocessor. */
export type Reads = 'text' | 'image' | 'audio';
export const PREPROCESSOR = 'preprocessor_config.json';

/** What a folder lacks to be a checkpoint, as file names; none when it is complete. */
export async function missingFiles(folder: string, reads: Reads): Promise<readonly string[]> {
  const there = (name: string) => exists(join(folder, name));
  const missing: string[] = [];
  if (!(await there('config.json'))) missing.push('config.json');
  const tokenizer =
    (await there('tokenizer.json')) ||
    (await there('vocab.txt')) ||
    ((await there('vocab.json')) && (await there('merges.txt')));
  if (reads === 'text' && !tokenizer) missing.push('tokenizer.json');
  if (reads !== 'text' && !(await there(PREPROCESSOR))) missing.push(PREPROCESSOR);
  if (await there('model.safetensors')) return missing;
  const index = await readJsonIfThere(join(folder, 'model.safetensors.index.json'));
  if (index === undefined) return [...missing, 'model.safetensors'];
  const map =
    typeof index.weight_map === 'object' && index.weight_map !== null ? Object.values(index.weight_map) : [];
  for (const shard of new Set(map)) {
    if (typeof shard === 'string' && !(await there(shard))) missing.push(shard);
  }
  return missing;
}

export async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
