/** From what a check measured to the alerts that it raises, and to where these are kept. */
import type { WatchedAccuracy } from '../monitoring/accuracy/watch-accuracy.ts';
import { deliver, webhookChannel } from '../monitoring/alerts/channels.ts';
import type { WatchedModel } from '../monitoring/alerts/history.ts';
import { historyFile } from '../monitoring/alerts/history-file.ts';
import { historyStore } from '../monitoring/alerts/history-store.ts';
import {
  type Alert,
  type AlertRule,
  type Check,
  DEFAULT_RULES,
  judgeChecks,
} from '../monitoring/alerts/judge.ts';
import type { DriftReport } from '../monitoring/drift/report.ts';
import type { MonitoringReport } from '../serving/api/monitoring.ts';
import type { Store } from '../store/store.ts';

export type RaiseOptions = {
  readonly rules?: readonly AlertRule[];
  /** A file of JSON lines that the check and its alerts are added to; windows and cool-downs look back into it. */
  readonly history?: string;
  /** An address that alerts are posted to. */
  readonly webhook?: string;
};

/** So many checks back a window may look. */
const MOST_CHECKS = 100;

/** A drop is counted only as far as chance does not explain it. */
export function signalsOf(drift: DriftReport, accuracy: readonly WatchedAccuracy[]): Check['signals'] {
  const signals: Record<string, number> = {};
  for (const { field, slice, aspect, drifted } of drift.tests) {
    const name = `drift/${field}${aspect === 'content' ? '' : ` ${aspect}`}${slice ? ` at ${slice.name} ${slice.value}` : ''}`;
    signals[name] = drifted ? 1 : 0;
  }
  for (const { attribute, before, estimated, tested, measured } of accuracy) {
    if (before !== undefined && estimated !== undefined)
      signals[`estimated-accuracy-drop/${attribute}`] =
        estimated.interval.high < before ? before - estimated.accuracy : 0;
    if (tested !== undefined && measured !== undefined)
      signals[`measured-accuracy-drop/${attribute}`] =
        measured.interval.high < tested ? tested - measured.accuracy : 0;
  }
  return signals;
}

/**
 * Judges a check by the checks before it, delivers its alerts, and keeps both: in the file and in the store, as far as there are. The file
 * tells what was before where there are both.
 * @param reportOf - what a page shows of the check, given what could not be delivered
 */
export async function raiseAlerts(
  check: Check,
  { history, webhook, rules = DEFAULT_RULES }: RaiseOptions,
  kept: { readonly store: Store | undefined; readonly model: WatchedModel },
  reportOf: (alerts: readonly Alert[], undelivered: readonly string[]) => MonitoringReport,
): Promise<{ readonly alerts: readonly Alert[]; readonly undelivered: readonly string[] }> {
  const file = history === undefined ? undefined : historyFile(history, kept.model);
  const inStore = kept.store && historyStore(kept.store, kept.model);
  const before = file ?? inStore;
  const coolDown = Math.max(...rules.map((rule) => rule.coolDown), 0);
  const earlier = (await before?.checks(MOST_CHECKS)) ?? [];
  const said = (await before?.alerts(check.time - coolDown)) ?? [];
  const alerts = judgeChecks(rules, [...earlier, check], said);
  const channels = webhook === undefined ? [] : [webhookChannel(webhook)];
  const { raised, undelivered } = await deliver(alerts, channels);
  await file?.add(check, raised);
  await inStore?.add(check, raised, reportOf(alerts, undelivered));
  return { alerts, undelivered };
}

/** What the last check of a version of a model speaks of, in the file and in the store, whether or not it was told a moment before; a sentence each. */
export async function lastAlerts(
  history: string | undefined,
  store: Store | undefined,
  model: WatchedModel,
): Promise<readonly string[]> {
  const kept = [
    ...(history === undefined ? [] : [historyFile(history, model)]),
    ...(store === undefined ? [] : [historyStore(store, model)]),
  ];
  const said = new Set<string>();
  for (const each of kept)
    for (const { message } of judgeChecks(DEFAULT_RULES, await each.checks(MOST_CHECKS), []))
      said.add(message);
  return [...said];
}
