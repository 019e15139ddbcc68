/**
 * The composition root: wires the folders for the commands and for the library. What only wires stands here and in
 * `attune/`; what decides anything stands in the folder it belongs to.
 *
 * What does the work of a command is loaded when it is called, so that no command waits for what it does not use.
 */
import { later } from './attune/later.ts';

export type { AlignResult } from './attune/align.ts';
export type { AlignPlan } from './attune/align-plan.ts';
export type { AttuneConfig } from './attune/config.ts';
export {
  DEFAULT_GROUP,
  DEFAULT_PORT,
  DEFAULT_STREAM,
  FEED_FORMATS,
  type FeedFormat,
} from './attune/defaults.ts';
export { exitCodeOf } from './attune/errors.ts';
export { gigabytes } from './attune/gigabytes.ts';
export { type NamedBundle, parseNamedBundle } from './attune/model-sources.ts';
export { pairTable, percent } from './attune/pair-report.ts';
export type { TrainPlan } from './attune/plan.ts';
export type { PretrainPlan, PretrainResult } from './attune/pretrain-plan.ts';
export { pretrainTable } from './attune/pretrain-report.ts';
export type { RetrainResult } from './attune/retrain.ts';
export type { TrainLog } from './attune/train-log.ts';
export type { TrainResult } from './attune/train-result.ts';
export { VERSION } from './attune/version.ts';
export type { AttributeResult } from './evaluation/attribute-result.ts';
export { MODALITIES_LEGEND, renderModalities } from './evaluation/report/render-modalities.ts';
export { renderTables } from './evaluation/report/render-tables.ts';
export { renderDrift } from './monitoring/render.ts';
export { renderReviewers, renderSuspects } from './monitoring/render-people.ts';
export { CORRECTIONS, type Correction } from './monitoring/statistics/many-tests.ts';
export { PRECISIONS, type Precision } from './prediction/precision.ts';
export { LOG_LEVELS, type LogLevel } from './serving/observe/logger.ts';
export type { Retention } from './store/retention.ts';
export { ALERT_STATES, type AlertState, ROLES, type Role } from './store/vocabulary.ts';
export type { MaskedScores } from './training/judge-masked.ts';
export type { PairScores } from './training/judge-pairs.ts';

export const closeAlert = later(async () => (await import('./attune/alerts.ts')).closeAlert);
export const listAlerts = later(async () => (await import('./attune/alerts.ts')).listAlerts);
export const align = later(async () => (await import('./attune/align.ts')).align);
export const backupStore = later(async () => (await import('./attune/backup.ts')).backupStore);
export const restoreStore = later(async () => (await import('./attune/backup.ts')).restoreStore);
export const evaluateFile = later(async () => (await import('./attune/evaluate.ts')).evaluateFile);
export const exportBundle = later(async () => (await import('./attune/export.ts')).exportBundle);
export const feedback = later(async () => (await import('./attune/feedback.ts')).feedback);
export const inspectFile = later(async () => (await import('./attune/inspect.ts')).inspectFile);
export const createKey = later(async () => (await import('./attune/keys.ts')).createKey);
export const listKeys = later(async () => (await import('./attune/keys.ts')).listKeys);
export const revokeKey = later(async () => (await import('./attune/keys.ts')).revokeKey);
export const loadConfig = later(async () => (await import('./attune/load-config.ts')).loadConfig);
export const monitor = later(async () => (await import('./attune/monitor.ts')).monitor);
export const pretrain = later(async () => (await import('./attune/pretrain.ts')).pretrain);
export const predictFile = later(async () => (await import('./attune/predict.ts')).predictFile);
export const expireRecords = later(async () => (await import('./attune/retention.ts')).expireRecords);
export const forgetPerson = later(async () => (await import('./attune/retention.ts')).forgetPerson);
export const retrain = later(async () => (await import('./attune/retrain.ts')).retrain);
export const rollBack = later(async () => (await import('./attune/retrain.ts')).rollBack);
export const reviewers = later(async () => (await import('./attune/reviewers.ts')).reviewers);
export const serveBundle = later(async () => (await import('./attune/serve.ts')).serveBundle);
export const train = later(async () => (await import('./attune/train.ts')).train);
export const openTrainLog = later(async () => (await import('./attune/train-log.ts')).openTrainLog);
export const deadLetters = later(async () => (await import('./attune/worker.ts')).deadLetters);
export const reviveLetters = later(async () => (await import('./attune/worker.ts')).reviveLetters);
export const runWorker = later(async () => (await import('./attune/worker.ts')).runWorker);
export const sendChanges = later(async () => (await import('./attune/worker.ts')).sendChanges);
export const applyChanges = later(async () => (await import('./attune/write-back.ts')).applyChanges);
export const findChanges = later(async () => (await import('./attune/write-back.ts')).findChanges);
