/**
 * How far each product has come in a stream of changes, so that a change that arrives late, or twice, never takes a newer one back.
 * A removed product keeps its position for the same reason.
 */
import { and, eq, max, sql } from 'drizzle-orm';
import type { Context } from './database.ts';
import { given, isOneOf, pieces, rows } from './sql.ts';
import { streamPositions } from './tables.ts';

/** A place in a stream. Of two, the one with the later epoch is the newer; in one epoch that with the larger sequence. */
export type Position = {
  /** When the stream was made, in ms since 1970: one that is made anew counts from 1 again. */
  readonly epoch: number;
  readonly sequence: number;
};

export type Positions = ReturnType<typeof positionsIn>;

const PIECE = 5000;

export function isNewer(a: Position, b: Position): boolean {
  return a.epoch > b.epoch || (a.epoch === b.epoch && a.sequence > b.sequence);
}

export function positionsIn({ db }: Context) {
  return {
    /** By product; those that the stream has never named are left out. */
    async of(stream: string, ids: readonly string[]): Promise<ReadonlyMap<string, Position>> {
      if (ids.length === 0) return new Map();
      const t = streamPositions;
      const found = await db
        .select()
        .from(t)
        .where(and(eq(t.stream, stream), isOneOf(t.productId, ids)));
      return new Map(found.map(({ productId, epoch, sequence }) => [productId, { epoch, sequence }]));
    },

    /** The latest epoch that a product of the stream has come to; undefined where none has. Reads them all. */
    async latestEpoch(stream: string): Promise<number | undefined> {
      const t = streamPositions;
      const [found] = await db
        .select({ epoch: max(t.epoch) })
        .from(t)
        .where(eq(t.stream, stream));
      return found?.epoch ?? undefined;
    },

    /**
     * Moves products on, and holds them until the transaction ends. One is named once.
     * @returns the products that stand at the given position now; the others have come further already
     */
    async advance(
      stream: string,
      list: readonly (Position & { readonly productId: string })[],
    ): Promise<ReadonlySet<string>> {
      const moved = new Set<string>();
      // In one order everywhere, so that two writers never wait for each other.
      const ordered = [...list].sort((a, b) => (a.productId < b.productId ? -1 : 1));
      for (const piece of pieces(ordered, PIECE)) {
        const found = await rows<{ id: string }>(
          db,
          sql`INSERT INTO attune.stream_positions AS p (stream, product_id, epoch, sequence)
            SELECT ${stream}, "productId", epoch, sequence
            FROM ${given(piece, '"productId" text, epoch bigint, sequence bigint')}
            ON CONFLICT (stream, product_id) DO UPDATE SET epoch = excluded.epoch, sequence = excluded.sequence
            WHERE (p.epoch, p.sequence) <= (excluded.epoch, excluded.sequence)
            RETURNING product_id AS id`,
        );
        for (const { id } of found) moved.add(id);
      }
      return moved;
    },
  };
}
