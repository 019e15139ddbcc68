/** Tells what a training reads, and how it is set, apart from all else: by what is in the files, not by when they were written. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { namedFiles } from '../catalog/source-files.ts';
import type { AttuneConfig } from './config.ts';

/** SHA-256. @throws catalog/file-missing */
export async function dataIdentity(config: AttuneConfig): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify(config));
  for (const file of await namedFiles([config.data.path ?? []].flat())) {
    const content = createHash('sha256');
    await pipeline(createReadStream(file), content);
    hash.update(content.digest());
  }
  return hash.digest('hex');
}
