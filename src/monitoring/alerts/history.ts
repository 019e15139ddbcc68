/** What was checked and what was alerted, kept from one run to the next. */
import type { Alert, Check } from './judge.ts';

export interface WatchHistory {
  /** The last checks, in order of time. */
  checks(most: number): Promise<readonly Check[]>;
  /** Alerts at or after a time, in seconds since 1970, in order of time. */
  alerts(since: number): Promise<readonly Alert[]>;
  /** Keeps a check and what it raised: both or neither. */
  add(check: Check, raised: readonly Alert[]): Promise<void>;
}
