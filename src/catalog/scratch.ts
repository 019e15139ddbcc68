/**
 * A folder for what spills. Removed when its owner closes it, when the process ends, and, after a crash or `kill -9`,
 * by a later run.
 */
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AttuneError } from '../base/errors.ts';
import type { CatalogErrorCode } from './errors.ts';

const PREFIX = 'attune-scratch-';
const DAY_MS = 86_400_000;
const live = new Set<string>();
let listening = false;

/**
 * @param parent - the system's temporary folder when undefined
 * @throws `catalog/output-unwritable` when no folder can be made there
 */
export async function createScratch(parent: string = tmpdir()): Promise<string> {
  let folder: string;
  try {
    await mkdir(parent, { recursive: true });
    sweep(parent);
    folder = mkdtempSync(join(parent, `${PREFIX}${process.pid}-`));
  } catch (cause) {
    throw new AttuneError<CatalogErrorCode>(
      'catalog/output-unwritable',
      `No scratch folder can be made in ${parent}: ${cause instanceof Error ? cause.message : String(cause)}`,
      { hint: 'Name a folder that you may write to as the scratch folder.', details: { parent }, cause },
    );
  }
  live.add(folder);
  if (!listening) {
    listening = true;
    process.on('exit', () => live.forEach(removeScratch));
  }
  return folder;
}

export function removeScratch(folder: string): void {
  live.delete(folder);
  rmSync(folder, { recursive: true, force: true });
}

/** Removes what dead processes left more than a day ago. */
function sweep(parent: string): void {
  for (const name of readdirSync(parent)) {
    const pid = new RegExp(`^${PREFIX}(\\d+)-`).exec(name)?.[1];
    if (pid === undefined || isAlive(Number(pid))) continue;
    const folder = join(parent, name);
    try {
      if (Date.now() - statSync(folder).mtimeMs > DAY_MS) rmSync(folder, { recursive: true, force: true });
    } catch {
      // Somebody else's, or swept by another run in the same moment.
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (cause) {
    return (cause as { code?: string }).code !== 'ESRCH';
  }
}
