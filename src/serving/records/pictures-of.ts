import type { Store } from '../../store/store.ts';

/** The copies of one product among those of several, as the contracts have them. */
export function picturesOf(
  kept: Awaited<ReturnType<Store['pictures']['of']>>,
  id: string,
): { field: string; hash: string }[] {
  return kept
    .filter(({ productId }) => productId === id)
    .map(({ field, contentHash }) => ({ field, hash: contentHash }));
}
