/** The queue of products that people should look at, as its writers see it. Its products are locked by the callers. */
import { type SQL, sql } from 'drizzle-orm';
import type { AttributeKind } from '../catalog/product.ts';
import type { Query } from './database.ts';
import { given, rows } from './sql.ts';
import { keyOf } from './values.ts';

/** Why a model's own answer stands in the queue. */
const MODEL_REASONS = ['unsure', 'audit'] as const;

export type QueueWrite = {
  readonly productId: string;
  readonly attribute: string;
  /** Why: `unsure` where the model is, `audit` where an accepted answer was drawn, or what else put it there (`drift`, `returns`, `gold`). */
  readonly reason: string;
  /** Higher comes first. */
  readonly priority: number;
  readonly suggestionId?: number | null;
  /** With which it was chosen, in (0, 1]: 1 where all such answers are; left out where no rule of chance chose it. */
  readonly chance?: number | null;
  /** With which the model's accepted answer was drawn for an audit, in (0, 1]; left out where it was not. */
  readonly audit?: number | null;
  /** What speaks for it, for people to see. */
  readonly evidence?: Readonly<Record<string, unknown>> | null;
};

type Suggested = Omit<QueueWrite, 'suggestionId' | 'evidence'> & {
  readonly value: unknown;
  readonly kind?: AttributeKind;
  readonly unit?: string | null;
  readonly notApplicable: boolean;
  readonly confidence: number;
  readonly model: string;
  readonly version: string;
};

/** Keeps what a model suggests, apart from what people will say, and puts it in the queue. */
export async function queueSuggested(db: Query, list: readonly Suggested[], now: SQL): Promise<void> {
  if (list.length === 0) return;
  const made = await rows<{ id: string | number; product_id: string; attribute: string }>(
    db,
    sql`INSERT INTO attune.suggestions (product_id, attribute, value, not_applicable, score, model, version, at, kind, unit)
      SELECT "productId", attribute, value, "notApplicable", confidence, model, version, ${now}, kind, unit
      FROM ${given(
        list,
        '"productId" text, attribute text, value jsonb, "notApplicable" boolean, confidence double precision, model text, version text, kind text, unit text',
      )}
      RETURNING id, product_id, attribute`,
  );
  const ids = new Map(
    made.map(({ id, product_id: productId, attribute }) => [keyOf({ productId, attribute }), Number(id)]),
  );
  await addToQueue(
    db,
    list.map(({ productId, attribute, reason, priority, chance = null, audit = null }) => ({
      ...{ productId, attribute, reason, priority, chance, audit },
      suggestionId: ids.get(keyOf({ productId, attribute }))!,
    })),
    now,
  );
}

/**
 * One that is there already takes the new reason, priority and suggestion. Only a model's own reasons give way: what shoppers, people or a gold
 * set put there stays for that, whatever a model says later, at the higher priority. The likeliest way on which it was chosen counts. What was
 * drawn for an audit stays drawn: else what shoppers say of a product would take it out of the sample that the model is measured by.
 */
export async function addToQueue(db: Query, list: readonly QueueWrite[], now: SQL): Promise<void> {
  if (list.length === 0) return;
  const items = given(
    list,
    '"productId" text, attribute text, reason text, priority double precision, "suggestionId" bigint, chance double precision, evidence jsonb, audit double precision',
  );
  const models = sql`${sql.param([...MODEL_REASONS])}::text[]`;
  const stays = sql`(excluded.reason = ANY(${models}) AND NOT review_items.reason = ANY(${models}))`;
  await db.execute(sql`INSERT INTO attune.review_queue (product_id, priority, skipped_by)
    SELECT "productId", max(priority), '{}' FROM ${items} GROUP BY "productId"
    ON CONFLICT (product_id) DO NOTHING`);
  await db.execute(sql`INSERT INTO attune.review_items (product_id, attribute, reason, priority, suggestion_id, added, chance, evidence, audit)
    SELECT "productId", attribute, reason, priority, "suggestionId", ${now}, chance, evidence, audit FROM ${items}
    ON CONFLICT (product_id, attribute) DO UPDATE SET
      reason = CASE WHEN ${stays} THEN review_items.reason ELSE excluded.reason END,
      priority = CASE WHEN ${stays} THEN greatest(review_items.priority, excluded.priority) ELSE excluded.priority END,
      suggestion_id = coalesce(excluded.suggestion_id, review_items.suggestion_id),
      chance = greatest(review_items.chance, excluded.chance),
      audit = CASE WHEN excluded.reason = ANY(${models}) THEN excluded.audit ELSE coalesce(excluded.audit, review_items.audit) END,
      evidence = CASE WHEN ${stays} THEN review_items.evidence ELSE excluded.evidence END`);
  await settleQueue(
    db,
    list.map(({ productId }) => productId),
  );
}

type Place = { readonly productId: string; readonly attribute: string };

/** A model says otherwise now: what it alone had put there leaves, and with which chance that was chosen says nothing of what others put there. */
export async function dropSuggested(db: Query, list: readonly Place[]): Promise<void> {
  if (list.length === 0) return;
  const models = sql`i.reason = ANY(${sql.param([...MODEL_REASONS])}::text[])`;
  await drop(db, list, models);
  await db.execute(sql`UPDATE attune.review_items i SET audit = NULL, chance = NULL FROM ${places(list)}
    WHERE i.product_id = given.product_id AND i.attribute = given.attribute`);
}

export async function dropFromQueue(db: Query, list: readonly Place[]): Promise<void> {
  if (list.length > 0) await drop(db, list, sql`true`);
}

const places = (list: readonly Place[]) =>
  given(
    list.map(({ productId, attribute }) => ({ product_id: productId, attribute })),
    'product_id text, attribute text',
  );

async function drop(db: Query, list: readonly Place[], which: SQL): Promise<void> {
  const dropped = await rows<{ product_id: string }>(
    db,
    sql`DELETE FROM attune.review_items i USING ${places(list)}
      WHERE i.product_id = given.product_id AND i.attribute = given.attribute AND ${which}
      RETURNING i.product_id`,
  );
  await settleQueue(
    db,
    dropped.map(({ product_id }) => product_id),
  );
}

/** A product stands where its first item does, and leaves with its last. */
async function settleQueue(db: Query, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  const list = sql`${sql.param([...new Set(ids)])}::text[]`;
  await db.execute(sql`DELETE FROM attune.review_queue q WHERE q.product_id = ANY(${list})
    AND NOT EXISTS (SELECT 1 FROM attune.review_items i WHERE i.product_id = q.product_id)`);
  await db.execute(sql`UPDATE attune.review_queue q SET priority = i.priority
    FROM (SELECT product_id, max(priority) AS priority FROM attune.review_items
      WHERE product_id = ANY(${list}) GROUP BY product_id) i
    WHERE i.product_id = q.product_id AND i.priority <> q.priority`);
}
