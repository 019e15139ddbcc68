/** What shoppers' events say of products: what came back and why, and which searches found them. */
import { type SQL, sql } from 'drizzle-orm';
import type { Context } from './database.ts';
import { rows } from './sql.ts';

/** What was bought of a product and what came back. */
export type ProductReturns = {
  readonly productId: string;
  readonly category: string | null;
  readonly purchases: number;
  /** Reasons of those that came back with one (`details.reason`), and how often each was given. */
  readonly reasons: readonly { readonly reason: string; readonly returns: number }[];
};

/** A query, and a product that its session went on to view, put into the cart or buy within half an hour. */
export type FoundProduct = {
  readonly query: string;
  readonly productId: string;
  readonly found: number;
  /** Of them purchases. */
  readonly bought: number;
};

/** How often a query was made and led to no product: its session viewed, carted and bought none within half an hour, nor before it searched again. */
export type SearchOutcome = { readonly query: string; readonly searches: number; readonly fruitless: number };

export type Shopping = ReturnType<typeof shoppingIn>;

/** Values that a query can be looked through for. */
const MOST_VALUES = 5000;
const MOST_QUERIES = 20_000;

export function shoppingIn({ db }: Context) {
  return {
    /** Of products of the store that were bought. @param days - before the last event */
    returns: (days: number): Promise<readonly ProductReturns[]> =>
      rows<ProductReturns>(
        db,
        sql`WITH recent AS (SELECT * FROM attune.events WHERE ${since(days)}),
          said AS (SELECT product_id, jsonb_agg(jsonb_build_object('reason', reason, 'returns', returns)
              ORDER BY returns DESC, reason) AS reasons
            FROM (SELECT product_id, details->>'reason' AS reason, count(*)::integer AS returns FROM recent
              WHERE kind = 'return' AND details->>'reason' <> '' GROUP BY 1, 2) each GROUP BY product_id)
          SELECT p.id AS "productId", p.category, bought.purchases, coalesce(said.reasons, '[]') AS reasons
          FROM (SELECT product_id, count(*)::integer AS purchases FROM recent
            WHERE kind = 'purchase' GROUP BY product_id) bought
          JOIN attune.products p ON p.id = bought.product_id
          LEFT JOIN said ON said.product_id = p.id ORDER BY p.id`,
      ),

    /**
     * By query and product of the store: how many visits came from the query to the product, and how many of them bought it. What one
     * visitor does again is no further evidence. A view may name its query itself.
     * @param days - before the last event
     */
    found: (days: number): Promise<readonly FoundProduct[]> =>
      rows<FoundProduct>(
        db,
        sql`SELECT lower(coalesce(e.query, s.query)) AS query, e.product_id AS "productId", count(DISTINCT ${visit})::integer AS found,
            (count(DISTINCT ${visit}) FILTER (WHERE e.kind = 'purchase'))::integer AS bought
          FROM attune.events e JOIN attune.products p ON p.id = e.product_id
          LEFT JOIN LATERAL (SELECT query FROM attune.events s WHERE s.kind = 'search' AND s.session = e.session
            AND s.at <= e.at AND s.at > e.at - interval '30 minutes' ORDER BY s.at DESC, s.id DESC LIMIT 1) s ON true
          WHERE e.kind IN ('view', 'cart', 'purchase') AND coalesce(e.query, s.query) IS NOT NULL AND ${since(days, 'e.')}
          GROUP BY 1, 2 ORDER BY 2, 1`,
      ),

    /**
     * How searches with a session ended, by query, the most frequent first; one that a visit makes again is one. Those of the last half hour may
     * lead to something yet, and are left out.
     * @param days - before the last event
     */
    outcomes: (days: number): Promise<readonly SearchOutcome[]> =>
      rows<SearchOutcome>(
        db,
        sql`WITH asked AS (
            SELECT lower(query) AS query, session, at, product_id, lead(at) OVER (PARTITION BY session ORDER BY at, id) AS next
            FROM attune.events WHERE kind = 'search' AND query IS NOT NULL AND session IS NOT NULL AND ${since(days)}),
          visits AS (
            SELECT query, session, bool_or(product_id IS NOT NULL OR EXISTS (SELECT 1 FROM attune.events e
                WHERE e.session = asked.session AND e.kind IN ('view', 'cart', 'purchase') AND e.at >= asked.at
                  AND e.at < least(asked.next, asked.at + interval '30 minutes'))) AS fruitful
            FROM asked WHERE at <= ${LAST} - interval '30 minutes' GROUP BY query, session)
          SELECT query, count(*)::integer AS searches, (count(*) FILTER (WHERE NOT fruitful))::integer AS fruitless
          FROM visits GROUP BY query ORDER BY 2 DESC, 1 LIMIT ${MOST_QUERIES}`,
      ),

    /** Values in force that are words, of at least two products, the most frequent first. */
    words: (): Promise<readonly { readonly attribute: string; readonly value: string }[]> =>
      rows(
        db,
        sql`SELECT attribute, value FROM attune.attribute_values WHERE value ~ '[[:alpha:]]{3}'
          GROUP BY attribute, value HAVING count(*) >= 2 ORDER BY count(*) DESC, attribute, value LIMIT ${MOST_VALUES}`,
      ),
  };
}

/** Who looked: a session, else a shopper, else each event by itself. */
const visit = sql`coalesce(e.session, e.shopper, e.id::text)`;

/** When the last event was; a clock that is wrong may say the future. */
const LAST = sql`(SELECT max(at) FROM attune.events WHERE at < now() + interval '1 day')`;

const since = (days: number, of = ''): SQL =>
  sql`${sql.raw(of)}at > ${LAST} - make_interval(secs => ${days * 86_400}::double precision)`;
