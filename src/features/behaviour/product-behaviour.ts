/**
 * What shoppers did with each product up to a time: a vector for the model, the products seen and bought with it, and the
 * queries that found it.
 *
 * Nothing after the time has a say: `past-events.ts` cuts the log, and everything is counted from what it left. All is
 * aggregated by DuckDB and streamed, so memory does not grow with the events. One call at a time on a log.
 */
import type { EventLog } from '../../catalog/events/event-log.ts';
import type { ObservedBehaviour, Weighted } from '../../catalog/product.ts';
import type { Row } from '../../catalog/source.ts';
import { sqlName } from '../../catalog/sql.ts';
import { type BehaviourEncoding, profilePlaceSql, requireTime, type Time } from './behaviour-encoding.ts';
import {
  type BehaviourCounts,
  behaviourVector,
  COUNTED,
  type Counted,
  type ProductCounts,
  SEASONAL,
} from './behaviour-vector.ts';
import { createPairs, NEIGHBOUR_SORTS, type NeighbourSort } from './neighbours-sql.ts';
import { createPast, dropPast } from './past-events.ts';

/** See `behaviourNames` for what the vector holds. */
export type ProductBehaviour = ObservedBehaviour & { readonly product: string };

const DAY_SECONDS = 86_400;
/** Of an event, 1 to 12; null of a time that no calendar has. */
const MONTH =
  'CASE WHEN e.time BETWEEN -6e10 AND 2e11 THEN month(make_timestamp((e.time * 1e6)::BIGINT)) END';

/**
 * @param time - the prediction's, in seconds since 1970; an event at that very second is not past
 * @returns every product with an event before `time`, by id; others have `emptyBehaviour`
 * @throws `features/behaviour-time`
 */
export async function* productBehaviour(
  log: EventLog,
  encoding: BehaviourEncoding,
  time: Time,
): AsyncGenerator<ProductBehaviour> {
  requireTime(time);
  await createPast(log, encoding, time);
  try {
    await createPairs(log, time, encoding.options.neighbours);
    const [all] = await log.query(countsSql(encoding, time, false));
    const totals = countsOf(all!, encoding);
    for await (const rows of log.stream(countsSql(encoding, time, true))) {
      for (const row of rows) {
        const lists = Object.fromEntries(NEIGHBOUR_SORTS.map((sort) => [sort, weighted(row[sort])]));
        yield {
          product: String(row.product),
          vector: behaviourVector(countsOf(row, encoding), totals, encoding),
          neighbours: lists as Record<NeighbourSort, Weighted[]>,
          queries: weighted(row.found),
        };
      }
    }
  } finally {
    await dropPast(log);
  }
}

/** One row of counts: of every product, or of all together. Whole numbers only, so that no order of adding shows. */
function countsSql({ options, profile }: BehaviourEncoding, time: Time, byProduct: boolean): string {
  const starts = [...options.windowDays.map((days) => time - days * DAY_SECONDS), undefined];
  const counted: Readonly<Record<Counted, (inWindow: string) => string>> = {
    view: (inWindow) => `count(*) FILTER (kind = 'view' AND ${inWindow})`,
    cart: (inWindow) => `count(*) FILTER (kind = 'cart' AND ${inWindow})`,
    purchase: (inWindow) => `count(*) FILTER (kind = 'purchase' AND ${inWindow})`,
    return: (inWindow) => `count(*) FILTER (kind = 'return' AND ${inWindow})`,
    shoppers: (inWindow) => `count(DISTINCT shopper) FILTER (${inWindow})`,
    units: (inWindow) =>
      `coalesce(sum(least(round(quantity), 1e9)::BIGINT) FILTER (kind = 'purchase' AND ${inWindow}), 0)::DOUBLE`,
  };
  const windows = COUNTED.map(
    (name) =>
      `[${starts.map((start) => counted[name](start === undefined ? 'true' : `time >= ${start}`)).join(', ')}] AS "n_${name}"`,
  );
  const buyers = profile.map(({ values }, i) => {
    const places = Array.from({ length: values.length + 1 }, (_, place) => place);
    return `[${places.map((place) => `count(*) FILTER (kind = 'purchase' AND p${i} = ${place})`).join(', ')}] AS buyers${i}`;
  });
  const months = SEASONAL.map((kind) => {
    const each = Array.from(
      { length: 12 },
      (_, i) => `count(*) FILTER (kind = '${kind}' AND month = ${i + 1})`,
    );
    return `[${each.join(', ')}] AS months_${kind}`;
  });
  const places = profile.map(
    ({ attribute, values }, i) => `, ${profilePlaceSql(`s.${sqlName(attribute)}`, values)} AS p${i}`,
  );
  const paid = "kind = 'purchase' AND price < 1e9";
  const group = byProduct ? 'GROUP BY product' : '';
  const counts = `SELECT ${byProduct ? 'product' : 'NULL AS product'},
      min(time) AS first, max(time) AS last, ${[...windows, ...months, ...buyers].join(', ')},
      sum(round(price * 10000)::HUGEINT) FILTER (${paid})::DOUBLE AS paid, count(*) FILTER (${paid}) AS payments
    FROM (SELECT e.*, ${MONTH} AS month ${places.join('')} FROM past e LEFT JOIN shoppers s ON s.shopper = e.shopper
      WHERE e.product IS NOT NULL) ${group}`;
  const outer = `c.* EXCLUDE (first, last), (${time} - c.first) / ${DAY_SECONDS} AS first_days,
    (${time} - c.last) / ${DAY_SECONDS} AS last_days`;
  if (!byProduct) return `SELECT ${outer} FROM (${counts}) c`;
  const neighbours = NEIGHBOUR_SORTS.map(
    (sort) => `LEFT JOIN (SELECT product, list({text: neighbour, weight: weight} ORDER BY rank) AS ${sort}
      FROM past_pairs WHERE sort = '${sort}' GROUP BY product) ${sort} ON ${sort}.product = c.product`,
  );
  return `SELECT ${outer}, q.found, q.queries, ${NEIGHBOUR_SORTS.map((sort) => `${sort}.${sort}`).join(', ')}
    FROM (${counts}) c
    LEFT JOIN (SELECT product, count(*) AS queries,
      list({text: query, weight: weight} ORDER BY weight DESC, query)[:${options.queries}] AS found
      FROM past_queries GROUP BY product) q ON q.product = c.product
    ${neighbours.join(' ')}
    ORDER BY c.product`;
}

function countsOf(row: Row, { profile }: BehaviourEncoding): ProductCounts {
  const counts = Object.fromEntries(COUNTED.map((name) => [name, numbers(row[`n_${name}`])]));
  const payments = Number(row.payments);
  return {
    ...(counts as unknown as BehaviourCounts),
    firstDays: Number(row.first_days ?? 0),
    lastDays: Number(row.last_days ?? 0),
    meanPrice: payments === 0 ? undefined : Number(row.paid) / 10_000 / payments,
    queries: Number(row.queries ?? 0),
    months: SEASONAL.map((kind) => numbers(row[`months_${kind}`])),
    buyers: profile.map((_, i) => numbers(row[`buyers${i}`])),
  };
}

function numbers(list: unknown): number[] {
  return (list as readonly unknown[]).map(Number);
}

function weighted(list: unknown): Weighted[] {
  return ((list ?? []) as readonly { readonly text: unknown; readonly weight: unknown }[]).map(
    ({ text, weight }) => ({ text: String(text), weight: Number(weight) }),
  );
}
