import { setTimeout as pause } from 'node:timers/promises';
import { AttuneError } from '../base/errors.ts';

export type Patience = {
  /** Told each time why it waits. */
  readonly onWait: (why: string) => void;
  /** Once aborted, what fails is not done again. */
  readonly signal?: AbortSignal;
  /** Before the second time; it doubles each time, up to five seconds. */
  readonly firstPauseMs?: number;
};

const LONGEST_PAUSE_MS = 5000;
const AWAY = ['store/unavailable', 'store/disk-full', 'store/refused', 'serving/stream-unavailable'];

/** Does work until the database and the queue that it needs are there; any other failure is the caller's. */
export async function patiently<T>(
  work: () => Promise<T>,
  { onWait, signal, firstPauseMs = 100 }: Patience,
): Promise<T> {
  for (let waitMs = firstPauseMs; ; waitMs = Math.min(2 * waitMs, LONGEST_PAUSE_MS)) {
    try {
      return await work();
    } catch (error) {
      if (!isAway(error) || signal?.aborted) throw error;
      onWait(error.message);
      await pause(waitMs, undefined, signal === undefined ? {} : { signal }).catch(() => {});
    }
  }
}

/** That a thing which work needs is not there now, and may be later: the same may succeed then. */
export function isAway(error: unknown): error is AttuneError {
  return error instanceof AttuneError && AWAY.includes(error.code);
}
