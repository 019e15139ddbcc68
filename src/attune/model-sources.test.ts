import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { sourcesIn } from './model-sources.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'attune-models-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

it('finds the models of a folder, the newest version first, whatever else lies there', async () => {
  for (const version of ['2', '10', 'half']) mkdirSync(join(folder, 'shop', version), { recursive: true });
  for (const version of ['2', '10']) writeFileSync(join(folder, 'shop', version, 'attune.json'), '{}');
  writeFileSync(join(folder, 'README.md'), '');
  symlinkSync(join(folder, 'README.md'), join(folder, 'link-to-a-file'));
  symlinkSync(join(folder, 'nowhere'), join(folder, 'link-to-nothing'));
  symlinkSync(join(folder, 'shop'), join(folder, 'same'));
  expect((await sourcesIn(folder)).map(({ name, version }) => `${name}@${version}`)).toEqual([
    'same@10',
    'same@2',
    'shop@10',
    'shop@2',
  ]);
});

it('says that the folder is not there', async () => {
  await expect(sourcesIn(join(folder, 'none'))).rejects.toMatchObject({
    code: 'prediction/bundle-missing',
    message: expect.stringContaining('none cannot be read'),
  });
});
