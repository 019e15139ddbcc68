/** Where the store is: as a command was told, else as the environment says, else beside the models. */
import { storeError } from '../store/errors.ts';
import { holdsStore } from '../store/open-pglite.ts';
import { openStore, type Store, storeAddress } from '../store/store.ts';

export { openStore } from '../store/store.ts';

/** The folder of the embedded store when nothing else is said. */
const DEFAULT_FOLDER = 'attune-store';

/** @param given - a folder, or a `postgres://` address; DATABASE_URL when left out, and a folder without that */
export function whichStore(
  given: string | undefined,
  environment: NodeJS.ProcessEnv = process.env,
): ReturnType<typeof storeAddress> {
  return storeAddress(given ?? (environment.DATABASE_URL || DEFAULT_FOLDER));
}

/** Opens the store, as `whichStore` says, for the work. @throws store/... */
export async function inStore<T>(given: string | undefined, work: (store: Store) => Promise<T>): Promise<T> {
  const store = await openStore(whichStore(given));
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

/** As `inStore`, for commands that make none. @throws `store/not-found` where there is no store; what `openStore` throws */
export async function inStoreThatIsThere<T>(
  given: string | undefined,
  work: (store: Store) => Promise<T>,
): Promise<T> {
  const address = whichStore(given);
  if ('folder' in address && !holdsStore(address.folder)) {
    throw storeError('store/not-found', `There is no store in ${address.folder}.`, {
      hint: 'Name its folder, or the address of the PostgreSQL, with --store.',
      details: address,
    });
  }
  return inStore(given, work);
}
