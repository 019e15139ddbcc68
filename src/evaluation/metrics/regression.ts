import { requireFinite, requireSameLength } from '../columns.ts';

/** Errors in the unit of the target; each undefined without rows. */
export type RegressionScores = {
  readonly count: number;
  readonly meanAbsoluteError: number | undefined;
  readonly medianAbsoluteError: number | undefined;
  readonly rootMeanSquaredError: number | undefined;
  /** 1 − Σ(y − ŷ)² / Σ(y − ȳ)², at most 1; undefined below two rows. */
  readonly r2: number | undefined;
};

/**
 * Scores of numbers, equal to scikit-learn's. Relative errors are left out: they explode near zero and reward
 * guessing low.
 *
 * R² of a constant target is 1 when every prediction is exact and 0 otherwise, as scikit-learn.
 * @param truth - finite numbers in one unit
 * @param predicted - finite numbers in the same unit
 * @throws evaluation/length-mismatch, evaluation/not-finite
 */
export function scoreRegression(truth: ArrayLike<number>, predicted: ArrayLike<number>): RegressionScores {
  requireSameLength(
    'scoreRegression',
    { name: 'truth', length: truth.length },
    { name: 'prediction', length: predicted.length },
  );
  requireFinite('scoreRegression', 'the truth', truth);
  requireFinite('scoreRegression', 'the predictions', predicted);
  const count = truth.length;
  if (count === 0) {
    return {
      count,
      meanAbsoluteError: undefined,
      medianAbsoluteError: undefined,
      rootMeanSquaredError: undefined,
      r2: undefined,
    };
  }
  let mean = 0;
  for (let row = 0; row < count; row++) mean += (truth[row]! - mean) / (row + 1);
  const absolute = new Float64Array(count);
  let sumAbsolute = 0;
  let residual = 0;
  let spread = 0;
  for (let row = 0; row < count; row++) {
    const error = truth[row]! - predicted[row]!;
    absolute[row] = Math.abs(error);
    sumAbsolute += absolute[row]!;
    residual += error * error;
    spread += (truth[row]! - mean) ** 2;
  }
  return {
    count,
    meanAbsoluteError: sumAbsolute / count,
    medianAbsoluteError: median(absolute),
    rootMeanSquaredError: Math.sqrt(residual / count),
    r2: count < 2 ? undefined : spread > 0 ? 1 - residual / spread : residual > 0 ? 0 : 1,
  };
}

/** The middle value, or the mean of the two middle ones. Sorts in place; not empty. */
function median(values: Float64Array): number {
  values.sort();
  const middle = values.length >> 1;
  return values.length % 2 === 1 ? values[middle]! : (values[middle - 1]! + values[middle]!) / 2;
}
