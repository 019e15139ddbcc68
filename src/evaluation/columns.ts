import { AttuneError } from '../base/errors.ts';
import type { EvaluationErrorCode } from './errors.ts';

/** Refuses columns of different lengths, naming the function and both. */
export function requireSameLength(
  where: string,
  first: { readonly name: string; readonly length: number },
  second: { readonly name: string; readonly length: number },
): void {
  if (first.length === second.length) return;
  throw new AttuneError<EvaluationErrorCode>(
    'evaluation/length-mismatch',
    `${where} needs one ${second.name} for each ${first.name}. Got ${first.length} and ${second.length}.`,
    { details: { where, [first.name]: first.length, [second.name]: second.length } },
  );
}

/** Refuses NaN and infinities, naming the column and the first row that has one. */
export function requireFinite(where: string, name: string, values: ArrayLike<number>): void {
  for (let row = 0; row < values.length; row++) {
    if (Number.isFinite(values[row])) continue;
    throw new AttuneError<EvaluationErrorCode>(
      'evaluation/not-finite',
      `${where} needs finite numbers in ${name}. Got ${values[row]} in row ${row} (counting from 0).`,
      { details: { where, name, row, value: String(values[row]) } },
    );
  }
}

/** Refuses a number outside `[low, high]`; with `open`, the ends are outside too. */
export function requireRange(
  where: string,
  name: string,
  value: number,
  low: number,
  high: number,
  open = false,
): void {
  if (open ? value > low && value < high : value >= low && value <= high) return;
  const range = open ? `(${low}, ${high})` : `[${low}, ${high}]`;
  throw new AttuneError<EvaluationErrorCode>(
    'evaluation/out-of-range',
    `The ${name} of ${where} must be in ${range}. Got ${value}.`,
    { details: { where, name, value: String(value), low, high } },
  );
}
