/** Takes parts of a file that workers share, and predicts them. The store says who has which; a worker that dies loses its part to another. */
import { setTimeout as pause } from 'node:timers/promises';
import { AttuneError } from '../../base/errors.ts';
import type { Predictor } from '../../prediction/prediction.ts';
import type { Store } from '../../store/store.ts';
import { isAway } from '../patiently.ts';
import { datasetsOf, partResult, readTask } from './part-task.ts';

export type PartWorkerOptions = {
  readonly store: Pick<Store, 'work'>;
  readonly predictor: Predictor;
  /** Of the model: only parts that were made for the same one are taken. */
  readonly key: string;
  readonly holder: string;
  readonly onDone?: () => void;
  /** Told why, each time that the database is not there and it waits. */
  readonly onWait: (why: string) => void;
};

const LEASE_SECONDS = 60;
const RENEWALS_PER_LEASE = 4;
const LOOK_MS = 500;
const AWAY_MS = 2000;

export class PartWorker {
  readonly #options: PartWorkerOptions;

  constructor(options: PartWorkerOptions) {
    this.#options = options;
  }

  /** Works until told to stop, or until there is nothing to do; as many parts at once as the predictor works on. */
  async run({ signal, untilIdle }: { signal: AbortSignal; untilIdle: () => boolean }): Promise<void> {
    const lanes = Array.from({ length: this.#options.predictor.parallel ?? 1 }, (_, i) =>
      this.#lane(i, signal, untilIdle),
    );
    await Promise.all(lanes);
  }

  async #lane(lane: number, signal: AbortSignal, untilIdle: () => boolean): Promise<void> {
    const holder = `${this.#options.holder}/${lane}`;
    while (!signal.aborted) {
      let worked: boolean;
      try {
        worked = await this.#one(holder);
      } catch (error) {
        if (!isAway(error)) throw error;
        // All lanes wait for the same database: one says so.
        if (lane === 0) this.#options.onWait(error.message);
        await pause(AWAY_MS, undefined, { signal }).catch(() => {});
        continue;
      }
      if (worked) continue;
      if (untilIdle()) return;
      await pause(LOOK_MS, undefined, { signal }).catch(() => {});
    }
  }

  async #one(holder: string): Promise<boolean> {
    const { store, predictor, key, onDone } = this.#options;
    const part = await store.work.take(holder, { within: datasetsOf(key), seconds: LEASE_SECONDS });
    if (part === undefined) return false;
    const { dataset, part: number } = part;
    const beat = setInterval(
      () => void store.work.renew(dataset, number, holder, LEASE_SECONDS).catch(() => {}),
      (1000 * LEASE_SECONDS) / RENEWALS_PER_LEASE,
    );
    try {
      const { products, options } = readTask(part.task);
      const predictions = await predictor.predict(products, options);
      await store.work.finish(dataset, number, holder, partResult(predictions));
      onDone?.();
    } catch (error) {
      // Another has the part; or the database is away, and the lease runs out.
      if (error instanceof AttuneError && error.code === 'store/conflict') return true;
      if (isAway(error)) throw error;
      await store.work.fail(dataset, number, holder, error instanceof Error ? error.message : String(error));
      if (error instanceof AttuneError && error.code === 'prediction/thread-failed') throw error;
    } finally {
      clearInterval(beat);
    }
    return true;
  }
}
