/** The history of checks of one model in a store, where a page and other machines see it. */
import type { Store } from '../../store/store.ts';
import type { Severity } from '../../store/tables.ts';
import type { RaisedAlert, WatchHistory } from './history.ts';
import type { Alert, Check } from './judge.ts';

export type WatchedModel = { readonly name: string; readonly version: string };

export type HistoryStore = WatchHistory & {
  /** Adds a check, what it raised, and what a page shows of it: all or nothing. */
  add(check: Check, raised: readonly RaisedAlert[], report: Readonly<Record<string, unknown>>): Promise<void>;
};

/** Alerts that a cool-down may look back at. */
const MOST_ALERTS = 1000;

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
        : (await store.monitorReports.list({ model, limit: most }))
            .map(({ at, signals }) => ({ time: at.getTime() / 1000, signals }))
            .reverse(),
    alerts: async (since) =>
      (await store.alerts.list({ limit: MOST_ALERTS }))
        .map(({ title, details }): Details & Alert => ({ ...(details as Details), message: title }))
        .filter((alert) => alert.model === model && alert.delivered && alert.time >= since)
        .reverse(),
    add: (check, raised, report) =>
      store.atomically(async ({ monitorReports, alerts }) => {
        const { time, signals } = check;
        await monitorReports.add({ model, version, signals, report, at: new Date(time * 1000) });
        for (const { message: title, ...alert } of raised) {
          const details: Details = { ...alert, model, version };
          await alerts.add({ monitor: alert.signal, severity: severityOf(alert), title, details });
        }
      }),
  };
}

/** That a model answers less right is worse than that products change. */
const severityOf = ({ signal }: Pick<Alert, 'signal'>): Severity =>
  signal.startsWith('drift') ? 'warning' : 'critical';
