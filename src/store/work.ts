/** Work that many processes share: parts of a data set, each done by one of them. */
import { and, asc, eq, gt, inArray, type SQL, sql } from 'drizzle-orm';
import type { Context } from './database.ts';
import { storeError } from './errors.ts';
import { given, isOver, pieces, rows } from './sql.ts';
import { type PartState, workParts } from './tables.ts';

export type WorkPart = typeof workParts.$inferSelect;

type Facts = Readonly<Record<string, unknown>>;

export type Work = ReturnType<typeof workIn>;

const PIECE = 5000;

export function workIn({ db, now }: Context) {
  const isPart = (dataset: string, part: number) =>
    and(eq(workParts.dataset, dataset), eq(workParts.part, part));
  const held = (dataset: string, part: number, holder: string) =>
    and(isPart(dataset, part), eq(workParts.state, 'taken'), eq(workParts.holder, holder));
  const inSeconds = (seconds: number) => sql`${now()} + make_interval(secs => ${seconds}::double precision)`;

  return {
    /**
     * Makes the parts of a data set, numbered from `first`; those that are there stay as they are.
     * @returns how many were new
     */
    async plan(dataset: string, tasks: readonly Facts[], first = 0): Promise<number> {
      let made = 0;
      const parts = tasks.map((task, at) => ({ part: first + at, task }));
      for (const piece of pieces(parts, PIECE)) {
        const found = await rows(
          db,
          sql`INSERT INTO attune.work_parts (dataset, part, state, task, attempts)
            SELECT ${dataset}, part, 'waiting', task, 0 FROM ${given(piece, 'part integer, task jsonb')}
            ON CONFLICT DO NOTHING RETURNING 1`,
        );
        made += found.length;
      }
      return made;
    },

    /**
     * Leases the next part to a process: one that waits, or whose holder has not been heard of for too long. No two get the same.
     * @param dataset - of which; any when left out
     * @param within - of those whose name begins so
     * @param attempts - after how many a part is no longer given out, but failed
     */
    async take(
      holder: string,
      {
        dataset,
        within,
        seconds = 300,
        attempts = 5,
      }: { dataset?: string; within?: string; seconds?: number; attempts?: number } = {},
    ): Promise<WorkPart | undefined> {
      const named = dataset === undefined ? sql`true` : sql`dataset = ${dataset}`;
      const of = within === undefined ? named : sql`${named} AND starts_with(dataset, ${within})`;
      const lost = sql`state = 'taken' AND ${isOver(sql`until`, now())}`;
      await db.execute(sql`UPDATE attune.work_parts SET state = 'failed', holder = NULL, until = NULL,
          message = 'Every process that had it ended before it was done.'
        WHERE ${of} AND ${lost} AND attempts >= ${attempts}`);
      const [taken] = await rows<{ dataset: string; part: number }>(
        db,
        sql`UPDATE attune.work_parts SET state = 'taken', holder = ${holder}, until = ${inSeconds(seconds)},
            attempts = attempts + 1
          WHERE (dataset, part) = (SELECT dataset, part FROM attune.work_parts
            WHERE ${of} AND (state = 'waiting' OR (${lost}))
            ORDER BY dataset, part LIMIT 1 FOR UPDATE SKIP LOCKED)
          RETURNING dataset, part`,
      );
      if (taken === undefined) return undefined;
      const [part] = await db.select().from(workParts).where(isPart(taken.dataset, taken.part));
      return part;
    },

    /** Keeps the lease. @returns false when it is lost, and another has the part: stop working on it */
    async renew(dataset: string, part: number, holder: string, seconds = 300): Promise<boolean> {
      const kept = await db
        .update(workParts)
        .set({ until: inSeconds(seconds) })
        .where(held(dataset, part, holder))
        .returning({ part: workParts.part });
      return kept.length > 0;
    },

    /** @throws `store/conflict` when the lease was lost and another has, or did, the part: its result counts */
    async finish(dataset: string, part: number, holder: string, result: Facts): Promise<void> {
      const done = await db
        .update(workParts)
        .set({ state: 'done', result, holder: null, until: null, message: null })
        .where(held(dataset, part, holder))
        .returning({ part: workParts.part });
      if (done.length > 0) return;
      throw storeError('store/conflict', `Part ${part} of ${dataset} is no longer ${holder}'s.`, {
        hint: 'Throw the result away: another process has the part.',
        details: { dataset, part, holder },
      });
    },

    /**
     * It could not be done: it waits again, or is failed after too many attempts.
     * @returns what it is now; undefined when it was no longer the holder's
     */
    async fail(
      dataset: string,
      part: number,
      holder: string,
      message: string,
      attempts = 5,
    ): Promise<PartState | undefined> {
      const [found] = await db
        .update(workParts)
        .set({
          state: sql`CASE WHEN ${workParts.attempts} >= ${attempts} THEN 'failed' ELSE 'waiting' END`,
          holder: null,
          until: null,
          message,
        })
        .where(held(dataset, part, holder))
        .returning({ state: workParts.state });
      return found?.state;
    },

    /** In order, a page at a time. @param after - number of the last one of the page before */
    async parts(
      dataset: string,
      { states, after, limit = 1000 }: { states?: readonly PartState[]; after?: number; limit?: number } = {},
    ): Promise<readonly WorkPart[]> {
      const conditions: (SQL | undefined)[] = [eq(workParts.dataset, dataset)];
      if (states !== undefined) conditions.push(inArray(workParts.state, [...states]));
      if (after !== undefined) conditions.push(gt(workParts.part, after));
      return db
        .select()
        .from(workParts)
        .where(and(...conditions))
        .orderBy(asc(workParts.part))
        .limit(limit);
    },

    /** How many parts are in which state. */
    async progress(dataset: string): Promise<Readonly<Record<PartState, number>>> {
      const found = await db
        .select({ state: workParts.state, parts: sql<number>`count(*)::integer` })
        .from(workParts)
        .where(eq(workParts.dataset, dataset))
        .groupBy(workParts.state);
      const counts = { waiting: 0, taken: 0, done: 0, failed: 0 };
      for (const { state, parts } of found) counts[state] = parts;
      return counts;
    },

    /** Takes parts away whose result was read. */
    async drop(dataset: string, parts: readonly number[]): Promise<void> {
      if (parts.length === 0) return;
      await db
        .delete(workParts)
        .where(and(eq(workParts.dataset, dataset), inArray(workParts.part, [...parts])));
    },

    async remove(dataset: string): Promise<void> {
      await db.delete(workParts).where(eq(workParts.dataset, dataset));
    },
  };
}
