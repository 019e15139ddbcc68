/** Threads that each hold one pretrained text encoder, and any number of models with an adapter over it. */
import { availableParallelism } from 'node:os';
import type { ReadBundle } from './bundle.ts';
import { BundleReads } from './bundle-reads.ts';
import type { PredictOptions, Predictor, ProductInput, ProductPrediction } from './prediction.ts';
import { leastLoaded, Thread } from './thread.ts';

export type BaseWorkerData = { readonly folder: string; readonly threads: number };

export type BaseTask = { readonly model: number } & (
  | { readonly do: 'open'; readonly folder: string }
  | { readonly do: 'predict'; readonly products: readonly ProductInput[]; readonly options: PredictOptions }
  | { readonly do: 'close' }
);

export class BasePool {
  readonly #threads: readonly Thread<BaseTask, readonly ProductPrediction[]>[];
  #opened = 0;

  private constructor(threads: readonly Thread<BaseTask, readonly ProductPrediction[]>[]) {
    this.#threads = threads;
  }

  /**
   * @param folder - the checkpoint's
   * @param threads - each with the base and the models over it; one a core when left out
   * @throws what reading a checkpoint throws; prediction/thread-failed
   */
  static async open(folder: string, threads = availableParallelism()): Promise<BasePool> {
    const script = new URL('./base-worker.js', import.meta.url);
    return new BasePool(await Thread.start(threads, script, { folder, threads: 1 } satisfies BaseWorkerData));
  }

  /** @throws prediction/not-over-base; what opening a bundle throws */
  async openBundle(bundle: ReadBundle): Promise<Predictor & { close(): Promise<void> }> {
    const model = this.#opened++;
    const everywhere = async (task: BaseTask) => {
      const done = await Promise.allSettled(this.#threads.map((thread) => thread.do(task)));
      const failed = done.find((result) => result.status === 'rejected');
      if (failed) throw failed.reason;
    };
    // A thread that has ended holds nothing any more.
    const close = async () => {
      const alive = this.#threads.filter(({ load }) => Number.isFinite(load));
      await Promise.allSettled(alive.map((thread) => thread.do({ model, do: 'close' })));
    };
    try {
      await everywhere({ model, do: 'open', folder: bundle.folder });
    } catch (cause) {
      await close();
      throw cause;
    }
    return {
      ...new BundleReads(bundle),
      parallel: this.#threads.length,
      predict: (products, options = {}) =>
        leastLoaded(this.#threads).do({ model, do: 'predict', products, options }),
      close,
    };
  }

  /** Ends the threads, and with them every model; what they had not answered fails. */
  async close(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.close()));
  }
}
