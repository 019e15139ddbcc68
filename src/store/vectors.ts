/**
 * Vectors of products, and which are near: with pgvector where the database has it, else by comparing with all of them.
 *
 * A space is what makes vectors comparable: one model's, one field's. All vectors of a space have one width.
 */
import { createHash } from 'node:crypto';
import { and, eq, type SQL, sql } from 'drizzle-orm';
import type { Context, Query, VectorSearch } from './database.ts';
import { storeError } from './errors.ts';
import { given, isOneOf, pieces, rows } from './sql.ts';
import { vectors } from './tables.ts';

export type VectorWrite = {
  readonly productId: string;
  /** [width] finite, not all zero */
  readonly embedding: ArrayLike<number>;
  /** Of the product as it was embedded. */
  readonly contentHash: string;
};

export type Neighbour = {
  readonly productId: string;
  /** Cosine, -1 to 1. */
  readonly similarity: number;
};

export type Vectors = ReturnType<typeof vectorsIn>;

const PIECE = 1000;
/** The widest that pgvector indexes. */
const INDEXED_WIDTH = 2000;

export function vectorsIn({ db, transaction, vectorSearch }: Context) {
  return {
    /** How `search` works here. */
    how: async (): Promise<VectorSearch> => vectorSearch,

    /**
     * Keeps vectors; one that is there is replaced. Those of products that are not there are left out.
     * @returns how many were kept
     * @throws `store/bad-value` for a vector that is not finite, is zero, or has another width than the space
     */
    async put(space: string, list: readonly VectorWrite[]): Promise<number> {
      let kept = 0;
      await transaction(async (inside) => {
        kept = 0;
        let width = await widthOf(inside, space);
        for (const { productId, embedding } of list) {
          width ??= embedding.length;
          requireVector(embedding, width, productId);
        }
        for (const piece of pieces(list, PIECE)) {
          const made = await rows(
            inside,
            sql`INSERT INTO attune.vectors (space, product_id, embedding, content_hash)
              SELECT ${space}, p.id, given.embedding, given."contentHash"
              FROM ${given(
                piece.map((vector) => ({ ...vector, embedding: Array.from(vector.embedding) })),
                '"productId" text, embedding real[], "contentHash" text',
              )} JOIN attune.products p ON p.id = given."productId"
              ON CONFLICT (space, product_id) DO UPDATE
                SET embedding = excluded.embedding, content_hash = excluded.content_hash
              RETURNING 1`,
          );
          kept += made.length;
        }
      });
      return kept;
    },

    async get(space: string, ids: readonly string[]) {
      if (ids.length === 0) return [];
      return db
        .select({
          productId: vectors.productId,
          embedding: vectors.embedding,
          contentHash: vectors.contentHash,
        })
        .from(vectors)
        .where(and(eq(vectors.space, space), isOneOf(vectors.productId, ids)))
        .orderBy(vectors.productId);
    },

    /**
     * The products whose vectors point most nearly the same way, nearest first. Exact, but where `index` was called: then the index
     * may miss some.
     * @param embedding - [width of the space]
     * @throws `store/bad-value`
     */
    async search(space: string, embedding: ArrayLike<number>, limit = 10): Promise<readonly Neighbour[]> {
      const width = await widthOf(db, space);
      if (width === undefined) return [];
      requireVector(embedding, width, undefined);
      return vectorSearch === 'pgvector'
        ? searchInDatabase(db, space, Array.from(embedding), limit)
        : searchHere(db, space, embedding, limit);
    },

    /**
     * Makes an index (HNSW) of a space, with which searches are quicker and may miss some.
     * @returns false where nothing was made: there is no pgvector, no vector, or they are too wide
     */
    async index(space: string): Promise<boolean> {
      const width = await widthOf(db, space);
      if (vectorSearch === 'exact' || width === undefined || width > INDEXED_WIDTH) return false;
      const name = `vectors_near_${createHash('sha256').update(space).digest('hex').slice(0, 16)}`;
      await db.execute(sql`CREATE INDEX IF NOT EXISTS ${sql.identifier(name)} ON attune.vectors
        USING hnsw ((embedding::vector(${sql.raw(String(width))})) vector_cosine_ops)
        WHERE space = ${sql.raw(quoted(space))}`);
      return true;
    },
  };
}

async function widthOf(db: Query, space: string): Promise<number | undefined> {
  const [found] = await rows<{ width: number }>(
    db,
    sql`SELECT cardinality(embedding) AS width FROM attune.vectors WHERE space = ${space} LIMIT 1`,
  );
  return found?.width;
}

/** The width is written out, and the space too, so that the index of this space fits the query. */
async function searchInDatabase(
  db: Query,
  space: string,
  embedding: readonly number[],
  limit: number,
): Promise<Neighbour[]> {
  const width = sql.raw(String(embedding.length));
  const distance: SQL = sql`embedding::vector(${width}) <=> ${JSON.stringify(embedding)}::vector(${width})`;
  const found = await rows<{ product_id: string; similarity: number }>(
    db,
    sql`SELECT product_id, 1 - (${distance}) AS similarity FROM attune.vectors
      WHERE space = ${sql.raw(quoted(space))} ORDER BY ${distance} LIMIT ${limit}`,
  );
  return found.map(({ product_id, similarity }) => ({ productId: product_id, similarity }));
}

async function searchHere(
  db: Query,
  space: string,
  embedding: ArrayLike<number>,
  limit: number,
): Promise<Neighbour[]> {
  let best: Neighbour[] = [];
  for (let after: string | undefined; ; ) {
    const page = await db
      .select({ productId: vectors.productId, embedding: vectors.embedding })
      .from(vectors)
      .where(
        and(eq(vectors.space, space), after === undefined ? undefined : sql`${vectors.productId} > ${after}`),
      )
      .orderBy(vectors.productId)
      .limit(PIECE);
    const scored = page.map(({ productId, embedding: other }) => ({
      productId,
      similarity: cosine(embedding, other),
    }));
    best = [...best, ...scored].sort((a, b) => b.similarity - a.similarity).slice(0, limit);
    if (page.length < PIECE) return best;
    after = page.at(-1)!.productId;
  }
}

function cosine(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let [dot, aa, bb] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    dot += a[i]! * b[i]!;
    aa += a[i]! * a[i]!;
    bb += b[i]! * b[i]!;
  }
  return dot / Math.sqrt(aa * bb);
}

/** @throws `store/bad-value` */
function requireVector(embedding: ArrayLike<number>, width: number, productId: string | undefined): void {
  const whose = productId === undefined ? 'to search for' : `of product "${productId}"`;
  const numbers = Array.from(embedding);
  const wrong =
    numbers.length !== width
      ? `has ${numbers.length} numbers, not the ${width} of its space`
      : !numbers.every(Number.isFinite)
        ? 'has a number that is not finite'
        : numbers.every((n) => Math.fround(n) === 0)
          ? 'is zero, and points nowhere'
          : undefined;
  if (wrong === undefined) return;
  throw storeError('store/bad-value', `The vector ${whose} ${wrong}.`, { details: { productId, width } });
}

const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`;
