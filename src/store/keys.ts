/** Keys of the service's callers. A key is shown once, when it is made; what is kept is a hash of it. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { and, asc, eq, isNull, sql } from 'drizzle-orm';
import type { Context } from './database.ts';
import { storeError } from './errors.ts';
import { keys } from './tables.ts';
import type { Role } from './vocabulary.ts';

export type ApiKey = Omit<typeof keys.$inferSelect, 'hash'>;

export type Keys = ReturnType<typeof keysIn>;

/** `attune_` and id and secret: told apart from other secrets by those who search logs and repositories for them. */
const FORM = /^attune_([0-9a-f]{12})_([A-Za-z0-9_-]{43})$/;

export function keysIn({ db, now }: Context) {
  return {
    /** @returns the key itself, which nobody can find out again, and what is kept of it */
    async create({ name, role, createdBy }: { name: string; role: Role; createdBy: string }) {
      const id = randomBytes(6).toString('hex');
      const secret = randomBytes(32).toString('base64url');
      const [made] = await db
        .insert(keys)
        .values({ id, name, role, hash: hashOf(secret), createdBy, created: now() })
        .returning();
      return { key: `attune_${id}_${secret}`, stored: withoutHash(made!) };
    },

    /** What a key that was sent may do; undefined when it is none, or was revoked. Notes once a minute that it is used. */
    async verify(sent: string): Promise<ApiKey | undefined> {
      const [, id, secret] = FORM.exec(sent) ?? [];
      if (id === undefined || secret === undefined) return undefined;
      const [found] = await db.select().from(keys).where(eq(keys.id, id));
      // The secret has 256 random bits: a plain hash cannot be searched backwards.
      const same = timingSafeEqual(
        Buffer.from(found?.hash ?? hashOf(''), 'hex'),
        Buffer.from(hashOf(secret), 'hex'),
      );
      if (found === undefined || !same || found.revoked !== null) return undefined;
      await db.execute(sql`UPDATE attune.keys SET last_used = ${now()}
        WHERE id = ${id} AND (last_used IS NULL OR last_used < ${now()} - interval '1 minute')`);
      return withoutHash(found);
    },

    /** Revoked ones too, oldest first. */
    async list(): Promise<readonly ApiKey[]> {
      const found = await db.select().from(keys).orderBy(asc(keys.created), asc(keys.id));
      return found.map(withoutHash);
    },

    /** How many are not revoked: without any, the service does not ask who calls. */
    async active(): Promise<number> {
      return db.$count(keys, isNull(keys.revoked));
    },

    /** From now on it opens nothing. @throws `store/not-found` when there is none that is not revoked */
    async revoke(id: string): Promise<ApiKey> {
      const [found] = await db
        .update(keys)
        .set({ revoked: now() })
        .where(and(eq(keys.id, id), isNull(keys.revoked)))
        .returning();
      if (found !== undefined) return withoutHash(found);
      throw storeError('store/not-found', `There is no key ${id} that could be revoked.`, {
        details: { id },
      });
    },
  };
}

/** What the audit log calls the holder of a key. */
export function auditName({ name, id }: Pick<ApiKey, 'name' | 'id'>): string {
  return `${name} (${id})`;
}

const hashOf = (secret: string) => createHash('sha256').update(secret).digest('hex');

function withoutHash({ hash: _, ...key }: typeof keys.$inferSelect): ApiKey {
  return key;
}
