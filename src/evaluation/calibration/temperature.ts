import { AttuneError } from '../../base/errors.ts';
import { requireFinite, requireRange, requireSameLength } from '../columns.ts';
import type { EvaluationErrorCode } from '../errors.ts';
import { sigmoid } from './log-odds.ts';

/** Temperatures are searched in [1/100, 100]; an end is returned when the best one lies beyond. */
const LARGEST_TEMPERATURE = 100;

/**
 * The temperature T that minimises the log loss of softmax(logits / T) (Guo et al. 2017, arXiv 1706.04599). T above 1
 * makes an overconfident model modest; the order of the classes never changes.
 *
 * @param logits - `[rows, classes]` row-major, finite
 * @param truth - `[rows]` class indices
 * @throws evaluation/length-mismatch, evaluation/not-finite, evaluation/out-of-range; evaluation/too-few without rows
 */
export function fitTemperature(logits: ArrayLike<number>, truth: ArrayLike<number>, classes: number): number {
  requireSameLength(
    'fitTemperature',
    { name: 'logit expected (rows times classes)', length: truth.length * classes },
    { name: 'logit', length: logits.length },
  );
  requireFinite('fitTemperature', 'the logits', logits);
  requireRows('fitTemperature', truth.length);
  for (let row = 0; row < truth.length; row++) {
    requireRange('fitTemperature', 'class index', truth[row]!, 0, classes - 1);
  }
  return (
    1 /
    minimiseConvex((inverse) => {
      let slope = 0;
      let curvature = 0;
      for (let row = 0; row < truth.length; row++) {
        const start = row * classes;
        const right = logits[start + truth[row]!]!;
        let top = Number.NEGATIVE_INFINITY;
        for (let c = 0; c < classes; c++) top = Math.max(top, logits[start + c]!);
        let mass = 0;
        let first = 0;
        let second = 0;
        for (let c = 0; c < classes; c++) {
          const z = logits[start + c]! - top;
          const weight = Math.exp(inverse * z);
          mass += weight;
          first += weight * z;
          second += weight * z * z;
        }
        const mean = first / mass;
        slope += mean - (right - top);
        curvature += second / mass - mean * mean;
      }
      return { slope, curvature };
    })
  );
}

/**
 * The temperature T that minimises the log loss of sigmoid(x / T) for yes-or-no outcomes with log-odds x.
 *
 * @param logOdds - one a row, finite
 * @param outcomes - one a row
 * @throws evaluation/length-mismatch, evaluation/not-finite; evaluation/too-few without rows
 */
export function fitBinaryTemperature(logOdds: ArrayLike<number>, outcomes: ArrayLike<boolean>): number {
  requireSameLength(
    'fitBinaryTemperature',
    { name: 'outcome', length: outcomes.length },
    { name: 'log-odds', length: logOdds.length },
  );
  requireFinite('fitBinaryTemperature', 'the log-odds', logOdds);
  requireRows('fitBinaryTemperature', outcomes.length);
  return (
    1 /
    minimiseConvex((inverse) => {
      let slope = 0;
      let curvature = 0;
      for (let row = 0; row < outcomes.length; row++) {
        const x = logOdds[row]!;
        const p = sigmoid(inverse * x);
        slope += (p - (outcomes[row] ? 1 : 0)) * x;
        curvature += p * (1 - p) * x * x;
      }
      return { slope, curvature };
    })
  );
}

function requireRows(where: string, rows: number): void {
  if (rows > 0) return;
  throw new AttuneError<EvaluationErrorCode>(
    'evaluation/too-few',
    `${where} needs at least one row. Got none.`,
  );
}

/** The minimum of a convex function of the inverse temperature: Newton's steps, halving the bracket where they leave it. */
function minimiseConvex(derivatives: (inverse: number) => { slope: number; curvature: number }): number {
  let low = 1 / LARGEST_TEMPERATURE;
  let high = LARGEST_TEMPERATURE;
  if (derivatives(low).slope >= 0) return low;
  if (derivatives(high).slope <= 0) return high;
  let inverse = 1;
  for (let step = 0; step < 100 && high - low > 1e-12 * high; step++) {
    const { slope, curvature } = derivatives(inverse);
    if (slope > 0) high = inverse;
    else low = inverse;
    const newton = curvature > 0 ? inverse - slope / curvature : Number.NaN;
    const next = newton > low && newton < high ? newton : Math.sqrt(low * high);
    if (Math.abs(next - inverse) <= 1e-13 * inverse) return next;
    inverse = next;
  }
  return inverse;
}
