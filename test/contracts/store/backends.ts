/**
 * Stores to test against: one in a folder, one in a database of its own on the PostgreSQL of this machine, where one answers.
 *
 * ATTUNE_TEST_POSTGRES is the address of a database whose user may make others; without it, the usual port of this machine is tried.
 */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore, type Store } from '../../../src/store/store.ts';
import { queryOn } from './query-on.ts';

export type OpenedStore = {
  readonly store: Store;
  /** What another store on the same data is opened with. */
  readonly address: { readonly url: string } | { readonly folder: string };
  remove(): Promise<void>;
};

type Backend = {
  readonly name: string;
  /** Why there is none here. */
  readonly skipped: string | undefined;
  open(clock?: () => Date): Promise<OpenedStore>;
};

const POSTGRES = process.env.ATTUNE_TEST_POSTGRES ?? 'postgres://postgres@127.0.0.1:5432/postgres';

/** Runs a statement as the user of that address. */
const administer = (statement: string) => queryOn(POSTGRES, statement);

const reason = await whyNoPostgres();

export const BACKENDS: readonly Backend[] = [
  { name: 'PGlite', skipped: undefined, open: openFolder },
  { name: 'PostgreSQL', skipped: reason, open: openDatabase },
];

async function openFolder(clock?: () => Date): Promise<OpenedStore> {
  const folder = await mkdtemp(join(tmpdir(), 'attune-store-'));
  const store = await openStore({ folder, ...(clock === undefined ? {} : { clock }) });
  return {
    store,
    address: { folder },
    async remove() {
      await store.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function openDatabase(clock?: () => Date): Promise<OpenedStore> {
  const { url, remove } = await makeDatabase();
  const store = await openStore({ url, ...(clock === undefined ? {} : { clock }) });
  return {
    store,
    address: { url },
    async remove() {
      await store.close();
      await remove();
    },
  };
}

/** An empty database of the test's own. */
export async function makeDatabase(): Promise<{ url: string; remove(): Promise<void> }> {
  const name = `attune_test_${randomUUID().replaceAll('-', '').slice(0, 16)}`;
  await administer(`CREATE DATABASE ${name}`);
  const url = new URL(POSTGRES);
  url.pathname = `/${name}`;
  return { url: url.href, remove: async () => void (await administer(`DROP DATABASE ${name} WITH (FORCE)`)) };
}

async function whyNoPostgres(): Promise<string | undefined> {
  try {
    await administer('SELECT 1');
    return undefined;
  } catch (error) {
    return `no PostgreSQL answers at ${POSTGRES.replace(/:[^:@/]*@/, ':...@')} (${error instanceof Error ? error.message : error}); ATTUNE_TEST_POSTGRES names another`;
  }
}
