import type { ErrorOptions } from '../base/errors.ts';
import { AttuneError } from '../base/errors.ts';

/** Codes of the errors that `src/features` throws, each with its meaning in a sentence; docs/errors.md is made of it. */
export const FEATURE_ERRORS = {
  'features/tokenizer-invalid': 'A tokenizer.json lacks a part, or a part is not what it must be.',
  'features/tokenizer-unsupported':
    'A tokenizer.json uses a component, or an option of one, that Attune does not know.',
  'features/token-unknown': 'A token id is outside the vocabulary.',
  'features/vocabulary-too-small':
    'A vocabulary was asked for that has no room for its characters, or no text was given.',
  'features/budget-too-small': 'The token budget of an input leaves no room for its special tokens.',
  'features/bad-size': 'A picture was to be resized to no size, or from a part that is not in it.',
  'features/processor-invalid': 'A preprocessor_config.json lacks a part, or a part is not what it must be.',
  'features/processor-unsupported':
    'A preprocessor_config.json names a processor, or an option of one, that Attune does not know.',
  'features/cache-broken': 'A folder of cached features is not one, or was written for other rows.',
  'features/cache-unwritable':
    'A folder of cached features or media cannot be made or written, or the disk is full.',
  'features/cache-misused':
    'A row of another length, or a key that is no SHA-256, was given to a feature cache.',
  'features/behaviour-time': 'The time as of which behaviour is asked for is no number of seconds.',
} as const;

export type FeatureErrorCode = keyof typeof FEATURE_ERRORS;

export function featureError(
  code: FeatureErrorCode,
  message: string,
  options?: ErrorOptions,
): AttuneError<FeatureErrorCode> {
  return new AttuneError(code, message, options);
}
