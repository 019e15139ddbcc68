/** Small records on disk, each a file of JSON that is there whole or as it was before. */
import { open, readFile, rename, rm } from 'node:fs/promises';

export async function writeJson(path: string, value: unknown): Promise<void> {
  const aside = `${path}.new`;
  try {
    const file = await open(aside, 'w');
    try {
      await file.writeFile(JSON.stringify(value, null, 2));
      // Before it takes the name: a file that is there is whole also when the power fails.
      await file.datasync();
    } finally {
      await file.close();
    }
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
