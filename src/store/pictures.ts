/** Small copies of the pictures of products, for people to look at. They go with their product, or when it has the picture no more. */
import { sql } from 'drizzle-orm';
import type { Context, Query } from './database.ts';
import { given, rows } from './sql.ts';

/** A picture of a product: the SHA-256 of the file that it was, in hexadecimal. */
export type PictureName = { readonly productId: string; readonly contentHash: string };
export type PictureWrite = PictureName & { readonly jpeg: Uint8Array };

export type Pictures = ReturnType<typeof picturesIn>;

export function picturesIn({ db }: Context) {
  return {
    /** Files of the products that no copy is kept of, sounds too. */
    async missing(ids: readonly string[]): Promise<readonly PictureName[]> {
      const found = await rows<{ product_id: string; content_hash: string }>(
        db,
        sql`SELECT DISTINCT m.product_id, m.content_hash FROM attune.media m
          WHERE m.product_id = ANY(${sql.param([...ids])}::text[]) AND m.content_hash IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM attune.pictures p
            WHERE p.product_id = m.product_id AND p.content_hash = m.content_hash)`,
      );
      return found.map((one) => ({ productId: one.product_id, contentHash: one.content_hash }));
    },

    /** Keeps copies of pictures that products have; those of others are left out. @param most - in the store: the oldest go first */
    async keep(list: readonly PictureWrite[], most: number): Promise<void> {
      if (list.length === 0) return;
      const copies = list.map(({ productId, contentHash, jpeg }) => ({
        product_id: productId,
        content_hash: contentHash,
        jpeg: Buffer.from(jpeg).toString('base64'),
      }));
      await db.execute(sql`INSERT INTO attune.pictures (product_id, content_hash, jpeg)
        SELECT product_id, content_hash, jpeg FROM ${given(copies, 'product_id text, content_hash text, jpeg text')}
        WHERE EXISTS (SELECT 1 FROM attune.media m
          WHERE m.product_id = given.product_id AND m.content_hash = given.content_hash)
        ON CONFLICT (product_id, content_hash) DO NOTHING`);
      await db.execute(
        sql`DELETE FROM attune.pictures WHERE id <= (SELECT id FROM attune.pictures ORDER BY id DESC OFFSET ${most} LIMIT 1)`,
      );
    },

    /** A JPEG, by the hash of the file that it is a copy of. */
    async get(contentHash: string): Promise<Uint8Array | undefined> {
      const [found] = await rows<{ jpeg: string }>(
        db,
        sql`SELECT jpeg FROM attune.pictures WHERE content_hash = ${contentHash} LIMIT 1`,
      );
      return found && Buffer.from(found.jpeg, 'base64');
    },

    /** Which copies are kept of the products, in the order of their files. */
    async of(ids: readonly string[]): Promise<readonly (PictureName & { readonly field: string })[]> {
      if (ids.length === 0) return [];
      const found = await rows<{ product_id: string; content_hash: string; field: string }>(
        db,
        sql`SELECT m.product_id, m.content_hash, m.field FROM attune.media m
          JOIN attune.pictures p ON p.product_id = m.product_id AND p.content_hash = m.content_hash
          WHERE m.product_id = ANY(${sql.param([...ids])}::text[]) ORDER BY m.product_id, m.place, m.field`,
      );
      return found.map((one) => ({
        productId: one.product_id,
        contentHash: one.content_hash,
        field: one.field,
      }));
    },
  };
}

/** Of products whose files were replaced: copies of files that they have no more. */
export async function dropPicturesWithoutFile(db: Query, ids: readonly string[]): Promise<void> {
  await db.execute(sql`DELETE FROM attune.pictures p
    WHERE p.product_id = ANY(${sql.param([...ids])}::text[]) AND NOT EXISTS (
      SELECT 1 FROM attune.media m WHERE m.product_id = p.product_id AND m.content_hash = p.content_hash)`);
}
