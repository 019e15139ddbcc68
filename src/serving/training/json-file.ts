/** Small records on disk, each a file of JSON that is there whole or as it was before. */
import { readFile, rename, rm, writeFile } from 'node:fs/promises';

export async function writeJson(path: string, value: unknown): Promise<void> {
  const aside = `${path}.new`;
  try {
    await writeFile(aside, JSON.stringify(value, null, 2));
    await rename(aside, path);
  } catch (error) {
    await rm(aside, { force: true }).catch(() => {});
    throw error;
  }
}

/** Undefined where it is not there, or is no JSON. */
export async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch {
    return undefined;
  }
}
