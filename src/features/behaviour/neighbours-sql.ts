/**
 * Which products are seen, or bought, together.
 *
 * The weight of a pair is the cosine of the sessions (or shoppers' months) of the two, shrunk towards 0 where few tell of it.
 * @see Linden, Smith and York 2003, "Amazon.com recommendations: item-to-item collaborative filtering"
 */
import type { EventLog } from '../../catalog/events/event-log.ts';
import type { Time } from './behaviour-encoding.ts';

/** A session of a robot would pair everything with everything: of each basket only so many products count, the latest. */
const BASKET_PRODUCTS = 50;
/** A pair's weight is halved where the cosine rests on about so many baskets. */
const SHRINK = 2;
const MONTH_SECONDS = 30 * 86_400;

/**
 * What is a basket: a session's views; what a shopper bought in thirty days, counted back from the prediction, or a session whose
 * shopper is not known.
 */
const BASKETS = {
  viewed: { kind: 'view', basket: () => 'session' },
  bought: {
    kind: 'purchase',
    basket: (time: Time) =>
      `coalesce(shopper || chr(1) || floor((${time} - time) / ${MONTH_SECONDS})::BIGINT, session)`,
  },
} as const;
export type NeighbourSort = keyof typeof BASKETS;
export const NEIGHBOUR_SORTS = Object.keys(BASKETS) as readonly NeighbourSort[];

/** Makes `past_pairs`: `sort`, `product`, `neighbour`, `weight` in (0, 1), `rank` from 1. Reads `past` alone. */
export async function createPairs(log: EventLog, time: Time, perProduct: number): Promise<void> {
  await log.run(
    'CREATE TABLE past_pairs (sort VARCHAR, product VARCHAR, neighbour VARCHAR, weight DOUBLE, rank INTEGER)',
  );
  for (const sort of NEIGHBOUR_SORTS) {
    const { kind, basket } = BASKETS[sort];
    await log.run(`CREATE OR REPLACE TABLE past_sessions AS
      SELECT basket, product FROM (
        SELECT ${basket(time)} AS basket, product, max(time) AS last, max(place) AS place
        FROM past WHERE kind = '${kind}' AND product IS NOT NULL GROUP BY 1, 2
      ) WHERE basket IS NOT NULL
      QUALIFY row_number() OVER (PARTITION BY basket ORDER BY last DESC, place DESC) <= ${BASKET_PRODUCTS}`);
    await log.run(`INSERT INTO past_pairs
      WITH sizes AS (SELECT product, count(*) AS n FROM past_sessions GROUP BY product),
      pairs AS (
        SELECT a.product, b.product AS neighbour, count(*) AS together
        FROM past_sessions a JOIN past_sessions b ON a.basket = b.basket AND a.product <> b.product GROUP BY 1, 2
      )
      SELECT '${sort}', p.product, neighbour, together / (sqrt(x.n * y.n) + ${SHRINK}) AS weight,
        row_number() OVER (PARTITION BY p.product ORDER BY weight DESC, neighbour)::INTEGER AS rank
      FROM pairs p JOIN sizes x ON x.product = p.product JOIN sizes y ON y.product = p.neighbour
      QUALIFY rank <= ${perProduct}`);
  }
}
