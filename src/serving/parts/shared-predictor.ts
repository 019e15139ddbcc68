/** A predictor that has others work: each list becomes a part in the store, which whichever worker is free takes. */
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { AttuneError } from '../../base/errors.ts';
import type { PredictOptions, ProductInput, ProductPrediction } from '../../prediction/prediction.ts';
import type { Store } from '../../store/store.ts';
import type { ServingErrorCode } from '../errors.ts';
import { patiently } from '../patiently.ts';
import { datasetsOf, partTask, predictionsIn } from './part-task.ts';

type Waiting = {
  readonly resolve: (predictions: readonly ProductPrediction[]) => void;
  readonly reject: (error: unknown) => void;
};

const LOOK_MS = 200;

export class SharedPredictor {
  /** Parts that lie in the store at once. */
  readonly parallel: number;
  readonly #work: Store['work'];
  readonly #dataset: string;
  readonly #onWait: (why: string) => void;
  readonly #waiting = new Map<number, Waiting>();
  #next = 0;
  #looking = false;

  /**
   * @param key - of the model: only workers that have the same one take the parts
   * @param onWait - told why, each time that the database is not there and it waits
   */
  constructor(store: Pick<Store, 'work'>, key: string, parallel: number, onWait: (why: string) => void) {
    this.#onWait = onWait;
    this.#work = store.work;
    this.#dataset = `${datasetsOf(key)}${randomUUID()}`;
    this.parallel = parallel;
  }

  /** @throws AttuneError `serving/part-failed`, `store/...` */
  async predict(
    products: readonly ProductInput[],
    options: PredictOptions = {},
  ): Promise<readonly ProductPrediction[]> {
    const part = this.#next++;
    const answer = new Promise<readonly ProductPrediction[]>((resolve, reject) => {
      this.#waiting.set(part, { resolve, reject });
    });
    // Whoever awaits it is told.
    answer.catch(() => {});
    try {
      await this.#patiently(() => this.#work.plan(this.#dataset, [partTask(products, options)], part));
    } catch (error) {
      this.#waiting.delete(part);
      throw error;
    }
    if (!this.#looking) void this.#look();
    return answer;
  }

  /** What waits fails with `error`. */
  fail(error: unknown): void {
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }

  /** Takes the parts back. */
  async close(): Promise<void> {
    this.fail(
      new AttuneError<ServingErrorCode>(
        'serving/part-failed',
        'The run ended before the part was predicted.',
      ),
    );
    await this.#work.remove(this.#dataset);
  }

  #patiently<T>(work: () => Promise<T>): Promise<T> {
    return patiently(work, { onWait: this.#onWait });
  }

  async #look(): Promise<void> {
    this.#looking = true;
    try {
      while (this.#waiting.size > 0) {
        const parts = await this.#patiently(() =>
          this.#work.parts(this.#dataset, { states: ['done', 'failed'], limit: this.parallel }),
        );
        for (const { part, state, result, message } of parts) {
          const waiting = this.#waiting.get(part);
          this.#waiting.delete(part);
          if (state === 'done') waiting?.resolve(predictionsIn(result));
          else
            waiting?.reject(
              new AttuneError<ServingErrorCode>(
                'serving/part-failed',
                `Part ${part} failed each time: ${message}`,
                {
                  hint: 'Mend what the message says. The same command goes on from what is done.',
                },
              ),
            );
        }
        await this.#patiently(() =>
          this.#work.drop(
            this.#dataset,
            parts.map(({ part }) => part),
          ),
        );
        if (parts.length === 0) await pause(LOOK_MS);
      }
    } catch (error) {
      this.fail(error);
    } finally {
      this.#looking = false;
    }
  }
}
