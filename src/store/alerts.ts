/** What a monitor noticed, and what came of it. */
import { and, asc, desc, eq, inArray, lt, type SQL, sql } from 'drizzle-orm';
import type { Context } from './database.ts';
import { storeError } from './errors.ts';
import { alerts, type Severity } from './tables.ts';
import type { AlertState } from './vocabulary.ts';

export type Alert = typeof alerts.$inferSelect;

export type AlertWrite = {
  /** Which monitor, e.g. `drift/title` or `accuracy/color`. */
  readonly monitor: string;
  readonly severity: Severity;
  readonly title: string;
  /** The figures behind it. */
  readonly details?: Readonly<Record<string, unknown>>;
  /** When it was noticed; now when left out. */
  readonly at?: Date;
};

export type Alerts = ReturnType<typeof alertsIn>;

export function alertsIn({ db, now }: Context) {
  return {
    async add({ details = {}, at, ...alert }: AlertWrite): Promise<Alert> {
      const [made] = await db
        .insert(alerts)
        .values({ ...alert, details, at: at ?? now(), state: 'open', changed: now() })
        .returning();
      return made!;
    },

    /** The last one of a monitor: says whether it has cooled down. */
    async last(monitor: string): Promise<Alert | undefined> {
      const [found] = await db
        .select()
        .from(alerts)
        .where(eq(alerts.monitor, monitor))
        .orderBy(desc(alerts.id))
        .limit(1);
      return found;
    },

    /**
     * Of each monitor and rule of one version of a model the last that everybody heard of (`model`, `version`, `rule` and `delivered` of its
     * details), at or after a time; in order of time.
     */
    async heard({
      model,
      version,
      since,
    }: {
      model: string;
      version: string;
      since: Date;
    }): Promise<readonly Alert[]> {
      const rule = sql`${alerts.details}->>'rule'`;
      const found = await db
        .selectDistinctOn([alerts.monitor, rule])
        .from(alerts)
        .where(
          and(
            sql`${alerts.details}->>'model' = ${model}`,
            sql`${alerts.details}->>'version' = ${version}`,
            sql`${alerts.details}->>'delivered' = 'true'`,
            sql`${alerts.at} >= ${since.toISOString()}::timestamptz`,
          ),
        )
        .orderBy(asc(alerts.monitor), rule, desc(alerts.at), desc(alerts.id));
      return found.sort((a, b) => a.at.getTime() - b.at.getTime() || a.id - b.id);
    },

    /** Latest first, a page at a time. @param before - `id` of the last one of the page before */
    async list({
      states,
      before,
      limit = 100,
    }: {
      states?: readonly AlertState[];
      before?: number;
      limit?: number;
    } = {}): Promise<readonly Alert[]> {
      const conditions: (SQL | undefined)[] = [];
      if (states !== undefined) conditions.push(inArray(alerts.state, [...states]));
      if (before !== undefined) conditions.push(lt(alerts.id, before));
      return db
        .select()
        .from(alerts)
        .where(and(...conditions))
        .orderBy(desc(alerts.id))
        .limit(limit);
    },

    /** @throws `store/not-found` */
    async setState(id: number, state: AlertState, who: string): Promise<Alert> {
      const [found] = await db
        .update(alerts)
        .set({ state, who, changed: now() })
        .where(eq(alerts.id, id))
        .returning();
      if (found !== undefined) return found;
      throw storeError('store/not-found', `There is no alert ${id} in the store.`, { details: { id } });
    },
  };
}
