import type { AttributeResult } from '../attribute-result.ts';

/** The attributes' figures together; undefined where no attribute has a row. */
export function overallOf(results: readonly AttributeResult[]) {
  const measured = results.filter((result) => result.count > 0);
  if (measured.length === 0) return undefined;
  const mean = (value: (result: AttributeResult) => number | undefined) =>
    measured.reduce((sum, result) => sum + (value(result) ?? 0), 0) / measured.length;
  const rows = measured.reduce((sum, result) => sum + result.count, 0);
  return {
    attributes: measured.length,
    meanF1: mean((result) => result.microF1),
    meanAccuracy: mean((result) => result.accuracy),
    accepting: measured.filter((result) => result.threshold !== undefined).length,
    /** Share of all answers that are accepted without a person. */
    coverage: measured.reduce((sum, result) => sum + (result.coverage ?? 0) * result.count, 0) / rows,
  };
}
