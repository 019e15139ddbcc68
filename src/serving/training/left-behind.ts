/** Trainings whose service was killed: they save and stop by themselves. */
import { setTimeout as delay } from 'node:timers/promises';
import { isAlive, type ProcessMark, sendSignal } from '../../base/process-life.ts';

const LOOK_MS = 200;

/**
 * Waits until the process is gone; one that takes too long is ended.
 * @param isClosing - whether to wait no more
 * @returns whether it is gone
 */
export async function waitUntilGone(
  mark: ProcessMark,
  { withinMs, isClosing }: { readonly withinMs: number; isClosing(): boolean },
): Promise<boolean> {
  const until = performance.now() + withinMs;
  let ended = false;
  while (!ended && (await isAlive(mark))) {
    if (isClosing()) return false;
    ended = performance.now() > until;
    // Where the system does not tell whether it is the same process, it is only waited for.
    if (ended) await sendSignal(mark, 'SIGKILL');
    await delay(LOOK_MS);
  }
  return true;
}
