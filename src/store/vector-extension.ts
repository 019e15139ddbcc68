import { sql } from 'drizzle-orm';
import type { Connection, VectorSearch } from './database.ts';
import { rows } from './sql.ts';

/** Whether the database has pgvector; where it has it at hand and lets this user switch it on, it is switched on. */
export async function vectorSearchOf({ db }: Pick<Connection, 'db'>): Promise<VectorSearch> {
  const [found] = await rows<{ on: boolean; there: boolean }>(
    db,
    sql`SELECT EXISTS (SELECT 1 FROM pg_extension WHERE extname = 'vector') AS on,
      EXISTS (SELECT 1 FROM pg_available_extensions WHERE name = 'vector') AS there`,
  );
  if (found!.on) return 'pgvector';
  if (!found!.there) return 'exact';
  try {
    await db.execute(sql`CREATE EXTENSION IF NOT EXISTS vector`);
    return 'pgvector';
  } catch {
    return 'exact';
  }
}
