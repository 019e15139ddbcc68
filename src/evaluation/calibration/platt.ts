import { AttuneError } from '../../base/errors.ts';
import { requireFinite, requireSameLength } from '../columns.ts';
import type { EvaluationErrorCode } from '../errors.ts';
import { sigmoid } from './log-odds.ts';

/** P(outcome) = sigmoid(slope · score + intercept). */
export type PlattLine = { readonly slope: number; readonly intercept: number };

/**
 * Platt scaling: logistic regression of the outcome on one score, with Platt's smoothed targets
 * (n₊ + 1)/(n₊ + 2) and 1/(n₋ + 2) so that separable data keep finite slopes. Newton's method with step halving.
 *
 * @param scores - one finite score a row
 * @param outcomes - one a row
 * @throws evaluation/length-mismatch, evaluation/not-finite; evaluation/too-few below two rows
 * @see Platt 1999; Lin, Lin, Weng 2007
 */
export function fitPlatt(scores: ArrayLike<number>, outcomes: ArrayLike<boolean>): PlattLine {
  requireSameLength(
    'fitPlatt',
    { name: 'outcome', length: outcomes.length },
    { name: 'score', length: scores.length },
  );
  requireFinite('fitPlatt', 'the scores', scores);
  const count = outcomes.length;
  if (count < 2) {
    throw new AttuneError<EvaluationErrorCode>(
      'evaluation/too-few',
      `fitPlatt needs at least two rows. Got ${count}.`,
    );
  }
  let positives = 0;
  for (let row = 0; row < count; row++) if (outcomes[row]) positives++;
  const high = (positives + 1) / (positives + 2);
  const low = 1 / (count - positives + 2);
  const loss = (slope: number, intercept: number) => {
    let sum = 0;
    for (let row = 0; row < count; row++) {
      const x = slope * scores[row]! + intercept;
      const target = outcomes[row] ? high : low;
      sum += Math.max(x, 0) - target * x + Math.log1p(Math.exp(-Math.abs(x)));
    }
    return sum;
  };
  let slope = 0;
  let intercept = Math.log((positives + 1) / (count - positives + 1));
  let current = loss(slope, intercept);
  for (let step = 0; step < 100; step++) {
    // A ridge far below the data's own curvature keeps the system solvable when all scores are equal.
    let [g1, g2, h11, h12, h22] = [0, 0, 1e-12, 0, 1e-12];
    for (let row = 0; row < count; row++) {
      const s = scores[row]!;
      const p = sigmoid(slope * s + intercept);
      const error = p - (outcomes[row] ? high : low);
      const weight = p * (1 - p);
      g1 += error * s;
      g2 += error;
      h11 += weight * s * s;
      h12 += weight * s;
      h22 += weight;
    }
    if (Math.abs(g1) < 1e-10 * count && Math.abs(g2) < 1e-10 * count) break;
    const determinant = h11 * h22 - h12 * h12;
    if (!(determinant > 0)) break;
    const stepSlope = -(h22 * g1 - h12 * g2) / determinant;
    const stepIntercept = -(h11 * g2 - h12 * g1) / determinant;
    let size = 1;
    let next = loss(slope + stepSlope, intercept + stepIntercept);
    while (next > current && size > 1e-10) {
      size /= 2;
      next = loss(slope + size * stepSlope, intercept + size * stepIntercept);
    }
    if (next > current) break;
    slope += size * stepSlope;
    intercept += size * stepIntercept;
    const gain = current - next;
    current = next;
    if (gain < 1e-13 * count) break;
  }
  return { slope, intercept };
}
