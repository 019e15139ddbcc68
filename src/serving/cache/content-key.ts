import { createHash } from 'node:crypto';
import type { ProductInput } from '../../prediction/prediction.ts';

/**
 * A name for what a model reads of a product and is asked about it: equal for equal questions, another one for every other. SHA-256, in
 * base64url.
 * @param readsIds - whether the answer depends on the product's id too
 */
export function contentKey(
  { id, category, texts, media, table, values, known }: ProductInput,
  { topK, contributions, readsIds }: { topK: number; contributions: boolean; readsIds: boolean },
): string {
  const hash = createHash('sha256');
  const asked = [topK, contributions, readsIds ? (id ?? null) : null];
  hash.update(JSON.stringify([asked, category ?? null, texts, table ?? null, values ?? null, known ?? null]));
  for (const [field, cells] of Object.entries(media?.cells ?? {}))
    for (const cell of cells) {
      hash.update(JSON.stringify([field, cell.length, typeof cell]));
      hash.update(cell);
    }
  return hash.digest('base64url');
}
