/**
 * The events before the prediction's time, as tables of their own. Whatever else is computed reads these and nothing
 * else, so that no later event can have a say.
 */
import type { EventLog } from '../../catalog/events/event-log.ts';
import type { BehaviourEncoding, Time } from './behaviour-encoding.ts';

/** How much a query weighs by what the shopper then did with the product. */
const QUERY_WEIGHTS =
  "CASE kind WHEN 'view' THEN 1 WHEN 'search' THEN 1 WHEN 'cart' THEN 3 WHEN 'purchase' THEN 5 ELSE 0 END";

/** Made by `createPast`, dropped by `dropPast`. */
const PAST_TABLES = ['past', 'past_sessions', 'past_queries', 'past_pairs'] as const;

/**
 * `past`: the events before `time`, each with its `session`: the log's, else a number that grows with each pause of its shopper; null
 * without a shopper. `past_queries`: `product`, `query`, `weight`: a search finds what its session goes on to view, put into the
 * cart or buy until the next search.
 */
export async function createPast(log: EventLog, { options }: BehaviourEncoding, time: Time): Promise<void> {
  await dropPast(log);
  const pause = options.sessionPauseMinutes * 60;
  await log.run(
    `CREATE TABLE past AS
    SELECT * EXCLUDE (session, starts),
      coalesce(session, shopper || chr(1) || sum(starts) OVER (PARTITION BY shopper ORDER BY time, place)) AS session
    FROM (
      SELECT *, CASE WHEN time - lag(time) OVER (PARTITION BY shopper ORDER BY time, place) <= ${pause}
        THEN 0 ELSE 1 END AS starts
      FROM events WHERE time < ?
    )`,
    [time],
  );
  // A query beside the product itself is taken as it is; a search speaks for what follows it.
  await log.run(`CREATE TABLE past_queries AS
    SELECT product, query, sum(weight)::BIGINT AS weight FROM (
      SELECT product, kind, ${QUERY_WEIGHTS} AS weight, lower(trim(coalesce(query, CASE WHEN session IS NOT NULL THEN
        last_value(CASE WHEN kind = 'search' THEN query END IGNORE NULLS)
          OVER (PARTITION BY session ORDER BY time, place ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) END))) AS query
      FROM past
    ) WHERE product IS NOT NULL AND query IS NOT NULL AND weight > 0 GROUP BY product, query`);
}

export async function dropPast(log: EventLog): Promise<void> {
  for (const table of PAST_TABLES) await log.run(`DROP TABLE IF EXISTS ${table}`);
}
