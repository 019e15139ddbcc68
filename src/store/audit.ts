/** Who did what: written, read, never changed. */
import { and, desc, eq, lt, type SQL } from 'drizzle-orm';
import type { Context } from './database.ts';
import { audit } from './tables.ts';

export type AuditEntry = typeof audit.$inferSelect;

export type Audit = ReturnType<typeof auditIn>;

export function auditIn({ db, now }: Context) {
  return {
    /**
     * @param entry - `action` in words, such as `key created`; `subject` is what it was done to. Never a secret.
     */
    async add({
      details = {},
      ...entry
    }: {
      who: string;
      action: string;
      subject: string;
      details?: Readonly<Record<string, unknown>>;
    }): Promise<void> {
      await db.insert(audit).values({ ...entry, details, at: now() });
    },

    /** Latest first, a page at a time. @param before - `id` of the last one of the page before */
    async list({
      before,
      limit = 100,
      who,
      action,
    }: {
      before?: number;
      limit?: number;
      who?: string;
      action?: string;
    } = {}): Promise<readonly AuditEntry[]> {
      const conditions: (SQL | undefined)[] = [];
      if (before !== undefined) conditions.push(lt(audit.id, before));
      if (who !== undefined) conditions.push(eq(audit.who, who));
      if (action !== undefined) conditions.push(eq(audit.action, action));
      return db
        .select()
        .from(audit)
        .where(and(...conditions))
        .orderBy(desc(audit.id))
        .limit(limit);
    },
  };
}
