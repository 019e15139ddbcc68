/** PostgreSQL through a pool of connections. */
import { drizzle } from 'drizzle-orm/node-postgres';
import pg from 'pg';
import type { Connection, Query } from './database.ts';
import { mayBeRetried } from './database-error.ts';
import { storeError } from './errors.ts';

const TRIES = 5;

/**
 * Connects at the first query. Connections that break are replaced by new ones.
 * @param url - `postgres://user:password@host:port/database`
 * @param most - connections at once
 * @throws `store/address-invalid`
 */
export function openPostgres(url: string, most: number): Connection {
  const where = withoutPassword(url);
  const pool = new pg.Pool({
    connectionString: url,
    max: most,
    connectionTimeoutMillis: 5000,
    keepAlive: true,
    application_name: 'attune',
  });
  // A connection that breaks while nobody uses it; without a listener it would end the process. The next query gets another.
  pool.on('error', () => {});
  return {
    backend: 'postgres',
    where,
    db: drizzle(pool) as unknown as Query,
    async transaction(work) {
      for (let tries = 1; ; tries++) {
        try {
          return await once(pool, work);
        } catch (error) {
          if (tries === TRIES || !mayBeRetried(error)) throw error;
        }
      }
    },
    close: () => pool.end(),
  };
}

/** Drizzle's own keeps a connection whose BEGIN failed, so that the pool runs dry when a database comes and goes. */
async function once<T>(pool: pg.Pool, work: (db: Query) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  // One that breaks between two queries says so here; the next query fails and says why.
  client.on('error', ignore);
  let broken: Error | undefined;
  try {
    await client.query('BEGIN');
    const result = await work(drizzle(client) as unknown as Query);
    await client.query('COMMIT');
    return result;
  } catch (error) {
    await client.query('ROLLBACK').catch((failed: Error) => {
      broken = failed;
    });
    throw error;
  } finally {
    client.off('error', ignore);
    client.release(broken);
  }
}

function ignore(): void {}

function withoutPassword(url: string): string {
  try {
    const parsed = new URL(url);
    if (parsed.password !== '') parsed.password = '...';
    parsed.searchParams.delete('password');
    return parsed.href;
  } catch (cause) {
    throw storeError('store/address-invalid', 'The address of the database cannot be read.', {
      hint: 'It looks like postgres://user:password@host:5432/database; a password with special characters is percent-encoded.',
      cause,
    });
  }
}
