import type { ErrorOptions } from '../base/errors.ts';
import { AttuneError } from '../base/errors.ts';

/** Every code of this folder with what it means. */
export const TRAINING_ERRORS = {
  'training/bad-setting': 'A training setting is out of its range.',
  'training/no-examples': 'There is nothing to train on.',
  'training/diverged': 'The loss became infinite or not a number.',
  'training/too-large': 'The run would need more memory than there is.',
  'training/run-differs': 'A run cannot be resumed because its data or settings changed.',
  'training/run-unfinished': 'A run that was saved and not finished would be lost.',
  'training/out-exists': 'What is to be written would replace a folder that is there.',
  'training/unwritable': 'A run cannot be saved as it goes.',
} as const;

export type TrainingErrorCode = keyof typeof TRAINING_ERRORS;

export function trainingError(
  code: TrainingErrorCode,
  message: string,
  options?: ErrorOptions,
): AttuneError<TrainingErrorCode> {
  return new AttuneError(code, message, options);
}
