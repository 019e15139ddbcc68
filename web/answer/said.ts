/** What a model says of one attribute, from a prediction that was just made or one that is kept. */
import type { PredictionAnswer } from '../../src/serving/api/predict.ts';

export type Said = PredictionAnswer['attributes'][string] & { readonly name: string };

export function written({
  value,
  unit,
  notApplicable,
}: {
  readonly value: Said['value'];
  readonly unit?: string | null | undefined;
  readonly notApplicable: boolean;
}): string {
  if (notApplicable) return 'not applicable';
  if (value === null) return 'none';
  const text = Array.isArray(value) ? value.join(', ') : String(value);
  return unit == null ? text : `${text} ${unit}`;
}

export const percent = (part: number): string => `${Math.round(part * 100)}%`;
