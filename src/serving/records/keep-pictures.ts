/** Small copies of the pictures that were sent with products, made once a picture. */
import { createHash } from 'node:crypto';
import type { ProductInput } from '../../prediction/prediction.ts';
import type { Store } from '../../store/store.ts';

/** In a store, when nothing else is said. */
export const MOST_PICTURES = 50_000;

export type Thumbnails = {
  /** @returns a small JPEG; undefined of what is no picture */
  readonly make: (bytes: Uint8Array) => Promise<Uint8Array | undefined>;
  /** In the store. */
  readonly most: number;
};

/** @param products - that are in the store; those whose pictures the store does not have as they were sent are left out */
export async function keepPictures(
  { pictures }: Pick<Store, 'pictures'>,
  products: readonly ProductInput[],
  { make, most }: Thumbnails,
): Promise<void> {
  const sent = products.flatMap(({ id, media }) =>
    Object.values(media?.cells ?? {}).flatMap((files) =>
      files.flatMap((bytes) => (typeof bytes === 'string' ? [] : [{ productId: id!, bytes }])),
    ),
  );
  if (most === 0 || sent.length === 0) return;
  const missing = await pictures.missing([...new Set(sent.map(({ productId }) => productId))]);
  const wanted = new Set(missing.map(nameOf));
  for (const { productId, bytes } of sent) {
    const contentHash = createHash('sha256').update(bytes).digest('hex');
    if (!wanted.delete(nameOf({ productId, contentHash }))) continue;
    const jpeg = await make(bytes);
    if (jpeg !== undefined) await pictures.keep([{ productId, contentHash, jpeg }], most);
  }
}

const nameOf = ({ productId, contentHash }: { productId: string; contentHash: string }) =>
  JSON.stringify([productId, contentHash]);
