/** What was checked and what was alerted of one version of a model, kept from one run to the next: another version is judged by its own. */
import type { Alert, Check } from './judge.ts';

/** An alert, and whether everybody who should hear of it did. */
export type RaisedAlert = Alert & { readonly delivered: boolean };

export type WatchedModel = { readonly name: string; readonly version: string };

export interface WatchHistory {
  /** The last checks, in order of time. */
  checks(most: number): Promise<readonly Check[]>;
  /**
   * Alerts at or after a time, in seconds since 1970, in order of time. Those that were delivered: one that nobody heard is none, and is raised
   * again.
   */
  alerts(since: number): Promise<readonly Alert[]>;
}
