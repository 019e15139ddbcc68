import { requireFinite, requireRange, requireSameLength } from '../columns.ts';

/** Probabilities are kept this far from 0 and 1, so that one confident mistake costs 36 nats and not infinity. */
export const PROBABILITY_FLOOR = 2 ** -52;

/** Limits a probability to [2⁻⁵², 1 − 2⁻⁵²]. */
export function clipProbability(p: number): number {
  return Math.min(1 - PROBABILITY_FLOOR, Math.max(PROBABILITY_FLOOR, p));
}

/**
 * Mean negative log-likelihood of the right class, in nats. Equal to scikit-learn's `log_loss` on float64 rows that
 * sum to one.
 *
 * @param truth - `[rows]` class indices
 * @param probabilities - `[rows, classes]` row-major, each row summing to one
 * @returns undefined without rows
 * @throws evaluation/length-mismatch, evaluation/not-finite, evaluation/out-of-range
 */
export function logLoss(
  truth: ArrayLike<number>,
  probabilities: ArrayLike<number>,
  classes: number,
): number | undefined {
  requireSameLength(
    'logLoss',
    { name: 'probability expected (rows times classes)', length: truth.length * classes },
    { name: 'probability', length: probabilities.length },
  );
  requireFinite('logLoss', 'the probabilities', probabilities);
  if (truth.length === 0) return undefined;
  let sum = 0;
  for (let row = 0; row < truth.length; row++) {
    requireRange('logLoss', 'class index', truth[row]!, 0, classes - 1);
    sum -= Math.log(clipProbability(probabilities[row * classes + truth[row]!]!));
  }
  return sum / truth.length;
}

/**
 * Mean negative log-likelihood of yes-or-no outcomes, in nats.
 *
 * @param outcomes - what happened
 * @param probabilities - of `true`, one a row
 * @returns undefined without rows
 * @throws evaluation/length-mismatch, evaluation/not-finite
 */
export function binaryLogLoss(
  outcomes: ArrayLike<boolean>,
  probabilities: ArrayLike<number>,
): number | undefined {
  requireSameLength(
    'binaryLogLoss',
    { name: 'outcome', length: outcomes.length },
    { name: 'probability', length: probabilities.length },
  );
  requireFinite('binaryLogLoss', 'the probabilities', probabilities);
  if (outcomes.length === 0) return undefined;
  let sum = 0;
  for (let row = 0; row < outcomes.length; row++) {
    const p = clipProbability(probabilities[row]!);
    sum -= outcomes[row] ? Math.log(p) : Math.log1p(-p);
  }
  return sum / outcomes.length;
}
