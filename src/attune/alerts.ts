/** `attune alerts`: what the monitoring raised, as the store has it, and what people did about it. */
import { userInfo } from 'node:os';
import type { Alert } from '../store/alerts.ts';
import type { AlertState } from '../store/vocabulary.ts';
import { inStore } from './store.ts';

type AlertStore = {
  /** A folder or a `postgres://` address; DATABASE_URL, else the folder `attune-store`, when left out. */
  readonly store?: string;
};

/** Latest first. @throws store/... */
export const listAlerts = ({
  store,
  state,
  limit,
}: AlertStore & { readonly state?: AlertState; readonly limit?: number }): Promise<readonly Alert[]> =>
  inStore(store, ({ alerts }) =>
    alerts.list({
      ...(state === undefined ? {} : { states: [state] }),
      ...(limit === undefined ? {} : { limit }),
    }),
  );

/** @throws store/not-found, store/... */
export const closeAlert = ({ store, id }: AlertStore & { readonly id: number }): Promise<Alert> =>
  inStore(store, ({ alerts }) => alerts.setState(id, 'closed', `${userInfo().username} (command)`));
