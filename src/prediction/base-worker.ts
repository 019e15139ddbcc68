/** The thread of a base and the models over it; `base-pool.ts` starts it and speaks to it. */
import { workerData } from 'node:worker_threads';
import type { BaseTask, BaseWorkerData } from './base-pool.ts';
import { readBundle } from './bundle.ts';
import { BundlePredictor } from './bundle-predictor.ts';
import type { ProductPrediction } from './prediction.ts';
import { SharedBase } from './shared-base.ts';
import { openDoor } from './thread-door.ts';

const { folder, threads } = workerData as BaseWorkerData;
const models = new Map<number, BundlePredictor>();

openDoor<SharedBase, BaseTask, readonly ProductPrediction[]>(SharedBase.open(folder), async (base, task) => {
  switch (task.do) {
    case 'open':
      models.set(task.model, await BundlePredictor.open(await readBundle(task.folder), { base, threads }));
      return { result: [] };
    case 'predict':
      return { result: await models.get(task.model)!.predict(task.products, task.options) };
    case 'close':
      await models.get(task.model)?.close();
      models.delete(task.model);
      return { result: [] };
  }
});
