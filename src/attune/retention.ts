/** `attune store`: deletes old records, and what is known of a person who asks to be forgotten. */
import type { Forgotten } from '../store/forget.ts';
import type { Deleted, Retention } from '../store/retention.ts';
import { inStoreThatIsThere } from './store.ts';

export type ForgetOptions = {
  /** A folder or a `postgres://` address; DATABASE_URL, else the folder `attune-store`, when left out. */
  readonly store?: string;
  /** A shopper as the events have them, or a reviewer by name. */
  readonly person: string;
};

export type ForgetResult = {
  /** The folder, or the address without its password. */
  readonly store: string;
  /** How many records of which kind no longer name the person. */
  readonly forgotten: Forgotten;
};

/** @throws `store/not-found` where there is no store; what `openStore` throws */
export const forgetPerson = ({ store, person }: ForgetOptions): Promise<ForgetResult> =>
  inStoreThatIsThere(store, async ({ where, retention }) => ({
    store: where,
    forgotten: await retention.forget(person),
  }));

export type ExpireOptions = {
  /** A folder or a `postgres://` address; DATABASE_URL, else the folder `attune-store`, when left out. */
  readonly store?: string;
  /** Days to keep, by kind of record; what is left out stays. */
  readonly keep: Retention;
};

export type ExpireResult = {
  /** The folder, or the address without its password. */
  readonly store: string;
  readonly deleted: Deleted;
};

/** Gives the room back too. @throws `store/not-found` where there is no store; what `openStore` throws */
export const expireRecords = ({ store, keep }: ExpireOptions): Promise<ExpireResult> =>
  inStoreThatIsThere(store, async ({ where, retention }) => {
    const deleted = await retention.apply(keep);
    await retention.tidy();
    return { store: where, deleted };
  });
