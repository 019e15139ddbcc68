/**
 * Takes changes from a queue, predicts, stores, tells the results, and only then lets go of the changes. A change may be given out more than
 * once; its effect happens once, because the store knows how far each product has come.
 *
 * While the database or the queue is away, the worker holds what it has and tries again. A change that the model or the store cannot take
 * comes back a few times, each time later, and then lies with the dead letters, with the reason.
 */
import { AttuneError } from '../../base/errors.ts';
import type { Predictor } from '../../prediction/prediction.ts';
import type { Position } from '../../store/positions.ts';
import type { Store } from '../../store/store.ts';
import { Batcher, type BatcherLimits } from '../batcher.ts';
import { isAway, patiently } from '../patiently.ts';
import { PictureKeeper, type Thumbnails } from '../records/keep-pictures.ts';
import {
  type Applied,
  applyChanges,
  type Due,
  type ModelIdentity,
  notOvertaken,
  type Predicted,
} from './apply-changes.ts';
import { type Change, changeReader } from './change.ts';
import type { ChangeQueue, Delivery, Reason } from './change-queue.ts';
import { resultOf } from './result.ts';

export type ChangeWorkerOptions = {
  readonly queue: ChangeQueue;
  readonly store: Pick<Store, 'positions' | 'predictions' | 'pictures' | 'atomically'>;
  readonly predictor: Predictor;
  readonly model: ModelIdentity;
  /** Copies of pictures that are sent as bytes, for people to look at; none where `most` is 0. */
  readonly pictures?: Thumbnails;
  /** Changes in hand at once; two such batches are under way. */
  readonly batch?: number;
  /** Tokens that the model reads in one go. */
  readonly batchTokens?: number;
  /** How often a change may fail before it is set aside. */
  readonly attempts?: number;
  /** Before the second try; it doubles each time, up to a minute. */
  readonly backoffMs?: number;
  readonly onEvent?: (event: WorkerEvent) => void;
};

export type WorkerEvent =
  | {
      readonly kind: 'done';
      readonly predicted: number;
      readonly removed: number;
      readonly overtaken: number;
    }
  | {
      readonly kind: 'failed';
      readonly id: string | undefined;
      readonly buried: boolean;
      readonly why: Reason;
    }
  | { readonly kind: 'waiting'; readonly why: string };

const NO_PICTURES: Thumbnails = { make: async () => undefined, most: 0 };
const LONGEST_BACKOFF_MS = 60_000;
const TAKE_MS = 1000;
const BATCHES_AT_ONCE = 2;

type Read = { readonly delivery: Delivery; readonly change: Change };
type Ready = { readonly delivery: Delivery; readonly change: Predicted };

export class ChangeWorker {
  readonly #options: Required<ChangeWorkerOptions>;
  readonly #read: (data: Uint8Array) => Change;
  readonly #batcher: Batcher;
  readonly #pictures: PictureKeeper;

  constructor(options: ChangeWorkerOptions) {
    this.#options = {
      batch: 256,
      batchTokens: 4096,
      attempts: 5,
      backoffMs: 1000,
      pictures: NO_PICTURES,
      onEvent: () => {},
      ...options,
    };
    this.#read = changeReader(options.predictor);
    const { batch, batchTokens, predictor } = this.#options;
    const limits: BatcherLimits = {
      maxBatch: batch,
      maxBatchTokens: batchTokens,
      maxWaitMs: 2,
      maxQueued: batch * BATCHES_AT_ONCE,
      maxQueuedCharacters: Number.MAX_SAFE_INTEGER,
    };
    this.#batcher = new Batcher(predictor, limits);
    this.#pictures = new PictureKeeper(this.#options.store, this.#options.pictures);
  }

  /**
   * Works until told to stop, then finishes what it took.
   * @param untilIdle - ends also when no change waits any more
   * @throws what neither waiting nor setting aside helps; what was taken is given back
   */
  async run({ signal, untilIdle }: { signal: AbortSignal; untilIdle: () => boolean }): Promise<void> {
    const { queue, batch } = this.#options;
    const running = new Set<Promise<void>>();
    let broken: unknown;
    while (!signal.aborted && broken === undefined) {
      if (running.size >= BATCHES_AT_ONCE) await Promise.race(running);
      const taken = await queue.take(batch, TAKE_MS);
      if (taken.length > 0) {
        const work = this.#work(taken, signal)
          .catch((error) => {
            for (const delivery of taken) delivery.again(0);
            // On the way out what was not settled is another's.
            if (!signal.aborted) broken ??= error;
          })
          .finally(() => running.delete(work));
        running.add(work);
      } else if (untilIdle() && running.size === 0 && (await this.#isIdle())) break;
    }
    await Promise.all(running);
    if (broken !== undefined) throw broken;
  }

  async #isIdle(): Promise<boolean> {
    try {
      return await this.#options.queue.idle();
    } catch (error) {
      if (!isAway(error)) throw error;
      return false;
    }
  }

  async #work(taken: readonly Delivery[], signal: AbortSignal): Promise<void> {
    const { attempts } = this.#options;
    const suspect = taken.filter(({ deliveries }) => deliveries > attempts);
    await this.#workOn(
      taken.filter((delivery) => !suspect.includes(delivery)),
      signal,
    );
    // What was taken often and never settled may be what ends workers: alone, it takes no other with it.
    for (const delivery of suspect) {
      if (delivery.deliveries <= 2 * attempts) await this.#workOn([delivery], signal);
      else
        await this.#bury(delivery, undefined, signal, {
          code: 'serving/change-abandoned',
          reason: `It was taken ${delivery.deliveries - 1} times, and no worker lived to finish it.`,
        });
    }
  }

  async #workOn(taken: readonly Delivery[], signal: AbortSignal): Promise<void> {
    if (taken.length === 0) return;
    const { queue, store, model, onEvent } = this.#options;
    const { newest, older } = newestOfEach(await this.#readAll(taken, signal));
    const deliveries = new Map(newest.map(({ delivery, change }) => [change.id, delivery]));
    const { due, overtaken } = await this.#patiently(signal, () =>
      notOvertaken(
        store,
        queue.name,
        model,
        newest.map(({ delivery, change }) => ({ ...change, at: placeOf(delivery) })),
      ),
    );
    const ready = await this.#predictAll(
      due.map((change) => ({ delivery: deliveries.get(change.id)!, change })),
      signal,
    );
    const applied = await this.#apply(ready, signal);
    const effective = applied.filter((one) => !one.overtaken);
    const kept = new Set(effective.map(({ id }) => id));
    const products = ready.flatMap(({ change: { id, product } }) =>
      kept.has(id) && product ? [product.input] : [],
    );
    await this.#patiently(signal, () => this.#pictures.keep(products));
    await this.#patiently(signal, () =>
      queue.publish(effective.map((one) => resultOf(one, model, queue.mostResultBytes))),
    );
    const settled = new Set([...applied.map(({ id }) => id), ...overtaken]);
    for (const id of settled) deliveries.get(id)!.done();
    // An older change of a product that the newer one has overtaken; where the newer one failed, it counts.
    for (const { delivery, change } of older)
      if (settled.has(change.id)) delivery.done();
      else delivery.again(this.#backoff(delivery));
    onEvent({
      kind: 'done',
      predicted: effective.filter(({ removed }) => !removed).length,
      removed: effective.filter(({ removed }) => removed).length,
      overtaken: settled.size - effective.length + older.length,
    });
  }

  async #readAll(taken: readonly Delivery[], signal: AbortSignal): Promise<Read[]> {
    const reads: Read[] = [];
    for (const delivery of taken) {
      try {
        reads.push({ delivery, change: this.#read(delivery.data) });
      } catch (error) {
        await this.#bury(delivery, undefined, signal, reasonOf(error));
      }
    }
    return reads;
  }

  async #predictAll(
    list: readonly { readonly delivery: Delivery; readonly change: Due }[],
    signal: AbortSignal,
  ): Promise<Ready[]> {
    const ready = await Promise.all(
      list.map(async ({ delivery, change }): Promise<Ready | undefined> => {
        // The same product is not predicted again: rounding may depend on its neighbours, and would make another answer of it.
        if (change.product === undefined || change.known.length > 0)
          return { delivery, change: { ...change, prediction: undefined } };
        const [outcome] = await this.#batcher.submitPatiently([change.product.input], {
          topK: 0,
          // What was taken is finished.
          signal: new AbortController().signal,
        });
        if (outcome!.ok) return { delivery, change: { ...change, prediction: outcome!.prediction } };
        if (isFatal(outcome!.error)) throw outcome!.error;
        await this.#fail(delivery, change.id, outcome!.error, signal);
        return undefined;
      }),
    );
    return ready.filter((one) => one !== undefined);
  }

  /** In one transaction; where the store refuses it, one by one, so that a change that cannot be kept holds up no other. */
  async #apply(ready: readonly Ready[], signal: AbortSignal): Promise<readonly Applied[]> {
    const { store, queue, model } = this.#options;
    if (ready.length === 0) return [];
    try {
      return await this.#patiently(signal, () =>
        applyChanges(
          store,
          queue.name,
          model,
          ready.map(({ change }) => change),
        ),
      );
    } catch (error) {
      if (isAway(error)) throw error;
      if (ready.length === 1) {
        await this.#fail(ready[0]!.delivery, ready[0]!.change.id, error, signal);
        return [];
      }
      const applied: Applied[] = [];
      for (const one of ready) applied.push(...(await this.#apply([one], signal)));
      return applied;
    }
  }

  async #fail(delivery: Delivery, id: string, error: unknown, signal: AbortSignal): Promise<void> {
    const why = reasonOf(error);
    if (delivery.deliveries >= this.#options.attempts) return this.#bury(delivery, id, signal, why);
    delivery.again(this.#backoff(delivery));
    this.#options.onEvent({ kind: 'failed', id, buried: false, why });
  }

  async #bury(delivery: Delivery, id: string | undefined, signal: AbortSignal, why: Reason): Promise<void> {
    await this.#patiently(signal, () => this.#options.queue.bury(delivery, why));
    this.#options.onEvent({ kind: 'failed', id, buried: true, why });
  }

  #backoff({ deliveries }: Delivery): number {
    return Math.min(this.#options.backoffMs * 2 ** (deliveries - 1), LONGEST_BACKOFF_MS);
  }

  #patiently<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    return patiently(work, { signal, onWait: (why) => this.#options.onEvent({ kind: 'waiting', why }) });
  }
}

/** The model itself is gone: no change can be predicted by this process any more. */
function isFatal(error: unknown): boolean {
  return error instanceof AttuneError && error.code === 'prediction/thread-failed';
}

function reasonOf(error: unknown): Reason {
  if (error instanceof AttuneError) return { code: error.code, reason: error.message };
  return {
    code: 'serving/prediction-failed',
    reason: error instanceof Error ? error.message : String(error),
  };
}

const placeOf = ({ epoch, sequence }: Delivery): Position => ({ epoch, sequence });

/** Of several changes of one product the newest, and the others. */
function newestOfEach(reads: readonly Read[]): { newest: readonly Read[]; older: readonly Read[] } {
  const newest = new Map<string, Read>();
  const older: Read[] = [];
  const inOrder = [...reads].sort(
    ({ delivery: a }, { delivery: b }) => a.epoch - b.epoch || a.sequence - b.sequence,
  );
  for (const read of inOrder) {
    const before = newest.get(read.change.id);
    if (before !== undefined) older.push(before);
    newest.set(read.change.id, read);
  }
  return { newest: [...newest.values()], older };
}
