/** Trainings and other long work: what was asked, how far it is, what came of it. */
import { and, desc, eq, type SQL, sql } from 'drizzle-orm';
import type { Context } from './database.ts';
import { storeError } from './errors.ts';
import { type RunState, runs } from './tables.ts';

export type Run = typeof runs.$inferSelect;

type Facts = Readonly<Record<string, unknown>>;

export type Runs = ReturnType<typeof runsIn>;

export function runsIn({ db, now }: Context) {
  return {
    /**
     * @param kind - what it does: `train`, `retrain`, `tune`, `predict`
     * @throws `store/bad-value` when there is one under this id
     */
    async start({ id, kind, config }: { id: string; kind: string; config: Facts }): Promise<Run> {
      const [made] = await db
        .insert(runs)
        .values({ id, kind, config, state: 'running', progress: {}, figures: {}, started: now() })
        .returning();
      return made!;
    },

    /** How far it is; nothing once it has ended. */
    async setProgress(id: string, progress: Facts): Promise<void> {
      await db
        .update(runs)
        .set({ progress })
        .where(and(eq(runs.id, id), eq(runs.state, 'running')));
    },

    /**
     * It ended: well, with what it made; or not, with the reason as `message`.
     * @throws `store/not-found` when it is not running
     */
    async end(
      id: string,
      {
        state,
        figures = {},
        ...rest
      }: {
        state: Exclude<RunState, 'running'>;
        figures?: Facts;
        model?: string;
        version?: string;
        message?: string;
      },
    ): Promise<Run> {
      const [found] = await db
        .update(runs)
        .set({ state, figures, ended: now(), ...rest })
        .where(and(eq(runs.id, id), eq(runs.state, 'running')))
        .returning();
      if (found !== undefined) return found;
      throw storeError('store/not-found', `There is no run ${id} under way.`, { details: { id } });
    },

    async get(id: string): Promise<Run | undefined> {
      const [found] = await db.select().from(runs).where(eq(runs.id, id));
      return found;
    },

    /** Latest first, a page at a time. @param before - the last one of the page before */
    async list({
      kind,
      state,
      before,
      limit = 50,
    }: {
      kind?: string;
      state?: RunState;
      before?: Pick<Run, 'id' | 'started'>;
      limit?: number;
    } = {}): Promise<readonly Run[]> {
      const conditions: (SQL | undefined)[] = [];
      if (kind !== undefined) conditions.push(eq(runs.kind, kind));
      if (state !== undefined) conditions.push(eq(runs.state, state));
      if (before !== undefined)
        conditions.push(
          sql`(${runs.started}, ${runs.id}) < (${before.started.toISOString()}::timestamptz, ${before.id})`,
        );
      return db
        .select()
        .from(runs)
        .where(and(...conditions))
        .orderBy(desc(runs.started), desc(runs.id))
        .limit(limit);
    },
  };
}
