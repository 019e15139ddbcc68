/** Every code that an error of Attune has, gathered from the folders, and how the command line ends with each. */
import { CONFIG_ERRORS } from '../base/config-errors.ts';
import { CATALOG_ERRORS } from '../catalog/errors.ts';
import { EVALUATION_ERRORS } from '../evaluation/errors.ts';
import { FEATURE_ERRORS } from '../features/errors.ts';
import { GRAPH_ERRORS } from '../graph/errors.ts';
import { MODEL_ERRORS } from '../models/errors.ts';
import { MONITORING_ERRORS } from '../monitoring/errors.ts';
import { PREDICTION_ERRORS } from '../prediction/errors.ts';
import { SERVING_ERRORS } from '../serving/errors.ts';
import { STORE_ERRORS } from '../store/errors.ts';
import { TRAINING_ERRORS } from '../training/errors.ts';
import { TENSORBOARD_ERRORS } from '../training/tensorboard/errors.ts';

const ROOT_ERRORS = {
  'config/missing': 'A config file cannot be read, or there is neither a config nor a data file.',
} as const;

/** Each code with its meaning in a sentence, in the order in which data flows. */
export const ERRORS = {
  ...CONFIG_ERRORS,
  ...ROOT_ERRORS,
  ...CATALOG_ERRORS,
  ...FEATURE_ERRORS,
  ...GRAPH_ERRORS,
  ...MODEL_ERRORS,
  ...EVALUATION_ERRORS,
  ...TRAINING_ERRORS,
  ...TENSORBOARD_ERRORS,
  ...PREDICTION_ERRORS,
  ...STORE_ERRORS,
  ...MONITORING_ERRORS,
  ...SERVING_ERRORS,
} as const;

export type ErrorCode = keyof typeof ERRORS;

const USAGE: ReadonlySet<string> = new Set<ErrorCode>([
  'config/invalid',
  'config/missing',
  'prediction/bad-option',
  'monitoring/bad-option',
  'serving/invalid-option',
  'store/address-invalid',
]);

/** What a command that failed with this code ends with: 2 where the command was used wrongly, else 1. */
export function exitCodeOf(code: string): 1 | 2 {
  return USAGE.has(code) ? 2 : 1;
}
