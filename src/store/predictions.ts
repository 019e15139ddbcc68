/**
 * What models say: one current prediction for each product and attribute, and those that it replaced.
 *
 * Recording is safe to repeat and safe out of order: the same prediction twice is one, and a prediction of what a product no longer is
 * changes nothing. So at-least-once delivery has an exactly-once effect.
 */
import { and, asc, desc, eq, inArray, lt, type SQL, sql } from 'drizzle-orm';
import type { AttributeKind } from '../catalog/product.ts';
import type { Alternative, Evidence, Status } from '../prediction/prediction.ts';
import type { Context, Query } from './database.ts';
import { dropSuggested, queueSuggested } from './queue.ts';
import { given, isOneOf, pieces } from './sql.ts';
import { predictionHistory, predictions } from './tables.ts';
import { type AttributeValue, isPersons, keyOf, lastOfEach, lockValues, writeValues } from './values.ts';

export type PredictionWrite = {
  readonly productId: string;
  readonly attribute: string;
  readonly model: string;
  readonly version: string;
  /** Of the attribute; what people say is judged by it. */
  readonly kind?: AttributeKind;
  /** A list for `multi` and several spans; null where there is none. */
  readonly value: string | number | readonly string[] | null;
  readonly unit?: string | null;
  readonly notApplicable: boolean;
  /** 0 to 1 */
  readonly confidence: number;
  readonly status: Status;
  /** What made it: `model`, or the rule that changed the answer. */
  readonly source: string;
  readonly evidence: readonly Evidence[];
  readonly alternatives: readonly Alternative[];
  /** Of the product as it was read. Left out: as it is in the store. */
  readonly contentHash?: string;
  /** Where a person shall look at it though it is `auto`: the chance with which it was drawn, and its place in the queue. */
  readonly audit?: { readonly chance: number; readonly priority: number };
};

export type StoredPrediction = Required<Omit<PredictionWrite, 'unit' | 'audit' | 'kind'>> & {
  readonly unit: string | null;
  readonly at: Date;
};

export type PastPrediction = StoredPrediction & {
  readonly id: number;
  /** Of a model that ran beside the one that answers. */
  readonly shadow: boolean;
  /** When another took its place; of a shadow's, when it was recorded. */
  readonly replaced: Date;
};

export type Recorded = {
  readonly recorded: number;
  /** Were there already. */
  readonly unchanged: number;
  /** Are of a product as it no longer is. */
  readonly stale: number;
  /** Are of no product. */
  readonly unknown: number;
};

export type PredictionPage = {
  readonly predictions: readonly StoredPrediction[];
  /** Give it as `after` for the next page; undefined on the last. */
  readonly next: { readonly confidence: number; readonly productId: string } | undefined;
};

export type Predictions = ReturnType<typeof predictionsIn>;

const PIECE = 2000;

export function predictionsIn({ db, transaction, now }: Context) {
  return {
    /**
     * Makes predictions the current ones. An `auto` one becomes the value in force where neither a supplier nor a person said another;
     * a `review` one goes to the queue with a suggestion, most unsure first, unless a person has answered for the attribute; so does an
     * `auto` one that came into force and was drawn for an audit.
     */
    async record(list: readonly PredictionWrite[]): Promise<Recorded> {
      const counts = { recorded: 0, unchanged: 0, stale: 0, unknown: 0 };
      const ordered = [...lastOfEach(list).values()].sort((a, b) => (a.productId < b.productId ? -1 : 1));
      for (const piece of pieces(ordered, PIECE)) {
        const found = await transaction((inside) => recordPiece(inside, piece, now()));
        for (const what of found) counts[what]++;
      }
      return counts;
    },

    /** Keeps what a model said that runs beside the one that answers; nothing else changes. */
    async recordShadow(list: readonly PredictionWrite[]): Promise<void> {
      for (const piece of pieces(list, PIECE)) {
        await db.execute(sql`INSERT INTO attune.prediction_history
          (${sql.raw(COLUMNS)}, shadow, replaced)
          SELECT ${sql.raw(SELECTED)}, coalesce(given.content_hash, p.content_hash), ${now()}, true, ${now()}
          FROM ${given(piece.map(rowOf), TYPED)} JOIN attune.products p ON p.id = given.product_id`);
      }
    },

    /** The current ones, by product and attribute. */
    async of(ids: readonly string[]): Promise<readonly StoredPrediction[]> {
      if (ids.length === 0) return [];
      return db
        .select()
        .from(predictions)
        .where(isOneOf(predictions.productId, ids))
        .orderBy(asc(predictions.productId), asc(predictions.attribute)) as Promise<StoredPrediction[]>;
    },

    /** The current ones of an attribute, least sure first, a page at a time. */
    async page({
      attribute,
      status,
      after,
      limit = 50,
    }: {
      attribute: string;
      status?: readonly Status[];
      after?: PredictionPage['next'];
      limit?: number;
    }): Promise<PredictionPage> {
      const t = predictions;
      const conditions: (SQL | undefined)[] = [eq(t.attribute, attribute)];
      if (status !== undefined) conditions.push(inArray(t.status, [...status]));
      if (after !== undefined)
        conditions.push(
          sql`(${t.confidence}, ${t.productId}) > (${after.confidence}::double precision, ${after.productId})`,
        );
      const found = (await db
        .select()
        .from(t)
        .where(and(...conditions))
        .orderBy(asc(t.confidence), asc(t.productId))
        .limit(limit + 1)) as StoredPrediction[];
      const page = found.slice(0, limit);
      const last = page.at(-1);
      return {
        predictions: page,
        next: found.length > limit ? { confidence: last!.confidence, productId: last!.productId } : undefined,
      };
    },

    /** What was said of a product before, latest first. */
    async history(
      productId: string,
      { attribute, before, limit = 100 }: { attribute?: string; before?: number; limit?: number } = {},
    ): Promise<readonly PastPrediction[]> {
      const t = predictionHistory;
      return db
        .select()
        .from(t)
        .where(
          and(
            eq(t.productId, productId),
            attribute === undefined ? undefined : eq(t.attribute, attribute),
            before === undefined ? undefined : lt(t.id, before),
          ),
        )
        .orderBy(desc(t.id))
        .limit(limit) as Promise<PastPrediction[]>;
    },

    /** How many current predictions an attribute has, by status and model; reads them all. */
    async counts(attribute?: string) {
      const t = predictions;
      return db
        .select({
          attribute: t.attribute,
          status: t.status,
          model: t.model,
          version: t.version,
          predictions: sql<number>`count(*)::integer`,
        })
        .from(t)
        .where(attribute === undefined ? undefined : eq(t.attribute, attribute))
        .groupBy(t.attribute, t.status, t.model, t.version)
        .orderBy(asc(t.attribute), asc(t.status), asc(t.model), asc(t.version));
    },
  };
}

const SELECTED =
  'given.product_id, attribute, model, version, value, unit, not_applicable, confidence, status, source, evidence, alternatives';
const COLUMNS = `${SELECTED.replace('given.', '')}, content_hash, at`;
const TYPED =
  'product_id text, attribute text, model text, version text, value jsonb, unit text, not_applicable boolean, confidence double precision, status text, source text, evidence jsonb, alternatives jsonb, content_hash text';

async function recordPiece(
  db: Query,
  piece: readonly PredictionWrite[],
  now: SQL,
): Promise<(keyof Recorded)[]> {
  const { there, current: values } = await lockValues(db, piece);
  const before = new Map((await currentOf(db, [...there.keys()])).map((row) => [keyOf(row), row]));
  const fresh: (PredictionWrite & { contentHash: string })[] = [];
  const found = piece.map((write): keyof Recorded => {
    const hash = there.get(write.productId);
    if (hash === undefined) return 'unknown';
    const whole = { ...write, contentHash: write.contentHash ?? hash };
    if (whole.contentHash !== hash) return 'stale';
    if (samePrediction(before.get(keyOf(write)), whole)) return 'unchanged';
    fresh.push(whole);
    return 'recorded';
  });
  if (fresh.length === 0) return found;
  const list = fresh.map(rowOf);
  await db.execute(sql`INSERT INTO attune.prediction_history (${sql.raw(COLUMNS)}, shadow, replaced)
    SELECT ${sql.raw(
      COLUMNS.split(', ')
        .map((name) => `c.${name}`)
        .join(', '),
    )}, false, ${now}
    FROM attune.predictions c JOIN ${given(list, 'product_id text, attribute text')}
      ON c.product_id = given.product_id AND c.attribute = given.attribute`);
  await db.execute(sql`INSERT INTO attune.predictions (${sql.raw(COLUMNS)})
    SELECT ${sql.raw(SELECTED)}, content_hash, ${now} FROM ${given(list, TYPED)}
    ON CONFLICT (product_id, attribute) DO UPDATE SET ${sql.raw(
      COLUMNS.split(', ')
        .slice(2)
        .map((name) => `${name} = excluded.${name}`)
        .join(', '),
    )}`);
  await takeOver(db, fresh, values, now);
  return found;
}

/** What follows from new predictions for the values in force and for the queue. */
async function takeOver(
  db: Query,
  fresh: readonly PredictionWrite[],
  values: ReadonlyMap<string, AttributeValue>,
  now: SQL,
): Promise<void> {
  const free = fresh.filter((write) => {
    const inForce = values.get(keyOf(write));
    return inForce === undefined || inForce.provenance === 'model';
  });
  await writeValues(
    db,
    free
      .filter((write) => write.status === 'auto' || values.has(keyOf(write)))
      .map((write) => ({
        productId: write.productId,
        attribute: write.attribute,
        values: write.status === 'auto' ? valuesOf(write) : undefined,
        unit: write.unit ?? null,
        provenance: 'model' as const,
        model: write.model,
        version: write.version,
      })),
    now,
  );
  const open = fresh.filter((write) => {
    const inForce = values.get(keyOf(write));
    return write.status === 'review' && (inForce === undefined || !isPersons(inForce));
  });
  // One that it is unsure of now takes the place of the one before below.
  await dropSuggested(
    db,
    fresh.filter(({ status }) => status !== 'review'),
  );
  await queueSuggested(
    db,
    [
      ...open.map(({ audit: _, ...write }) => ({
        ...{ ...write, reason: 'unsure', chance: 1, priority: 1 - write.confidence },
      })),
      ...free.flatMap(({ audit, ...write }) =>
        write.status === 'auto' && audit !== undefined
          ? { ...write, ...audit, audit: audit.chance, reason: 'audit' }
          : [],
      ),
    ],
    now,
  );
}

/** As values in force: texts; undefined where the model has none to give. */
function valuesOf({ value, notApplicable }: PredictionWrite): readonly string[] | undefined {
  if (notApplicable) return [];
  if (value === null) return undefined;
  return [value].flat().map(String);
}

async function currentOf(db: Query, ids: readonly string[]) {
  if (ids.length === 0) return [];
  return db.select().from(predictions).where(isOneOf(predictions.productId, ids));
}

function samePrediction(
  before: typeof predictions.$inferSelect | undefined,
  after: PredictionWrite & { contentHash: string },
): boolean {
  return (
    before !== undefined &&
    before.model === after.model &&
    before.version === after.version &&
    before.contentHash === after.contentHash &&
    before.status === after.status &&
    before.confidence === after.confidence &&
    before.notApplicable === after.notApplicable &&
    JSON.stringify(before.value) === JSON.stringify(after.value)
  );
}

function rowOf(write: PredictionWrite) {
  return {
    product_id: write.productId,
    attribute: write.attribute,
    model: write.model,
    version: write.version,
    value: write.value,
    unit: write.unit ?? null,
    not_applicable: write.notApplicable,
    confidence: write.confidence,
    status: write.status,
    source: write.source,
    evidence: write.evidence,
    alternatives: write.alternatives,
    content_hash: write.contentHash ?? null,
  };
}
