/**
 * What people look at: products that wait, who has which, and what they said.
 *
 * A product is leased to one person at a time. What a model suggested and what a person answered are never one record.
 */
import { and, asc, desc, eq, gt, inArray, type SQL, sql } from 'drizzle-orm';
import type { Context, Query } from './database.ts';
import { lockProducts } from './products.ts';
import { addToQueue, dropFromQueue, type QueueWrite } from './queue.ts';
import {
  type Answer,
  dropDraft,
  insertResponse,
  type Response,
  requireNobodyElses,
  requireProduct,
  toldOf,
  undo,
} from './review-answers.ts';
import { agreementOf, auditsOf, lookAlikesOf } from './review-figures.ts';
import { isOneOf, isOver, pieces, rows } from './sql.ts';
import { type ResponseState, responses, reviewItems, reviewQueue, suggestions } from './tables.ts';
import { disagreementsOf, peopleAgreementOf } from './two-people.ts';
import { keyOf, setByPerson } from './values.ts';

export type Suggestion = typeof suggestions.$inferSelect;

export type ReviewItem = {
  readonly attribute: string;
  readonly reason: string;
  readonly priority: number;
  readonly added: Date;
  /** With which it was chosen, in (0, 1]; null where no rule of chance chose it. */
  readonly chance: number | null;
  /** What speaks for looking at it; null where nothing but the reason does. */
  readonly evidence: Readonly<Record<string, unknown>> | null;
  readonly suggestion: Suggestion | null;
};

export type ReviewProduct = {
  readonly productId: string;
  readonly priority: number;
  readonly leasedTo: string | null;
  readonly leasedUntil: Date | null;
  /** What is to be looked at, most urgent first. */
  readonly items: readonly ReviewItem[];
};

export type Reviews = ReturnType<typeof reviewsIn>;

const PIECE = 2000;

export function reviewsIn({ db, transaction, now }: Context) {
  return {
    /** Puts products in the queue. @returns how many items are of products that are there */
    async add(list: readonly QueueWrite[]): Promise<number> {
      let added = 0;
      for (const piece of pieces(list, PIECE)) {
        const known = new Map<string, QueueWrite>();
        await transaction(async (inside) => {
          known.clear();
          const there = await lockProducts(
            inside,
            piece.map(({ productId }) => productId),
          );
          for (const item of piece) if (there.has(item.productId)) known.set(keyOf(item), item);
          await addToQueue(inside, [...known.values()], now());
        });
        added += known.size;
      }
      return added;
    },

    /**
     * Leases products to a person: those they have still, then the most urgent ones that nobody has and they have not skipped.
     * Two people never get the same.
     * @param seconds - until others may have them; an hour at most
     */
    async take(
      who: string,
      { limit = 1, seconds = 600, attribute }: { limit?: number; seconds?: number; attribute?: string } = {},
    ): Promise<readonly ReviewProduct[]> {
      const until = sql`${now()} + make_interval(secs => ${seconds}::double precision)`;
      const over = isOver(sql`leased_until`, now());
      const fits =
        attribute === undefined
          ? sql`true`
          : sql`EXISTS (SELECT 1 FROM attune.review_items i
              WHERE i.product_id = q.product_id AND i.attribute = ${attribute})`;
      const isFor = sql`NOT ${who} = ANY(skipped_by) AND ${fits}`;
      // Two queries, each in the order of an index: sorting the whole queue takes long where it is.
      const mine = await rows<{ product_id: string }>(
        db,
        sql`WITH kept AS (
            SELECT product_id FROM attune.review_queue q
            WHERE leased_to = ${who} AND NOT ${over} AND ${isFor}
            ORDER BY priority DESC, product_id LIMIT ${limit} FOR UPDATE SKIP LOCKED),
          free AS (
            SELECT product_id FROM attune.review_queue q
            WHERE (leased_until IS NULL OR ${over}) AND ${isFor}
            ORDER BY priority DESC, product_id LIMIT ${limit} - (SELECT count(*) FROM kept) FOR UPDATE SKIP LOCKED)
          UPDATE attune.review_queue SET leased_to = ${who}, leased_until = ${until}
          WHERE product_id IN (SELECT product_id FROM kept UNION ALL SELECT product_id FROM free)
          RETURNING product_id`,
      );
      return readQueue(
        db,
        isOneOf(
          reviewQueue.productId,
          mine.map(({ product_id }) => product_id),
        ),
      );
    },

    /** Gives products back that the person has; all of them when `ids` is left out. */
    async release(who: string, ids?: readonly string[]): Promise<void> {
      const t = reviewQueue;
      await db
        .update(t)
        .set({ leasedTo: null, leasedUntil: null })
        .where(and(eq(t.leasedTo, who), ids === undefined ? undefined : isOneOf(t.productId, ids)));
    },

    /** Not for this person: they are not given the product again, others are. */
    async skip(who: string, productId: string): Promise<void> {
      await db.execute(sql`UPDATE attune.review_queue SET
          skipped_by = CASE WHEN ${who} = ANY(skipped_by) THEN skipped_by ELSE skipped_by || ${who}::text END,
          leased_until = CASE WHEN leased_to = ${who} THEN NULL ELSE leased_until END,
          leased_to = CASE WHEN leased_to = ${who} THEN NULL ELSE leased_to END
        WHERE product_id = ${productId}`);
    },

    /** Keeps an answer that is not final yet; a person has one draft for each attribute of a product. */
    async draft(answer: Answer): Promise<Response> {
      return transaction(async (inside) => {
        await requireProduct(inside, answer.productId);
        await dropDraft(inside, answer);
        return insertResponse(inside, answer, 'draft', null, now());
      });
    },

    /**
     * A person's final answer: the value comes into force, and the attribute leaves the queue.
     * @throws `store/not-found` for a product that is not there; `store/conflict` where somebody else has it on lease
     */
    async submit(answer: Answer): Promise<Response> {
      return transaction(async (inside) => {
        await requireProduct(inside, answer.productId);
        await requireNobodyElses(inside, answer, now());
        await dropDraft(inside, answer);
        const before = await setByPerson(inside, answer, now());
        const response = await insertResponse(inside, answer, 'submitted', before ?? null, now());
        await dropFromQueue(inside, [answer]);
        return response;
      });
    },

    /** The person says that there is nothing to answer; the attribute leaves the queue, no value changes. */
    async discard(answer: Omit<Answer, 'values' | 'unit'>): Promise<Response> {
      return transaction(async (inside) => {
        await requireProduct(inside, answer.productId);
        await requireNobodyElses(inside, answer, now());
        await dropDraft(inside, answer);
        const response = await insertResponse(inside, { ...answer, values: [] }, 'discarded', null, now());
        await dropFromQueue(inside, [answer]);
        return response;
      });
    },

    /**
     * Takes an answer back: the value before it is in force again, the attribute is in the queue again, on lease to the person unless
     * somebody else has the product.
     * @throws `store/not-found`; `store/conflict` when the value was changed since
     */
    undo: (who: string, id: number): Promise<void> => transaction((inside) => undo(inside, who, id, now())),

    /** The queue in its order, a page at a time. */
    async queue({ limit = 50, reason }: { limit?: number; reason?: string } = {}) {
      return readQueue(
        db,
        reason === undefined
          ? undefined
          : sql`EXISTS (SELECT 1 FROM attune.review_items i
              WHERE i.product_id = ${reviewQueue.productId} AND i.reason = ${reason})`,
        limit,
      );
    },

    /** How many products wait, and how many of them are on lease. */
    async waiting(): Promise<{ readonly products: number; readonly leased: number }> {
      const [row] = await rows<{ products: number; leased: number }>(
        db,
        sql`SELECT count(*)::integer AS products,
          (count(*) FILTER (WHERE NOT ${isOver(sql`leased_until`, now())}))::integer AS leased FROM attune.review_queue`,
      );
      return row!;
    },

    /**
     * Answers in the order in which they came, each with the suggestion that it was an answer to, a page at a time.
     * @param after - `id` of the last one of the page before
     */
    async responses({
      after,
      limit = 100,
      attribute,
      productId,
      who,
      states = ['submitted'],
      since,
    }: {
      after?: number;
      limit?: number;
      attribute?: string;
      productId?: string;
      who?: string;
      states?: readonly ResponseState[];
      since?: Date;
    } = {}): Promise<readonly (Response & { readonly suggestion: Suggestion | null })[]> {
      const t = responses;
      const found = await db
        .select({ response: t, suggestion: suggestions })
        .from(t)
        .leftJoin(suggestions, eq(suggestions.id, t.suggestionId))
        .where(
          and(
            inArray(t.state, [...states]),
            after === undefined ? undefined : gt(t.id, after),
            attribute === undefined ? undefined : eq(t.attribute, attribute),
            productId === undefined ? undefined : eq(t.productId, productId),
            who === undefined ? undefined : eq(t.who, who),
            since === undefined ? undefined : sql`${t.updated} >= ${since.toISOString()}::timestamptz`,
          ),
        )
        .orderBy(asc(t.id))
        .limit(limit);
      return found.map(({ response, suggestion }) => ({ ...toldOf(response), suggestion }));
    },

    /** How often people said what a model had suggested to them, by attribute; reads all answers. */
    agreement: () => agreementOf(db),

    /** What people said of answers of one version of a model that had been accepted unseen, by attribute. */
    audits: (model: string, version: string) => auditsOf(db, model, version),

    /** How often two people said the same of one product, by attribute; reads all answers. */
    peopleAgree: () => peopleAgreementOf(db),

    /** Where two people said otherwise, and no two say what is in force; the latest first, a page at a time. */
    disagreements: (
      of: { readonly attribute?: string; readonly before?: number; readonly limit?: number } = {},
    ) => disagreementsOf(db, of),

    /** Ids of products that wait for the attribute with the same suggestion, the most alike first; none that others have. */
    alike: (of: {
      readonly who: string;
      readonly productId: string;
      readonly attribute: string;
      readonly limit: number;
    }) => lookAlikesOf(db, { ...of, now: now() }),

    /** What models suggested for an attribute of a product, latest first. */
    async suggestions(productId: string, attribute: string, limit = 100): Promise<readonly Suggestion[]> {
      const t = suggestions;
      return db
        .select()
        .from(t)
        .where(and(eq(t.productId, productId), eq(t.attribute, attribute)))
        .orderBy(desc(t.id))
        .limit(limit);
    },
  };
}

async function readQueue(db: Query, where: SQL | undefined, limit?: number): Promise<ReviewProduct[]> {
  const query = db
    .select()
    .from(reviewQueue)
    .where(where)
    .orderBy(desc(reviewQueue.priority), asc(reviewQueue.productId));
  const queued = await (limit === undefined ? query : query.limit(limit));
  if (queued.length === 0) return [];
  const items = await db
    .select({ item: reviewItems, suggestion: suggestions })
    .from(reviewItems)
    .leftJoin(suggestions, eq(suggestions.id, reviewItems.suggestionId))
    .where(
      isOneOf(
        reviewItems.productId,
        queued.map(({ productId }) => productId),
      ),
    )
    .orderBy(desc(reviewItems.priority), asc(reviewItems.attribute));
  return queued.map(({ skippedBy: _, ...product }) => ({
    ...product,
    items: items
      .filter(({ item }) => item.productId === product.productId)
      .map(({ item: { attribute, reason, priority, added, chance, evidence }, suggestion }) => ({
        attribute,
        reason,
        priority,
        added,
        chance,
        evidence,
        suggestion,
      })),
  }));
}
