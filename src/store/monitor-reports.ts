/** What each run of the monitoring found: what it judged alerts by, and what a page shows of it. */
import { and, desc, eq, lt } from 'drizzle-orm';
import type { Context } from './database.ts';
import { monitorReports } from './tables.ts';

export type MonitorReport = typeof monitorReports.$inferSelect;

export type MonitorReports = ReturnType<typeof monitorReportsIn>;

export function monitorReportsIn({ db, now }: Context) {
  return {
    /** @param at - when it was checked; now when left out */
    async add({
      at,
      ...report
    }: Omit<MonitorReport, 'id' | 'at'> & { readonly at?: Date }): Promise<MonitorReport> {
      const [made] = await db
        .insert(monitorReports)
        .values({ ...report, at: at ?? now() } as typeof monitorReports.$inferInsert)
        .returning();
      return made!;
    },

    /** Names of all models that reports are of. */
    async models(): Promise<readonly string[]> {
      const t = monitorReports;
      const found = await db.selectDistinct({ model: t.model }).from(t).orderBy(t.model);
      return found.map(({ model }) => model);
    },

    /** Latest first, a page at a time. @param before - `id` of the last one of the page before */
    async list({
      model,
      version,
      before,
      limit = 20,
    }: {
      model?: string;
      version?: string;
      before?: number;
      limit?: number;
    } = {}): Promise<readonly MonitorReport[]> {
      const t = monitorReports;
      return db
        .select()
        .from(t)
        .where(
          and(
            model === undefined ? undefined : eq(t.model, model),
            version === undefined ? undefined : eq(t.version, version),
            before === undefined ? undefined : lt(t.id, before),
          ),
        )
        .orderBy(desc(t.id))
        .limit(limit);
    },
  };
}
