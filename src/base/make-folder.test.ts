import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { makeFolder } from './make-folder.ts';

const scratch = mkdtempSync(join(tmpdir(), 'attune-folder-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

it('makes what is missing, and leaves what is there', async () => {
  await makeFolder(join(scratch, 'a', 'b', 'c'));
  await makeFolder(join(scratch, 'a', 'b', 'c'));
  expect(existsSync(join(scratch, 'a', 'b', 'c'))).toBe(true);
});

it('refuses a path through a file, and a file', async () => {
  writeFileSync(join(scratch, 'file'), '');
  await expect(makeFolder(join(scratch, 'file'))).rejects.toMatchObject({ code: 'ENOTDIR' });
  await expect(makeFolder(join(scratch, 'file', 'x'))).rejects.toMatchObject({ code: 'ENOTDIR' });
});

it.runIf(existsSync('/proc/self'))('ends where the system refuses new folders', async () => {
  await expect(makeFolder('/proc/attune/model')).rejects.toMatchObject({ code: 'ENOENT' });
});
