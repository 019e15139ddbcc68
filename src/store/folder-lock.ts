/**
 * One process at a time in a folder: that of an embedded database, which has no lock of its own and is damaged by two, or a workspace.
 *
 * The file `lock` says who: process, machine, when it last said that it lives. It is made so that only one can make it. A lock whose
 * process is gone from this machine is taken over; of another machine (a shared disk) it is, once its heartbeat is old.
 */
import { randomUUID } from 'node:crypto';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { isAlive, markOf, type ProcessMark } from '../base/process-life.ts';
import { storeError } from './errors.ts';

const BEAT_MS = 10_000;
/** After this long without a heartbeat, an owner on another machine is taken for dead. */
const DEAD_MS = 90_000;

type Owner = ProcessMark & {
  readonly token: string;
  readonly host: string;
  /** ISO time of the last heartbeat. */
  readonly beat: string;
};

export type FolderLock = { release(): Promise<void> };

/** What is locked, as a message says it, and what to do where somebody else has it. */
export type Locked = { readonly what: string; readonly hint: string };

const STORE: Locked = {
  what: 'store',
  hint: 'One process at a time can use an embedded store. Stop the other one, or use PostgreSQL (DATABASE_URL) for several.',
};

/** @throws `store/folder-locked` */
export async function lockFolder(folder: string, locking: Locked = STORE): Promise<FolderLock> {
  const path = join(folder, 'lock');
  const own: Owner = {
    token: randomUUID(),
    ...(await markOf(process.pid)),
    host: hostname(),
    beat: new Date().toISOString(),
  };
  for (let tries = 0; !(await make(path, own)); tries++) {
    const owner = await read(path);
    if (owner !== undefined && (tries === 3 || (await lives(owner)))) throw locked(folder, owner, locking);
    if (owner !== undefined || tries === 3) await takeAway(path, owner);
  }
  let beating = Promise.resolve();
  const timer = setInterval(() => {
    beating = beating.then(() => beat(path, own));
  }, BEAT_MS);
  timer.unref();
  return {
    async release() {
      clearInterval(timer);
      // A beat under way would put the lock back after it was removed.
      await beating;
      if ((await read(path))?.token === own.token) await rm(path, { force: true });
    },
  };
}

/** A file that is there whole, or not at all: written aside, then linked to its name, which fails where the name is taken. */
async function make(path: string, owner: Owner): Promise<boolean> {
  const aside = `${path}.${owner.token}`;
  await writeFile(aside, JSON.stringify(owner));
  try {
    await link(aside, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(aside, { force: true });
  }
}

/** Undefined when it is not there, or is no lock of ours. */
async function read(path: string): Promise<Owner | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Owner;
  } catch {
    return undefined;
  }
}

/** Of several that take a dead owner's lock away, one renames the file that it read; what another made meanwhile goes back. */
async function takeAway(path: string, dead: Owner | undefined): Promise<void> {
  const aside = `${path}.${randomUUID()}`;
  try {
    await rename(path, aside);
  } catch {
    return;
  }
  const taken = await read(aside);
  if (taken !== undefined && taken.token !== dead?.token) await link(aside, path).catch(() => {});
  await rm(aside, { force: true });
}

async function beat(path: string, own: Owner): Promise<void> {
  if ((await read(path))?.token !== own.token) return;
  const aside = `${path}.${own.token}`;
  try {
    await writeFile(aside, JSON.stringify({ ...own, beat: new Date().toISOString() }));
    await rename(aside, path);
  } catch {
    // A full disk, say: the lock stays as it was, which on this machine is as good.
    await rm(aside, { force: true }).catch(() => {});
  }
}

async function lives({ pid, host, begun, beat }: Owner): Promise<boolean> {
  if (host !== hostname()) return Date.now() - Date.parse(beat) < DEAD_MS;
  return isAlive({ pid, begun });
}

function locked(folder: string, { pid, host, beat }: Owner, { what, hint }: Locked) {
  const where = host === hostname() ? `process ${pid}` : `process ${pid} of ${host}`;
  return storeError('store/folder-locked', `The ${what} in ${folder} is in use by ${where}.`, {
    hint,
    details: { folder, pid, host, beat },
  });
}
