/** What the two backends have in common: a Drizzle database, and transactions. */
import type { SQL } from 'drizzle-orm';
import type { PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core';

export const BACKENDS = ['pglite', 'postgres'] as const;
export type Backend = (typeof BACKENDS)[number];

export type Query = PgDatabase<PgQueryResultHKT, Record<string, never>>;

/** How the nearest vectors are found: by PostgreSQL's extension, or by comparing with all of them here. */
export type VectorSearch = 'pgvector' | 'exact';

/** An open database, and who owns it. */
export type Connection = {
  readonly backend: Backend;
  /** The folder, or the address without the password. */
  readonly where: string;
  readonly db: Query;
  /** All or nothing; begun again when the database broke it off because of another one. */
  transaction<T>(work: (db: Query) => Promise<T>): Promise<T>;
  close(): Promise<void>;
};

/** What a repository works with: a connection, or the inside of a transaction. */
export type Context = {
  readonly db: Query;
  transaction<T>(work: (db: Query) => Promise<T>): Promise<T>;
  readonly vectorSearch: VectorSearch;
  /** The time, in SQL: the database's own, so that machines whose clocks differ agree on leases. */
  now(): SQL;
};
