/** What shoppers did: views, purchases, returns, searches. */
import { and, asc, eq, gt, inArray, type SQL, sql } from 'drizzle-orm';
import type { EventKind } from '../catalog/events/event-kinds.ts';
import type { Context } from './database.ts';
import { given, pieces, rows } from './sql.ts';
import { events } from './tables.ts';

export type StoredEvent = typeof events.$inferSelect;

export type EventWrite = {
  readonly at: Date;
  readonly kind: EventKind;
  readonly productId?: string | null;
  readonly shopper?: string | null;
  readonly session?: string | null;
  /** Of a search. */
  readonly query?: string | null;
  readonly quantity?: number | null;
  readonly price?: number | null;
  readonly details?: Readonly<Record<string, unknown>>;
  /** Tells this event apart from all others, so that one that is delivered twice is kept once. */
  readonly key?: string | null;
};

export type Events = ReturnType<typeof eventsIn>;

const PIECE = 5000;
const COLUMNS = 'key, at, kind, product_id, shopper, session, query, quantity, price, details';

export function eventsIn({ db, transaction }: Context) {
  return {
    /** @returns how many were new; those with a key that is there already are left out */
    async add(list: readonly EventWrite[]): Promise<{ readonly added: number; readonly repeated: number }> {
      let added = 0;
      await transaction(async (inside) => {
        added = 0;
        for (const piece of pieces(list, PIECE)) {
          const made = await rows(
            inside,
            sql`INSERT INTO attune.events (${sql.raw(COLUMNS)}) SELECT ${sql.raw(COLUMNS)} FROM ${given(
              piece.map(rowOf),
              'key text, at timestamptz, kind text, product_id text, shopper text, session text, query text, quantity double precision, price double precision, details jsonb',
            )} ON CONFLICT (key) DO NOTHING RETURNING 1`,
          );
          added += made.length;
        }
      });
      return { added, repeated: list.length - added };
    },

    /** In the order in which they were kept, a page at a time. @param after - `id` of the last one of the page before */
    async page({
      after,
      limit = 1000,
      kinds,
      productId,
      since,
      until,
    }: {
      after?: number;
      limit?: number;
      kinds?: readonly EventKind[];
      productId?: string;
      /** Included. */
      since?: Date;
      /** Left out. */
      until?: Date;
    } = {}): Promise<readonly StoredEvent[]> {
      const conditions: (SQL | undefined)[] = [...between(since, until)];
      if (after !== undefined) conditions.push(gt(events.id, after));
      if (kinds !== undefined) conditions.push(inArray(events.kind, [...kinds]));
      if (productId !== undefined) conditions.push(eq(events.productId, productId));
      return db
        .select()
        .from(events)
        .where(and(...conditions))
        .orderBy(asc(events.id))
        .limit(limit);
    },

    /** How many events of each kind each product had. */
    async counts({
      since,
      until,
    }: {
      since?: Date;
      until?: Date;
    } = {}): Promise<
      readonly { readonly productId: string; readonly kind: EventKind; readonly events: number }[]
    > {
      const found = await db
        .select({
          productId: events.productId,
          kind: events.kind,
          events: sql<number>`count(*)::integer`,
        })
        .from(events)
        .where(and(sql`${events.productId} IS NOT NULL`, ...between(since, until)))
        .groupBy(events.productId, events.kind)
        .orderBy(asc(events.productId), asc(events.kind));
      return found as { productId: string; kind: EventKind; events: number }[];
    },
  };
}

function between(since: Date | undefined, until: Date | undefined): SQL[] {
  return [
    ...(since === undefined ? [] : [sql`${events.at} >= ${since.toISOString()}::timestamptz`]),
    ...(until === undefined ? [] : [sql`${events.at} < ${until.toISOString()}::timestamptz`]),
  ];
}

function rowOf({ at, productId, details = {}, ...rest }: EventWrite) {
  return { ...rest, at: at.toISOString(), product_id: productId ?? null, details };
}
