/** The example of the library runs as it stands in the folder, and its own check passes. */
import { spawn } from 'node:child_process';
import { cpSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { DIST, ended, workspace } from './attune.ts';

workspace('library');

it('examples/library trains, predicts and is right', async () => {
  const own = fileURLToPath(new URL('../../examples/library', import.meta.url));
  // It imports `attune`, the package that it stands in.
  const place = join(dirname(DIST), 'examples', 'library');
  if (place !== own) {
    mkdirSync(place, { recursive: true });
    cpSync(own, place, { recursive: true });
  }
  const ran = await ended(
    spawn(process.execPath, [join(place, 'main.mjs')], { stdio: ['ignore', 'pipe', 'pipe'] }),
  );
  expect(ran.stderr).toBe('');
  expect(ran.code).toBe(0);
  expect(ran.stdout).toContain('color = Red');
  expect(ran.stdout).toMatch(/50 rows predicted/);
  const f1 = /F1 on later products: ([\d.]+)/.exec(ran.stdout)?.[1];
  expect(Number(f1)).toBeGreaterThan(80);
});
