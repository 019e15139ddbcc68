/** What people said of products, from files and from a store. */
import { type ReviewRecord, readReviews } from '../monitoring/people/reviews-file.ts';
import { openStore, type Store, storeAddress } from '../store/store.ts';

export type ReviewSources = {
  readonly reviews?: readonly string[] | undefined;
  /** A folder, or a `postgres://` address. */
  readonly store?: string | undefined;
};

const PAGE = 1000;

/** Opens the store that was named for the work, or none. @throws store/... */
export async function withStore<T>(
  address: string | undefined,
  work: (store: Store | undefined) => Promise<T>,
): Promise<T> {
  const store = address === undefined ? undefined : await openStore(storeAddress(address));
  try {
    return await work(store);
  } finally {
    await store?.close();
  }
}

/** @returns the answers of people, those of the store with the chance with which the queue chose them, and what could not be read, in a sentence each */
export async function readAllReviews(
  files: readonly string[] | undefined,
  store: Store | undefined,
): Promise<{ readonly reviews: readonly ReviewRecord[]; readonly notes: readonly string[] }> {
  const stored = store === undefined ? [] : await storedReviews(store);
  if (files === undefined) return { reviews: stored, notes: [] };
  const { reviews, unread, unreadCount } = await readReviews(files);
  const notes =
    unreadCount === 0 ? [] : [`${unreadCount} rows of the reviews could not be read. ${unread.join(' ')}`];
  return { reviews: [...stored, ...reviews], notes };
}

async function storedReviews({ reviews }: Store): Promise<readonly ReviewRecord[]> {
  const found: ReviewRecord[] = [];
  for (let after: number | undefined; ; ) {
    const page = await reviews.responses({ limit: PAGE, ...(after === undefined ? {} : { after }) });
    for (const { productId, attribute, values, unit, who, updated, chance } of page)
      found.push({
        product: productId,
        attribute,
        values: values.length === 0 ? undefined : values.map((value) => withUnit(value, unit)),
        reviewer: who,
        time: updated.getTime() / 1000,
        chance: chance ?? undefined,
      });
    if (page.length < PAGE) return found;
    after = page.at(-1)!.id;
  }
}

/** A person may have written the unit too. */
const withUnit = (value: string, unit: string | null) =>
  unit === null || /\p{L}/u.test(value) ? value : `${value} ${unit}`;
