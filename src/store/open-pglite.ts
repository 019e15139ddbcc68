/** PGlite: PostgreSQL in this process, its data in a folder. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { vector } from '@electric-sql/pglite-pgvector';
import { drizzle } from 'drizzle-orm/pglite';
import { makeFolder } from '../base/make-folder.ts';
import type { Connection, Query } from './database.ts';
import { storeError } from './errors.ts';
import { lockFolder } from './folder-lock.ts';

/**
 * @param folder - made when it is not there
 * @throws `store/folder-locked`, `store/folder-invalid`
 */
export async function openPglite(folder: string): Promise<Connection> {
  await makeFolder(folder).catch((cause: Error) => {
    throw storeError('store/folder-invalid', `The folder ${folder} cannot be made: ${cause.message}.`, {
      hint: 'Name a folder that you may write to.',
      cause,
    });
  });
  requireOurs(folder);
  const lock = await lockFolder(folder);
  try {
    const client = await PGlite.create({ dataDir: join(folder, 'data'), extensions: { vector } });
    return connectionTo(client, folder, lock.release);
  } catch (cause) {
    await lock.release();
    throw storeError(
      'store/folder-invalid',
      `The database in ${folder} cannot be opened: ${cause instanceof Error ? cause.message : String(cause)}`,
      {
        hint: 'Restore a backup into another folder (attune restore). If a newer version of Attune made it, use that one.',
        cause,
      },
    );
  }
}

/** Whether a store is in the folder. */
export function holdsStore(folder: string): boolean {
  return existsSync(join(folder, 'data', 'PG_VERSION'));
}

function connectionTo(client: PGlite, folder: string, release: () => Promise<void>): Connection {
  return {
    backend: 'pglite',
    where: folder,
    db: drizzle(client) as unknown as Query,
    transaction: (work) =>
      client.transaction((inside) => work(drizzle(inside as unknown as PGlite) as unknown as Query)),
    async close() {
      await client.close();
      await release();
    },
  };
}

/** A folder with files of others is not written into. */
function requireOurs(folder: string): void {
  const others = readdirSync(folder).filter((name) => name !== 'data' && !name.startsWith('lock'));
  if (existsSync(join(folder, 'data')) || others.length === 0) return;
  throw storeError('store/folder-invalid', `The folder ${folder} holds something else: ${others[0]}.`, {
    hint: 'Name an empty folder, or one that a store is in.',
    details: { folder, others: others.slice(0, 10) },
  });
}
