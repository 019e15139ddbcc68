/** `attune keys`: keys of a service's callers, made and revoked in its store. */
import { userInfo } from 'node:os';
import type { ApiKey } from '../store/keys.ts';
import type { Role } from '../store/vocabulary.ts';
import { inStore } from './store.ts';

export type KeyStore = {
  /** A folder or a `postgres://` address; DATABASE_URL, else the folder `attune-store`, when left out. */
  readonly store?: string;
};

/** @returns the key, shown this once @throws store/... */
export function createKey({ store, ...key }: KeyStore & { readonly name: string; readonly role: Role }) {
  return inStore(store, ({ keys }) => keys.create({ ...key, createdBy: `${userInfo().username} (command)` }));
}

/** Revoked ones too, oldest first. @throws store/... */
export const listKeys = ({ store }: KeyStore): Promise<readonly ApiKey[]> =>
  inStore(store, ({ keys }) => keys.list());

/** @throws store/not-found, store/... */
export const revokeKey = ({ store, id }: KeyStore & { readonly id: string }): Promise<ApiKey> =>
  inStore(store, ({ keys }) => keys.revoke(id));
