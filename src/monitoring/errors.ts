import type { ErrorOptions } from '../base/errors.ts';
import { AttuneError } from '../base/errors.ts';

/** Codes of the errors that `src/monitoring` throws, each with its meaning in a sentence; docs/errors.md is made of it. */
export const MONITORING_ERRORS = {
  'monitoring/reference-invalid':
    'A summary to compare with is no such file, was made by another version, or is not whole.',
  'monitoring/nothing-to-compare': 'The two sides of a comparison have no field, or no row, in common.',
  'monitoring/bad-option': 'An option of the watching lies outside its range.',
  'monitoring/webhook-failed': 'An address that something was posted to did not take it.',
} as const;

export type MonitoringErrorCode = keyof typeof MONITORING_ERRORS;

export function monitoringError(
  code: MonitoringErrorCode,
  message: string,
  options?: ErrorOptions,
): AttuneError<MonitoringErrorCode> {
  return new AttuneError(code, message, options);
}
