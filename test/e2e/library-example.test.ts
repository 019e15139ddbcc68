/** The examples of the library run as they stand in their folders, and their own checks pass. */
import { spawn } from 'node:child_process';
import { cpSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { DIST, ended, workspace } from './attune.ts';

workspace('library');

async function example(name: string) {
  const own = fileURLToPath(new URL(`../../examples/${name}`, import.meta.url));
  // It imports `attune`, the package that it stands in.
  const place = join(dirname(DIST), 'examples', name);
  if (place !== own) {
    mkdirSync(place, { recursive: true });
    cpSync(own, place, { recursive: true });
  }
  const ran = await ended(
    spawn(process.execPath, [join(place, 'main.mjs')], { stdio: ['ignore', 'pipe', 'pipe'] }),
  );
  expect(ran.stderr).toBe('');
  expect(ran.code).toBe(0);
  return ran.stdout;
}

it('examples/library trains, predicts and is right', async () => {
  const said = await example('library');
  expect(said).toContain('color = Red');
  expect(said).toMatch(/50 rows predicted/);
  const f1 = /F1 on later products: ([\d.]+)/.exec(said)?.[1];
  expect(Number(f1)).toBeGreaterThan(80);
});

it('examples/season alerts, learns what people said, recovers and goes back', async () => {
  const said = await example('season');
  expect(said).toMatch(/alert: drift of title words/);
  expect(said).toMatch(/promoted: It is better by/);
  expect(said).toContain('rolled back');
});
