/** Which models there are, and which of them answers. */
import { and, asc, desc, eq, inArray, ne, type SQL, sql } from 'drizzle-orm';
import type { Context, Query } from './database.ts';
import { storeError } from './errors.ts';
import { type ModelState, models } from './tables.ts';

export type ModelVersion = typeof models.$inferSelect;

export type ModelWrite = {
  readonly name: string;
  readonly version: string;
  /** Where its bundle is. */
  readonly folder: string;
  /** Of its bundle. */
  readonly checksum: string;
  readonly figures?: Readonly<Record<string, unknown>>;
};

type Content = Pick<ModelWrite, 'version' | 'folder' | 'checksum'>;

type Role = {
  readonly state: ModelState;
  readonly share: number;
  readonly promoted?: SQL;
  readonly demoted?: SQL | null;
};

/** What a service does with the versions of a model. */
export type ModelRoles = {
  readonly champion: Content;
  /** A part of the products, 0 to 1. One version is one or the other. */
  readonly canary?: Content & { readonly share: number };
  readonly shadow?: Content & { readonly share: number };
  /** What answered before the champion, where it was never written down. */
  readonly former?: Content;
};

export type Models = ReturnType<typeof modelsIn>;

export function modelsIn({ db, transaction, now }: Context) {
  return {
    /**
     * Makes a version known, as `loaded`. The same one again changes its folder and figures only.
     * @throws `store/conflict` when the version is there with another checksum
     */
    async register({ figures = {}, ...model }: ModelWrite): Promise<ModelVersion> {
      const [made] = await db
        .insert(models)
        .values({ ...model, figures, state: 'loaded', share: 0, registered: now(), updated: now() })
        .onConflictDoUpdate({
          target: [models.name, models.version],
          set: { folder: model.folder, figures, updated: now() },
          setWhere: eq(models.checksum, model.checksum),
        })
        .returning();
      if (made !== undefined) return made;
      throw storeError(
        'store/conflict',
        `Version ${model.version} of the model "${model.name}" is there already, with another content.`,
        { hint: 'Give the new bundle a version of its own.', details: { ...model } },
      );
    },

    /** By name, then latest first. */
    async list(name?: string): Promise<readonly ModelVersion[]> {
      return db
        .select()
        .from(models)
        .where(name === undefined ? undefined : eq(models.name, name))
        .orderBy(asc(models.name), desc(models.registered), desc(models.version));
    },

    async get(name: string, version: string): Promise<ModelVersion | undefined> {
      const [found] = await db.select().from(models).where(isVersion(name, version));
      return found;
    },

    async champion(name: string): Promise<ModelVersion | undefined> {
      const [found] = await db
        .select()
        .from(models)
        .where(and(eq(models.name, name), eq(models.state, 'champion')));
      return found;
    },

    /**
     * Makes a version the champion; the one before it stays loaded. Of two who do it at once, the later one wins.
     * @throws `store/not-found`
     */
    promote: (name: string, version: string): Promise<ModelVersion> =>
      transaction(async (inside) => {
        await lockName(inside, name);
        await inside
          .update(models)
          .set({ state: 'loaded', share: 0, demoted: now(), updated: now() })
          .where(and(eq(models.name, name), eq(models.state, 'champion'), ne(models.version, version)));
        const [found] = await inside
          .update(models)
          .set({ state: 'champion', share: 0, promoted: now(), updated: now() })
          .where(isVersion(name, version))
          .returning();
        return found ?? unknown(name, version);
      }),

    /**
     * Makes the champion before this one the champion again.
     * @throws `store/not-found` when there was none
     */
    rollBack: (name: string): Promise<ModelVersion> =>
      transaction(async (inside) => {
        await lockName(inside, name);
        const [before] = await inside
          .select()
          .from(models)
          .where(and(eq(models.name, name), ne(models.state, 'champion'), sql`${models.demoted} IS NOT NULL`))
          .orderBy(desc(models.demoted))
          .limit(1);
        if (before === undefined) {
          throw storeError('store/not-found', `The model "${name}" has no earlier champion.`, {
            hint: 'Promote one of its versions by name.',
            details: { name },
          });
        }
        await inside
          .update(models)
          .set({ state: 'loaded', share: 0, demoted: null, updated: now() })
          .where(and(eq(models.name, name), eq(models.state, 'champion')));
        const [found] = await inside
          .update(models)
          .set({ state: 'champion', share: 0, promoted: now(), demoted: null, updated: now() })
          .where(isVersion(name, before.version))
          .returning();
        return found!;
      }),

    /**
     * Writes down what a service does with the versions of a model: one is the champion, others have a share, the rest is loaded. What the
     * folder of a version holds now is taken as that version.
     * @param back - whether it was rolled back: the champion that is replaced is no earlier champion then
     */
    assign: (name: string, { champion, canary, shadow, former }: ModelRoles, back = false): Promise<void> =>
      transaction(async (inside) => {
        await lockName(inside, name);
        const [before] = await inside
          .update(models)
          .set({ state: 'loaded', share: 0, updated: now() })
          .where(and(eq(models.name, name), eq(models.state, 'champion')))
          .returning();
        await inside
          .update(models)
          .set({ state: 'loaded', share: 0, updated: now() })
          .where(and(eq(models.name, name), inArray(models.state, ['canary', 'shadow'])));
        const isNew = before?.version !== champion.version;
        if (before !== undefined && isNew)
          await inside
            .update(models)
            .set({ demoted: back ? null : now() })
            .where(isVersion(name, before.version));
        const put = async ({ version, folder, checksum }: Content, role: Role) => {
          const content = { folder, checksum, ...role, updated: now() };
          await inside
            .insert(models)
            .values({ ...content, name, version, figures: {}, registered: now() })
            .onConflictDoUpdate({ target: [models.name, models.version], set: content });
        };
        if (before === undefined && former !== undefined)
          await put(former, { state: 'loaded', share: 0, demoted: now() });
        for (const [state, one] of Object.entries({ shadow, canary }) as [ModelState, typeof canary][])
          if (one !== undefined && one.version !== champion.version)
            await put(one, { state, share: one.share });
        const promoted = isNew ? { promoted: now(), demoted: null } : {};
        await put(champion, { state: 'champion', share: 0, ...promoted });
      }),

    /**
     * Says what a version that is not the champion does.
     * @param share - of a canary: which part of the requests it answers, 0 to 1
     * @throws `store/not-found`; `store/conflict` for the champion, which only another champion replaces
     */
    async setState(
      name: string,
      version: string,
      state: Exclude<ModelState, 'champion'>,
      share = 0,
    ): Promise<ModelVersion> {
      const [found] = await db
        .update(models)
        .set({ state, share: state === 'canary' ? share : 0, updated: now() })
        .where(and(isVersion(name, version), ne(models.state, 'champion')))
        .returning();
      if (found !== undefined) return found;
      const [champion] = await db.select().from(models).where(isVersion(name, version));
      if (champion === undefined) return unknown(name, version);
      throw storeError(
        'store/conflict',
        `Version ${version} of the model "${name}" is the champion and cannot become ${state}.`,
        { hint: 'Promote another version first.', details: { name, version, state } },
      );
    },
  };
}

const isVersion = (name: string, version: string) => and(eq(models.name, name), eq(models.version, version));

/** One change of the champion of a name at a time. */
async function lockName(db: Query, name: string): Promise<void> {
  await db
    .select({ name: models.name })
    .from(models)
    .where(eq(models.name, name))
    .orderBy(asc(models.version))
    .for('update');
}

function unknown(name: string, version: string): never {
  throw storeError('store/not-found', `There is no version ${version} of a model "${name}" in the store.`, {
    details: { name, version },
  });
}
