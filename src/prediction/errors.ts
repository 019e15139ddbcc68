import type { ErrorOptions } from '../base/errors.ts';
import { AttuneError } from '../base/errors.ts';

/** Every code of this folder with what it means. */
export const PREDICTION_ERRORS = {
  'prediction/bundle-missing': 'There is no trained model in a folder.',
  'prediction/bundle-invalid': 'A trained model is damaged, or of another version of Attune.',
  'prediction/bundle-exists': 'A trained model was to be written over something that is not one.',
  'prediction/bad-option': 'An option of a predictor or embedder is out of its range.',
  'prediction/failed': 'A model failed on what it was given, in a way that nobody foresaw.',
  'prediction/thread-failed': 'A thread that computes predictions or embeddings ended.',
  'prediction/unwritable': 'A model, or something made from one, cannot be written.',
  'prediction/no-labels': 'A model was to be evaluated on products without labels.',
  'prediction/export-exists': 'A model was to be exported over a file or folder that is there.',
  'prediction/export-differs': 'An exported model answers otherwise than the bundle it was made of.',
  'prediction/export-too-large': 'A model is larger than one ONNX file can be.',
  'prediction/no-text-encoder': 'A model that reads no text was to be exported as a text encoder.',
  'prediction/no-decoder': 'A model that writes no texts was to be exported as a decoder.',
  'prediction/only-texts':
    'A model that only writes texts was to be exported to ONNX, which holds no decoder.',
  'prediction/not-over-base':
    'A model was to be opened over a base that it has no adapter over, or was not trained from.',
  'prediction/nothing-to-ask': 'A model that extracts nothing was asked for a further attribute.',
  'prediction/nothing-to-roll-back': 'A model was to give way to an earlier one, and there is none.',
} as const;

export type PredictionErrorCode = keyof typeof PREDICTION_ERRORS;

export function predictionError(
  code: PredictionErrorCode,
  message: string,
  options?: ErrorOptions,
): AttuneError<PredictionErrorCode> {
  return new AttuneError(code, message, options);
}
