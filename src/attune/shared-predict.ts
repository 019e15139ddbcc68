/** `attune predict --distributed`: the rows of a file go through the store to every worker that has the same model, this process among them. */
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { Progress } from '../base/progress.ts';
import type { ReadBundle } from '../prediction/bundle.ts';
import type { Precision } from '../prediction/precision.ts';
import type { Predictor } from '../prediction/prediction.ts';
import { PredictorPool } from '../prediction/predictor-pool.ts';
import { PartWorker } from '../serving/parts/part-worker.ts';
import { SharedPredictor } from '../serving/parts/shared-predictor.ts';
import { identityOf } from './model-sources.ts';
import { openStore, whichStore } from './store.ts';

export type SharedPredictorOptions = {
  /** A folder or a `postgres://` address; DATABASE_URL, else the folder attune-store, when left out. */
  readonly store?: string;
};

/** Parts in the store at once, beside those that this process has in hand: enough for so many threads of others. */
const PARTS_OF_OTHERS = 32;

/** What workers and runs know one model by: only equal ones share work. */
export const partKey = (identity: string, precision: Precision) => `${identity}:${precision}`;

export const holderName = () => `${hostname()}:${process.pid}:${randomUUID()}`;

/** @throws store/..., and what opening a bundle throws */
export async function openSharedPredictor(
  bundle: ReadBundle,
  options: SharedPredictorOptions & {
    readonly precision: Precision;
    readonly threads: number;
    readonly progress: Progress;
  },
): Promise<Pick<Predictor, 'predict'> & { readonly parallel: number; close(): Promise<void> }> {
  const { store: where, precision, threads, progress } = options;
  const onWait = (text: string) => progress({ kind: 'warning', text });
  const { identity } = await identityOf(bundle.folder);
  const key = partKey(identity, precision);
  const store = await openStore(whichStore(where));
  try {
    const own = await PredictorPool.open(bundle, { precision, threads });
    const shared = new SharedPredictor(store, key, own.parallel + PARTS_OF_OTHERS, onWait);
    const stop = new AbortController();
    const working = new PartWorker({ store, predictor: own, key, holder: holderName(), onWait })
      .run({ signal: stop.signal, untilIdle: () => false })
      .catch((error) => shared.fail(error));
    return {
      parallel: shared.parallel,
      predict: (products, options) => shared.predict(products, options),
      async close() {
        stop.abort();
        await shared.close().catch(() => {});
        await working;
        await own.close();
        await store.close();
      },
    };
  } catch (cause) {
    await store.close();
    throw cause;
  }
}
