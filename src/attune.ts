/**
 * The composition root: wires the folders for the commands and for the library. What only wires stands here and in
 * `attune/`; what decides anything stands in the folder it belongs to.
 */
export { closeAlert, listAlerts } from './attune/alerts.ts';
export { type AlignResult, align } from './attune/align.ts';
export type { AlignPlan } from './attune/align-plan.ts';
export { backupStore, restoreStore } from './attune/backup.ts';
export { type AttuneConfig, configSchema } from './attune/config.ts';
export { exitCodeOf } from './attune/errors.ts';
export { evaluateFile } from './attune/evaluate.ts';
export { exportBundle } from './attune/export.ts';
export { inspectFile } from './attune/inspect.ts';
export { createKey, listKeys, revokeKey } from './attune/keys.ts';
export { loadConfig } from './attune/load-config.ts';
export { gigabytes } from './attune/memory.ts';
export { type NamedBundle, parseNamedBundle } from './attune/model-sources.ts';
export { monitor } from './attune/monitor.ts';
export { pairTable, percent } from './attune/pair-report.ts';
export type { TrainPlan } from './attune/plan.ts';
export { predictFile } from './attune/predict.ts';
export { expireRecords, forgetPerson } from './attune/retention.ts';
export { type RetrainResult, retrain, rollBack } from './attune/retrain.ts';
export { DEFAULT_PORT, serveBundle } from './attune/serve.ts';
export { train } from './attune/train.ts';
export { openTrainLog } from './attune/train-log.ts';
export type { TrainResult } from './attune/train-result.ts';
export { VERSION } from './attune/version.ts';
export {
  DEFAULT_GROUP,
  DEFAULT_STREAM,
  deadLetters,
  reviveLetters,
  runWorker,
  sendChanges,
} from './attune/worker.ts';
export { applyChanges, FEED_FORMATS, type FeedFormat, findChanges } from './attune/write-back.ts';
export type { AttributeResult } from './evaluation/attribute-result.ts';
export { renderModalities } from './evaluation/report/render-modalities.ts';
export { renderTables } from './evaluation/report/render-tables.ts';
export { renderDrift } from './monitoring/render.ts';
export { CORRECTIONS, type Correction } from './monitoring/statistics/many-tests.ts';
export { PRECISIONS, type Precision } from './prediction/precision.ts';
export { LOG_LEVELS, type LogLevel } from './serving/observe/logger.ts';
export type { Retention } from './store/retention.ts';
export { ALERT_STATES, type AlertState, ROLES, type Role } from './store/tables.ts';
export type { PairScores } from './training/judge-pairs.ts';
