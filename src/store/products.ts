/** Products and where their media are. */
import { createHash } from 'node:crypto';
import { asc, count, inArray, type SQL, sql } from 'drizzle-orm';
import type { Context, Query } from './database.ts';
import { dropPicturesWithoutFile } from './pictures.ts';
import { type ProductFilter, whereOf } from './product-filter.ts';
import { given, grouped, isOneOf, pieces, rows } from './sql.ts';
import { media, products } from './tables.ts';

export type StoredMedia = {
  /** The field of the product that the picture or sound is in. */
  readonly field: string;
  /** A path or an address. */
  readonly reference: string;
  readonly contentHash: string | null;
};

export type ProductWrite = {
  readonly id: string;
  readonly supplier?: string | null;
  readonly category?: string | null;
  readonly locale?: string | null;
  /** Texts, numbers and other cells by field name, as JSON. */
  readonly fields: Readonly<Record<string, unknown>>;
  /** In order. */
  readonly media?: readonly { field: string; reference: string; contentHash?: string | null }[];
};

export type StoredProduct = {
  readonly id: string;
  /** Of all that a model may read: category, locale, fields and media. */
  readonly contentHash: string;
  readonly supplier: string | null;
  readonly category: string | null;
  readonly locale: string | null;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly media: readonly StoredMedia[];
  readonly created: Date;
  /** When something of it last changed. */
  readonly updated: Date;
};

/** How many products were new, had changed, and were as they are. */
export type PutProducts = {
  readonly created: number;
  readonly changed: number;
  readonly unchanged: number;
};

export type ProductPage = {
  readonly products: readonly StoredProduct[];
  /** Give it as `after` for the next page; undefined on the last. */
  readonly next: string | undefined;
};

export type Products = ReturnType<typeof productsIn>;

const PIECE = 2000;

/** SHA-256 of what a model may read of a product, in hexadecimal: equal for equal products, whatever the order of their fields. */
export function contentHash({ category, locale, fields, media: files = [] }: ProductWrite): string {
  const content = [
    category ?? null,
    locale ?? null,
    fields,
    files.map(({ field, reference, contentHash: hash }) => [field, hash ?? reference]),
  ];
  return createHash('sha256')
    .update(JSON.stringify(content, (_, value: unknown) => sorted(value)))
    .digest('hex');
}

export function productsIn({ db, transaction, now }: Context) {
  return {
    /**
     * Keeps products, whole: what is there under an id is replaced. Values and predictions of a product stay.
     * Of several with one id the last counts.
     */
    async put(list: readonly ProductWrite[]): Promise<PutProducts> {
      let [created, changed] = [0, 0];
      const last = lastOfEach(list);
      for (const piece of pieces(last, PIECE)) {
        await transaction(async (inside) => {
          const put = await putPiece(inside, piece, REPLACE, now());
          created += put.created;
          changed += put.changed;
        });
      }
      return { created, changed, unchanged: last.length - created - changed };
    },

    /** Keeps products whose id is not there yet; those that are there stay as they are. @returns how many were new */
    async add(list: readonly ProductWrite[]): Promise<number> {
      let added = 0;
      for (const piece of pieces(lastOfEach(list), PIECE)) {
        await transaction(async (inside) => {
          added += (await putPiece(inside, piece, sql`DO NOTHING`, now())).created;
        });
      }
      return added;
    },

    /** Those that are there, by id in ascending order. */
    async get(ids: readonly string[]): Promise<readonly StoredProduct[]> {
      if (ids.length === 0) return [];
      const found = await db
        .select()
        .from(products)
        .where(isOneOf(products.id, ids))
        .orderBy(asc(products.id));
      return withMedia(db, found);
    },

    /**
     * Products by id, a page at a time: as quick for the last page as for the first.
     * @param after - `next` of the page before
     * @param limit - 1 to 1000
     */
    async page({
      after,
      limit = 50,
      filter = {},
    }: {
      after?: string | undefined;
      limit?: number;
      filter?: ProductFilter;
    } = {}): Promise<ProductPage> {
      // Ids first: they stand in indexes, and only those of the page are looked up.
      const ids = db
        .select({ id: products.id })
        .from(products)
        .where(whereOf(filter, after))
        .orderBy(asc(products.id))
        .limit(limit + 1);
      const found = await db
        .select()
        .from(products)
        .where(inArray(products.id, ids))
        .orderBy(asc(products.id));
      const page = await withMedia(db, found.slice(0, limit));
      return { products: page, next: found.length > limit ? page.at(-1)!.id : undefined };
    },

    /** How many there are; reads all that match, which takes its time in a large catalog. */
    async count(filter: ProductFilter = {}): Promise<number> {
      const [row] = await db.select({ n: count() }).from(products).where(whereOf(filter));
      return row!.n;
    },

    /** With everything that hangs on them: values, predictions, reviews, vectors. @returns how many were there */
    async remove(ids: readonly string[]): Promise<number> {
      if (ids.length === 0) return 0;
      const removed = await db
        .delete(products)
        .where(isOneOf(products.id, ids))
        .returning({ id: products.id });
      return removed.length;
    },

    /** The distinct suppliers, categories and locales, each with how many products have it, most first. */
    async groups(by: 'supplier' | 'category' | 'locale', limit = 1000) {
      const column = products[by];
      return db
        .select({ name: column, products: count() })
        .from(products)
        .groupBy(column)
        .orderBy(sql`count(*) DESC, ${column}`)
        .limit(limit);
    },
  };
}

/** In one order everywhere, so that two writers never wait for each other. */
function lastOfEach(list: readonly ProductWrite[]): ProductWrite[] {
  const last = new Map(list.map((product) => [product.id, product]));
  return [...last.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
}

const REPLACE = sql`DO UPDATE SET content_hash = excluded.content_hash, supplier = excluded.supplier,
    category = excluded.category, locale = excluded.locale, fields = excluded.fields, updated = excluded.updated
  WHERE p.content_hash <> excluded.content_hash OR p.supplier IS DISTINCT FROM excluded.supplier`;

/** @param onConflict - what becomes of a product that is there */
async function putPiece(db: Query, piece: readonly ProductWrite[], onConflict: SQL, now: SQL) {
  const list = piece.map((product) => ({
    id: product.id,
    hash: contentHash(product),
    supplier: product.supplier ?? null,
    category: product.category ?? null,
    locale: product.locale ?? null,
    fields: product.fields,
  }));
  const written = await rows<{ id: string; created: boolean }>(
    db,
    sql`INSERT INTO attune.products AS p (id, content_hash, supplier, category, locale, fields, created, updated)
      SELECT id, hash, supplier, category, locale, fields, ${now}, ${now}
      FROM ${given(list, 'id text, hash text, supplier text, category text, locale text, fields jsonb')}
      ON CONFLICT (id) ${onConflict}
      RETURNING p.id, p.xmax = 0 AS created`,
  );
  if (written.length > 0) await putMedia(db, piece, written);
  const created = written.filter((row) => row.created).length;
  return { created, changed: written.length - created };
}

async function putMedia(
  db: Query,
  piece: readonly ProductWrite[],
  written: readonly { id: string; created: boolean }[],
): Promise<void> {
  const byId = new Map(piece.map((product) => [product.id, product]));
  const changed = written.filter(({ created }) => !created).map(({ id }) => id);
  if (changed.length > 0) await db.delete(media).where(isOneOf(media.productId, changed));
  const files = written.flatMap(({ id }) =>
    (byId.get(id)!.media ?? []).map(({ field, reference, contentHash: hash }, place) => ({
      product_id: id,
      field,
      place,
      reference,
      hash: hash ?? null,
    })),
  );
  if (files.length > 0)
    await db.execute(sql`INSERT INTO attune.media SELECT product_id, field, place, reference, hash
      FROM ${given(files, 'product_id text, field text, place integer, reference text, hash text')}`);
  if (changed.length > 0) await dropPicturesWithoutFile(db, changed);
}

async function withMedia(
  db: Query,
  found: readonly (typeof products.$inferSelect)[],
): Promise<StoredProduct[]> {
  if (found.length === 0) return [];
  const files = await db
    .select()
    .from(media)
    .where(
      isOneOf(
        media.productId,
        found.map(({ id }) => id),
      ),
    )
    .orderBy(asc(media.productId), asc(media.place));
  const byProduct = grouped(files, ({ productId }) => productId);
  return found.map((product) => ({
    ...product,
    media: (byProduct.get(product.id) ?? []).map(({ field, reference, contentHash: hash }) => ({
      field,
      reference,
      contentHash: hash,
    })),
  }));
}

function sorted(value: unknown): unknown {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/**
 * Locks products until the transaction ends, in one order, so that what is decided from their values and predictions holds when it
 * is written.
 * @returns content hash by id, of those that are there
 */
export async function lockProducts(db: Query, ids: Iterable<string>): Promise<Map<string, string>> {
  const list = [...new Set(ids)];
  if (list.length === 0) return new Map();
  const found = await db
    .select({ id: products.id, hash: products.contentHash })
    .from(products)
    .where(isOneOf(products.id, list))
    .orderBy(asc(products.id))
    .for('no key update');
  return new Map(found.map(({ id, hash }) => [id, hash]));
}
