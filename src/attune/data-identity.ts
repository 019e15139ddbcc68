/**
 * Tells what a training reads, and how it is set, apart from all else: by what is in the files that the config names, not by when they
 * were written. Pictures and sounds count by the names that the catalog gives them.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { namedFiles } from '../catalog/source-files.ts';
import type { AttuneConfig } from './config.ts';

/** SHA-256. @throws catalog/file-missing */
export async function dataIdentity(config: AttuneConfig): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify(config));
  for (const file of await namedFiles(namesIn(config))) {
    const content = createHash('sha256');
    await pipeline(createReadStream(file), content);
    hash.update(content.digest());
  }
  return hash.digest('hex');
}

function namesIn({ data, inputs }: AttuneConfig): readonly string[] {
  const beside = Object.values(inputs).flatMap((input) => {
    if (input.kind === 'behaviour') return [input.events, input.shoppers ?? []].flat();
    return input.kind === 'text' && input.path !== undefined ? [input.path] : [];
  });
  const { dev = [], test = [] } = data.split.files ?? {};
  return [data.path ?? [], data.attributesPath ?? [], dev, test, beside].flat();
}
