/** Which products a bundle was trained on, by what they say (`contentKey`). */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { REFERENCE_FILE, readReference } from '../monitoring/reference.ts';
import { KnownIds } from '../monitoring/summary/known-ids.ts';

/** None where the bundle does not say. @throws monitoring/reference-invalid */
export async function trainedOn(bundle: string): Promise<KnownIds> {
  const path = join(bundle, REFERENCE_FILE);
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return undefined;
    throw cause;
  });
  return text === undefined ? KnownIds.sized(0) : readReference(text, path).trainedOn;
}
