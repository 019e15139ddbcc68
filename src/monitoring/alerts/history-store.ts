/** The history of checks of a model in a store, where a page and other machines see it. */
import type { Store } from '../../store/store.ts';
import type { Severity } from '../../store/tables.ts';
import type { RaisedAlert, WatchedModel, WatchHistory } from './history.ts';
import type { Alert, Check } from './judge.ts';

export type HistoryStore = WatchHistory & {
  /** Adds a check, what it raised, and what a page shows of it: all or nothing. */
  add(check: Check, raised: readonly RaisedAlert[], report: Readonly<Record<string, unknown>>): Promise<void>;
};

/** What is kept of an alert beside its sentence. */
type Details = Omit<RaisedAlert, 'message'> & { readonly model: string; readonly version: string };

export function historyStore(
  store: Pick<Store, 'monitorReports' | 'alerts' | 'atomically'>,
  { name: model, version }: WatchedModel,
): HistoryStore {
  return {
    checks: async (most) =>
      most === 0
        ? []
        : (await store.monitorReports.list({ model, version, limit: most }))
            .map(({ at, signals }) => ({ time: at.getTime() / 1000, signals }))
            .reverse(),
    alerts: async (since) =>
      (await store.alerts.heard({ model, version, since: new Date(since * 1000) })).map(
        ({ title, details }): Alert => ({ ...(details as Details), message: title }),
      ),
    add: (check, raised, report) =>
      store.atomically(async ({ monitorReports, alerts }) => {
        const { time, signals } = check;
        await monitorReports.add({ model, version, signals, report, at: new Date(time * 1000) });
        for (const { message: title, ...alert } of raised) {
          const details: Details = { ...alert, model, version };
          const at = new Date(alert.time * 1000);
          await alerts.add({ at, monitor: alert.signal, severity: severityOf(alert), title, details });
        }
      }),
  };
}

/** That a model answers less right is worse than that products change. */
const severityOf = ({ signal }: Pick<Alert, 'signal'>): Severity =>
  signal.startsWith('drift') ? 'warning' : 'critical';
