/** Small copies of the pictures that were sent with products, made once a picture. */
import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
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

/** Files that are remembered as no pictures, sounds among them: a few MB. They are tried once more after a restart. */
const MOST_UNREADABLE = 20_000;

export class PictureKeeper {
  readonly #pictures: Store['pictures'];
  readonly #thumbnails: Thumbnails;
  /** By SHA-256. */
  readonly #unreadable = new LRUCache<string, true>({ max: MOST_UNREADABLE });

  constructor({ pictures }: Pick<Store, 'pictures'>, thumbnails: Thumbnails) {
    this.#pictures = pictures;
    this.#thumbnails = thumbnails;
  }

  /** @param products - that are in the store; those whose pictures the store does not have as they were sent are left out */
  async keep(products: readonly ProductInput[]): Promise<void> {
    const { make, most } = this.#thumbnails;
    const sent = products.flatMap(({ id, media }) =>
      Object.values(media?.cells ?? {}).flatMap((files) =>
        files.flatMap((bytes) => (typeof bytes === 'string' ? [] : [{ productId: id!, bytes }])),
      ),
    );
    if (most === 0 || sent.length === 0) return;
    const missing = await this.#pictures.missing([...new Set(sent.map(({ productId }) => productId))]);
    const wanted = new Set(
      missing.filter(({ contentHash }) => !this.#unreadable.get(contentHash)).map(nameOf),
    );
    if (wanted.size === 0) return;
    for (const { productId, bytes } of sent) {
      const contentHash = createHash('sha256').update(bytes).digest('hex');
      if (!wanted.delete(nameOf({ productId, contentHash }))) continue;
      const jpeg = await make(bytes);
      if (jpeg === undefined) this.#unreadable.set(contentHash, true);
      else await this.#pictures.keep([{ productId, contentHash, jpeg }], most);
    }
  }
}

const nameOf = ({ productId, contentHash }: { productId: string; contentHash: string }) =>
  JSON.stringify([productId, contentHash]);
