/** The thread of one `BundlePredictor`; `predictor-pool.ts` starts it and speaks to it. */
import { workerData } from 'node:worker_threads';
import { readBundle } from './bundle.ts';
import { BundlePredictor } from './bundle-predictor.ts';
import type { ProductPrediction } from './prediction.ts';
import type { PredictTask, PredictWorkerData } from './predictor-pool.ts';
import { openDoor } from './thread-door.ts';

const { folder, ...options } = workerData as PredictWorkerData;

openDoor<BundlePredictor, PredictTask, readonly ProductPrediction[]>(
  readBundle(folder).then((bundle) => BundlePredictor.open(bundle, options)),
  async (predictor, { products, options }) => ({ result: await predictor.predict(products, options) }),
);
