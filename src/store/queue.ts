/** The queue of products that people should look at, as its writers see it. Its products are locked by the callers. */
import { type SQL, sql } from 'drizzle-orm';
import type { Query } from './database.ts';
import { given, rows } from './sql.ts';

export type QueueWrite = {
  readonly productId: string;
  readonly attribute: string;
  /** Why: `unsure` where the model is, or what else put it there (`audit`, `drift`, `returns`, `conflict`, `gold`). */
  readonly reason: string;
  /** Higher comes first. */
  readonly priority: number;
  readonly suggestionId?: number | null;
};

type Suggested = {
  readonly productId: string;
  readonly attribute: string;
  readonly value: unknown;
  readonly notApplicable: boolean;
  readonly confidence: number;
  readonly model: string;
  readonly version: string;
};

/** Keeps what a model suggests, apart from what people will say, and puts it in the queue; the least sure come first. */
export async function queueSuggested(db: Query, list: readonly Suggested[], now: SQL): Promise<void> {
  if (list.length === 0) return;
  const made = await rows<{ id: string | number; product_id: string; attribute: string; score: number }>(
    db,
    sql`INSERT INTO attune.suggestions (product_id, attribute, value, not_applicable, score, model, version, at)
      SELECT "productId", attribute, value, "notApplicable", confidence, model, version, ${now}
      FROM ${given(
        list,
        '"productId" text, attribute text, value jsonb, "notApplicable" boolean, confidence double precision, model text, version text',
      )}
      RETURNING id, product_id, attribute, score`,
  );
  await addToQueue(
    db,
    made.map(({ id, product_id, attribute, score }) => ({
      productId: product_id,
      attribute,
      reason: 'unsure',
      priority: 1 - score,
      suggestionId: Number(id),
    })),
    now,
  );
}

/** One that is there already takes the new reason, priority and suggestion. */
export async function addToQueue(db: Query, list: readonly QueueWrite[], now: SQL): Promise<void> {
  if (list.length === 0) return;
  const items = given(
    list,
    '"productId" text, attribute text, reason text, priority double precision, "suggestionId" bigint',
  );
  await db.execute(sql`INSERT INTO attune.review_queue (product_id, priority, skipped_by)
    SELECT "productId", max(priority), '{}' FROM ${items} GROUP BY "productId"
    ON CONFLICT (product_id) DO NOTHING`);
  await db.execute(sql`INSERT INTO attune.review_items (product_id, attribute, reason, priority, suggestion_id, added)
    SELECT "productId", attribute, reason, priority, "suggestionId", ${now} FROM ${items}
    ON CONFLICT (product_id, attribute) DO UPDATE SET reason = excluded.reason, priority = excluded.priority,
      suggestion_id = coalesce(excluded.suggestion_id, review_items.suggestion_id)`);
  await settleQueue(
    db,
    list.map(({ productId }) => productId),
  );
}

/** @param reason - only items that are there for this reason; any when left out */
export async function dropFromQueue(
  db: Query,
  list: readonly { productId: string; attribute: string }[],
  reason?: string,
): Promise<void> {
  if (list.length === 0) return;
  const pairs = list.map(({ productId, attribute }) => ({ product_id: productId, attribute }));
  const dropped = await rows<{ product_id: string }>(
    db,
    sql`DELETE FROM attune.review_items i USING ${given(pairs, 'product_id text, attribute text')}
      WHERE i.product_id = given.product_id AND i.attribute = given.attribute
        AND ${reason === undefined ? sql`true` : sql`i.reason = ${reason}`}
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
