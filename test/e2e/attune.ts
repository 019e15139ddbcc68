/** Runs the real command line, as it is installed: `dist`, built first where a source file changed. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** Another build to test, e.g. an installed package. */
export const DIST = process.env.ATTUNE_DIST ?? join(ROOT, 'dist');
const MAIN = join(DIST, 'cli', 'main.js');

export type Ran = { readonly code: number | null; readonly stdout: string; readonly stderr: string };

/** `attune ARGUMENTS` in a folder; never throws because of how it ends. */
export async function attune(cwd: string, ...args: readonly string[]): Promise<Ran> {
  const child = start(cwd, args);
  return ended(child);
}

/** Starts `attune ARGUMENTS`; the caller ends it. */
export function start(cwd: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  return spawn(process.execPath, [MAIN, ...args], {
    cwd,
    env: { ...process.env, NO_COLOR: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

export async function ended(child: ChildProcess): Promise<Ran> {
  let [stdout, stderr] = ['', ''];
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  return { code, stdout, stderr };
}

/** Builds once for all test files, and gives each its own folder. */
export function workspace(name: string): { readonly folder: () => string } {
  let folder = '';
  beforeAll(() => {
    if (process.env.ATTUNE_DIST === undefined) build();
    folder = mkdtempSync(join(tmpdir(), `attune-${name}-`));
  }, 600_000);
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  return { folder: () => folder };
}

const LOCK_STALE_MS = 10 * 60_000;

/** One test file builds; the others wait for it. */
function build(): void {
  const lock = join(ROOT, 'node_modules', '.attune-build-lock');
  for (;;) {
    try {
      mkdirSync(lock);
      break;
    } catch {
      const since = statSync(lock, { throwIfNoEntry: false })?.mtimeMs;
      if (since !== undefined && Date.now() - since > LOCK_STALE_MS)
        rmSync(lock, { recursive: true, force: true });
      else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
    }
  }
  try {
    const { status } = spawnSync(process.execPath, [join(ROOT, 'scripts/build.mjs')], {
      cwd: ROOT,
      stdio: ['ignore', 2, 2],
    });
    if (status !== 0) throw new Error('The build failed.');
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
}
