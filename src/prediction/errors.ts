import type { ErrorOptions } from '../base/errors.ts';
import { AttuneError } from '../base/errors.ts';

/** Every code of this folder with what it means. */
export const PREDICTION_ERRORS = {
  'prediction/bundle-missing': 'There is no trained model in a folder.',
  'prediction/bundle-invalid': 'A trained model is damaged, or of another version of Attune.',
  'prediction/bundle-exists': 'A trained model was to be written over something that is not one.',
  'prediction/bad-option': 'An option of a predictor or embedder is out of its range.',
  'prediction/thread-failed': 'A thread that computes embeddings failed or ended.',
} as const;

export type PredictionErrorCode = keyof typeof PREDICTION_ERRORS;

export function predictionError(
  code: PredictionErrorCode,
  message: string,
  options?: ErrorOptions,
): AttuneError<PredictionErrorCode> {
  return new AttuneError(code, message, options);
}
