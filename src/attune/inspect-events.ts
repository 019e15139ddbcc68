/** What an event log holds, told beside a catalog: how many events of which kind, from when to when, and of whose products. */

import { EVENT_KINDS } from '../catalog/events/event-kinds.ts';
import { EventLog } from '../catalog/events/event-log.ts';
import { count, number } from '../catalog/inspect/counts-in-words.ts';
import { REJECT_REASONS, type RejectReason } from '../catalog/rejects.ts';
import type { Source } from '../catalog/source.ts';
import { sqlName } from '../catalog/sql.ts';

export type EventsReport = {
  /** View, cart, purchase, return, search -> how many. */
  readonly events: Readonly<Record<string, number>>;
  /** Seconds since 1970; undefined where there is no event. */
  readonly first: number | undefined;
  readonly last: number | undefined;
  readonly products: number;
  readonly shoppers: number;
  /** Of the log's products (of some thousands, where there are more) those that the catalog has; undefined where it has no ids. */
  readonly known: { readonly looked: number; readonly found: number } | undefined;
  readonly profileAttributes: readonly string[];
  /** Rows that are no event or profile, by reason. */
  readonly rejects: Readonly<Record<string, number>>;
};

const LOOKED = 5000;

/**
 * @param id - column of the catalog that identifies a product
 * @throws catalog/...
 */
export async function inspectEvents(
  paths: readonly string[],
  shoppers: readonly string[] | undefined,
  source: Source,
  id: string | undefined,
): Promise<EventsReport> {
  const log = await EventLog.open({ paths, ...(shoppers ? { shoppers: { paths: shoppers } } : {}) });
  try {
    const [all] =
      await log.query(`SELECT min(time) AS first, max(time) AS last, count(DISTINCT product)::INTEGER AS products,
      count(DISTINCT shopper)::INTEGER AS shoppers FROM events`);
    const kinds = await log.query('SELECT kind, count(*)::INTEGER AS n FROM events GROUP BY kind');
    const counts = new Map(kinds.map(({ kind, n }) => [String(kind), Number(n)]));
    return {
      events: Object.fromEntries(EVENT_KINDS.map((kind) => [kind, counts.get(kind) ?? 0])),
      first: all!.first === null ? undefined : Number(all!.first),
      last: all!.last === null ? undefined : Number(all!.last),
      products: Number(all!.products),
      shoppers: Number(all!.shoppers),
      known: id === undefined ? undefined : await knownProducts(log, source, id),
      profileAttributes: log.profileAttributes,
      rejects: await log.rejectCounts(),
    };
  } finally {
    log.close();
  }
}

async function knownProducts(log: EventLog, source: Source, id: string) {
  const rows = await log.query(
    `SELECT product FROM (SELECT DISTINCT product FROM events WHERE product IS NOT NULL) ORDER BY hash(product) LIMIT ${LOOKED}`,
  );
  const [found] = await source.query(
    `SELECT count(DISTINCT k.key)::INTEGER AS n FROM rows r
      JOIN (SELECT unnest(string_split(?, chr(2))) AS key) k ON k.key = trim(r.${sqlName(id)}::VARCHAR)`,
    [rows.map(({ product }) => String(product)).join('\u0002')],
  );
  return { looked: rows.length, found: Number(found!.n) };
}

/** For a terminal. */
export function renderEvents({
  events,
  first,
  last,
  products,
  shoppers,
  known,
  profileAttributes,
  rejects,
}: EventsReport): string {
  const kinds = Object.entries(events).flatMap(([kind, n]) =>
    n === 0 ? [] : [kind === 'search' && n > 1 ? `${number(n)} searches` : count(n, kind)],
  );
  const day = (time: number) => new Date(time * 1000).toISOString().slice(0, 10);
  const lines = [
    '',
    'Event log',
    `  ${kinds.join(', ') || 'no event'} of ${count(products, 'product')} by ${count(shoppers, 'shopper')}${first === undefined ? '' : `, from ${day(first)} to ${day(last!)}`}.`,
  ];
  if (profileAttributes.length > 0) lines.push(`  Shoppers are told by ${profileAttributes.join(', ')}.`);
  if (known && known.looked > 0) lines.push(`  ${knownLine(known)}`);
  for (const [reason, n] of Object.entries(rejects))
    lines.push(`  WARNING ${count(n, 'row')} left out: ${REJECT_REASONS[reason as RejectReason]}.`);
  return lines.join('\n');
}

function knownLine({ looked, found }: { readonly looked: number; readonly found: number }): string {
  const share = `Of ${count(looked, 'product')} of the log the catalog has ${found}.`;
  return found === 0 ? `WARNING ${share} Does the log name products as \`data.id\` does?` : share;
}

/** The input, as it stands in attune.yaml. */
export function eventsInput(paths: readonly string[], shoppers: readonly string[] | undefined): object {
  const one = (files: readonly string[]) => (files.length === 1 ? files[0] : files);
  return { kind: 'behaviour', events: one(paths), ...(shoppers ? { shoppers: one(shoppers) } : {}) };
}
