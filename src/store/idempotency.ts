/** Answers to requests that clients may send twice (`Idempotency-Key`). */
import { and, eq, type SQL, sql } from 'drizzle-orm';
import type { Context } from './database.ts';
import { isOver, rows } from './sql.ts';
import { idempotency } from './tables.ts';

/**
 * `new`: do it, then `finish` or `forget`. `running`: another request with the key is under way. `answered`: it was done, and this
 * was the answer. `mismatch`: the key was used for another request.
 */
export type Begun =
  | { readonly state: 'new' }
  | { readonly state: 'running' }
  | { readonly state: 'answered'; readonly answer: unknown }
  | { readonly state: 'mismatch' };

export type Idempotency = ReturnType<typeof idempotencyIn>;

export function idempotencyIn({ db, now }: Context) {
  const isKey = (key: string, route: string) => and(eq(idempotency.key, key), eq(idempotency.route, route));
  return {
    /**
     * @param key - as the client sent it; where there are several clients, with the client's own id in front
     * @param requestHash - of all that the answer depends on
     * @param seconds - after which a request that never finished may be made again
     */
    async begin(key: string, route: string, requestHash: string, seconds = 60): Promise<Begun> {
      const expires = sql`${now()} + make_interval(secs => ${seconds}::double precision)`;
      const made = await rows(
        db,
        sql`INSERT INTO attune.idempotency AS i (key, route, request_hash, answer, expires)
          VALUES (${key}, ${route}, ${requestHash}, NULL, ${expires})
          ON CONFLICT (key, route) DO UPDATE
            SET request_hash = excluded.request_hash, answer = NULL, expires = excluded.expires
            WHERE i.expires <= ${now()} OR (i.answer IS NULL AND ${isOver(sql`i.expires`, now())})
          RETURNING 1`,
      );
      if (made.length > 0) return { state: 'new' };
      const [found] = await db.select().from(idempotency).where(isKey(key, route));
      // It was forgotten between the two queries: whoever had it is done, and failed.
      if (found === undefined) return { state: 'running' };
      if (found.requestHash !== requestHash) return { state: 'mismatch' };
      return found.answer === null ? { state: 'running' } : { state: 'answered', answer: found.answer };
    },

    /** Keeps the answer, as JSON. @param seconds - for how long */
    async finish(key: string, route: string, answer: unknown, seconds = 86_400): Promise<void> {
      await db
        .update(idempotency)
        .set({ answer, expires: sql`${now()} + make_interval(secs => ${seconds}::double precision)` })
        .where(isKey(key, route));
    },

    /** The request failed: it may be made again at once. */
    async forget(key: string, route: string): Promise<void> {
      await db.delete(idempotency).where(isKey(key, route));
    },

    /** Deletes answers that are kept no longer. @param most - so many at once @returns how many */
    async removeExpired(most: number): Promise<number> {
      return (await rows(db, expired(now(), most))).length;
    },
  };
}

/**
 * Deletes at most so many. What is begun anew meanwhile is expired no longer, and stays; so does for a day a request that has not
 * finished, which may still be under way.
 */
export function expired(now: SQL, most: number): SQL {
  const over = sql`expires < ${now} AND (answer IS NOT NULL OR expires < ${now} - interval '1 day')`;
  return sql`DELETE FROM attune.idempotency WHERE ${over} AND (key, route) IN
    (SELECT key, route FROM attune.idempotency WHERE ${over} LIMIT ${most}) RETURNING 1`;
}
