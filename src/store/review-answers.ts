/** What people answered, as records: kept, and taken back. */
import { and, eq, inArray, type SQL, sql } from 'drizzle-orm';
import type { Query } from './database.ts';
import { storeError } from './errors.ts';
import { lockProducts } from './products.ts';
import { addToQueue } from './queue.ts';
import { isOver, rows } from './sql.ts';
import { type ResponseState, responses } from './tables.ts';
import { type AttributeValue, keyOf, lockValues, sameValue, writeValues } from './values.ts';

export type Response = {
  readonly id: number;
  readonly productId: string;
  readonly attribute: string;
  readonly suggestionId: number | null;
  readonly who: string;
  readonly state: ResponseState;
  /** Empty: not applicable. */
  readonly values: readonly string[];
  readonly unit: string | null;
  readonly created: Date;
  readonly updated: Date;
  /** Why it stood in the queue; null where it did not. */
  readonly reason: string | null;
  /** With which it was chosen to be looked at, in (0, 1]; null where no rule of chance chose it. */
  readonly chance: number | null;
};

export type Answer = {
  readonly productId: string;
  readonly attribute: string;
  readonly who: string;
  /** Empty: not applicable. */
  readonly values: readonly string[];
  readonly unit?: string | null;
};

/** Locks it. @throws `store/not-found` */
export async function requireProduct(db: Query, productId: string): Promise<void> {
  if ((await lockProducts(db, [productId])).size > 0) return;
  throw storeError('store/not-found', `There is no product "${productId}" in the store.`, {
    details: { productId },
  });
}

/** @throws `store/conflict` */
export async function requireNobodyElses(
  db: Query,
  { who, productId }: Pick<Answer, 'who' | 'productId'>,
  now: SQL,
): Promise<void> {
  const [lease] = await rows<{ leased_to: string }>(
    db,
    sql`SELECT leased_to FROM attune.review_queue WHERE product_id = ${productId}
      AND NOT ${isOver(sql`leased_until`, now)}`,
  );
  if (lease === undefined || lease.leased_to === who) return;
  throw storeError('store/conflict', `Somebody else is reviewing the product "${productId}".`, {
    hint: 'Take another product; this one comes back to the queue if they leave it.',
    details: { productId },
  });
}

export async function dropDraft(
  db: Query,
  { productId, attribute, who }: Omit<Answer, 'values'>,
): Promise<void> {
  const t = responses;
  await db
    .delete(t)
    .where(and(eq(t.productId, productId), eq(t.attribute, attribute), eq(t.who, who), eq(t.state, 'draft')));
}

/** It refers to the suggestion that is in the queue, else to the last one. */
export async function insertResponse(
  db: Query,
  { productId, attribute, who, values, unit = null }: Answer,
  state: ResponseState,
  before: AttributeValue | null,
  now: SQL,
): Promise<Response> {
  const queued = (column: string) =>
    sql`(SELECT ${sql.raw(column)} FROM attune.review_items WHERE product_id = ${productId} AND attribute = ${attribute})`;
  const [made] = await db
    .insert(responses)
    .values({
      productId,
      attribute,
      suggestionId: sql`coalesce(${queued('suggestion_id')},
        (SELECT max(id) FROM attune.suggestions WHERE product_id = ${productId} AND attribute = ${attribute}))`,
      who,
      state,
      values,
      unit,
      before,
      created: now,
      updated: now,
      reason: queued('reason'),
      chance: queued('chance'),
      audit: queued('audit'),
      evidence: queued('evidence'),
    })
    .returning();
  return toldOf(made!);
}

/** As others are told it. */
export function toldOf({ before, audit, evidence, ...response }: typeof responses.$inferSelect): Response {
  return response;
}

export async function undo(db: Query, who: string, id: number, now: SQL): Promise<void> {
  const t = responses;
  const mine = and(eq(t.id, id), eq(t.who, who), inArray(t.state, ['submitted', 'discarded']));
  const [seen] = await db.select().from(t).where(mine);
  if (seen === undefined) throw noResponse(who, id);
  const { current } = await lockValues(db, [seen]);
  const [response] = await db.select().from(t).where(mine);
  if (response === undefined) throw noResponse(who, id);
  const inForce = current.get(keyOf(response));
  if (response.state === 'submitted') {
    if (inForce === undefined || inForce.who !== who || !sameValue(inForce, response)) {
      throw storeError('store/conflict', `The value that answer ${id} gave is no longer in force.`, {
        hint: 'Look at the product again and answer anew.',
        details: { id, productId: response.productId, attribute: response.attribute },
      });
    }
    await writeValues(db, [restored(response, response.before as AttributeValue | null)], now);
  }
  await db.delete(t).where(eq(t.id, id));
  // It is looked at for what it was looked at before, whoever took back what.
  await addToQueue(db, [{ ...response, reason: response.reason ?? 'undone', priority: 1 }], now);
  // Somebody else may have the product for another attribute: it stays theirs.
  await db.execute(sql`UPDATE attune.review_queue
    SET leased_to = ${who}, leased_until = ${now} + interval '10 minutes'
    WHERE product_id = ${response.productId}
      AND (leased_to = ${who} OR leased_until IS NULL OR ${isOver(sql`leased_until`, now)})`);
}

function noResponse(who: string, id: number) {
  return storeError('store/not-found', `${who} has given no answer ${id} that could be undone.`, {
    details: { id, who },
  });
}

function restored(
  { productId, attribute }: { productId: string; attribute: string },
  before: AttributeValue | null,
) {
  return {
    productId,
    attribute,
    values: before?.values,
    unit: before?.unit ?? null,
    provenance: before?.provenance ?? ('model' as const),
    ...(before?.model ? { model: before.model } : {}),
    ...(before?.version ? { version: before.version } : {}),
    ...(before?.who ? { who: before.who } : {}),
  };
}
