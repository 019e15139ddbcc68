/**
 * The public library: what the commands do, as functions.
 *
 * ```ts
 * import { openBundle, train } from 'attune';
 *
 * const { results } = await train({ files: ['products.csv'], out: 'model' });
 * const model = await openBundle('model');
 * const [prediction] = await model.predict([{ texts: { title: 'Navy wool coat' } }]);
 * await model.close();
 * ```
 *
 * Errors are `AttuneError`s with a `code` in words (`catalog/file-missing`), a message and a hint.
 */
export {
  type BackupOptions,
  type BackupResult,
  backupStore,
  type RestoreOptions,
  type RestoreResult,
  restoreStore,
} from './attune/backup.ts';
export type { ErrorCode } from './attune/errors.ts';
export { type EvaluateFileOptions, type EvaluateFileResult, evaluateFile } from './attune/evaluate.ts';
export { type ExportBundleOptions, type ExportBundleResult, exportBundle } from './attune/export.ts';
export { type InspectFileOptions, type InspectFileResult, inspectFile } from './attune/inspect.ts';
export {
  type LibraryTrainOptions as TrainOptions,
  type OpenBase,
  type OpenBundleOptions,
  openBase,
  openBundle,
  train,
} from './attune/library.ts';
export type { NamedBundle } from './attune/model-sources.ts';
export { type MonitorOptions, type MonitorResult, monitor } from './attune/monitor.ts';
export type { TrainPlan } from './attune/plan.ts';
export { type PredictFileOptions, type PredictFileResult, predictFile } from './attune/predict.ts';
export {
  type ExpireOptions,
  type ExpireResult,
  expireRecords,
  type ForgetOptions,
  type ForgetResult,
  forgetPerson,
} from './attune/retention.ts';
export { type RetrainOptions, type RetrainResult, retrain, rollBack } from './attune/retrain.ts';
export { type ServeBundleOptions, type ServedBundle, serveBundle } from './attune/serve.ts';
export { openStore } from './attune/store.ts';
export type { TrainResult } from './attune/train-result.ts';
export { VERSION } from './attune/version.ts';
export {
  deadLetters,
  type QueueOptions,
  reviveLetters,
  runWorker,
  sendChanges,
  type WorkerOptions,
  type WorkerSummary,
} from './attune/worker.ts';
export { AttuneError } from './base/errors.ts';
export type { Progress, ProgressEvent } from './base/progress.ts';
export type { AttributeResult } from './evaluation/attribute-result.ts';
export type {
  Alternative,
  AttributePrediction,
  Evidence,
  PredictOptions,
  Predictor,
  ProductInput,
  ProductPrediction,
  Status,
} from './prediction/prediction.ts';
export type { DeadLetter } from './serving/stream/change-queue.ts';
export type { Repositories, Store, StoreOptions } from './store/store.ts';
