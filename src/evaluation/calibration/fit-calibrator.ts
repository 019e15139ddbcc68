import { hash32, hashString } from '../../base/random.ts';
import { requireFinite, requireSameLength } from '../columns.ts';
import { binaryLogLoss } from '../metrics/log-loss.ts';
import { type CalibrationMethod, type Calibrator, calibrate } from './calibrator.ts';
import { fitIsotonic } from './isotonic.ts';
import { logOdds } from './log-odds.ts';
import { fitPlatt } from './platt.ts';
import { fitBinaryTemperature } from './temperature.ts';

/** Examples below which a method is not tried: roughly what its freedom costs in variance. */
export const CALIBRATION_MINIMUM: { readonly [M in CalibrationMethod]: number } = {
  identity: 0,
  temperature: 30,
  platt: 60,
  isotonic: 300,
};

/** Right answers and wrong answers there must be, each, to fit anything at all. */
export const CALIBRATION_MINIMUM_OUTCOMES = 5;

const FOLDS = 5;

export type CalibrationFit = {
  readonly calibrator: Calibrator;
  readonly count: number;
  /** Held-out log loss in nats of each method that was tried, simplest first; empty when there was too little. */
  readonly candidates: readonly { readonly method: CalibrationMethod; readonly logLoss: number }[];
  /** Why this one, in a sentence. */
  readonly reason: string;
};

/**
 * Fits the map from confidence to the share that is right, by the method with the lowest log loss in 5-fold
 * cross-validation (the simpler one on a tie), then on all examples.
 *
 * Below the minimum of examples, or of right or wrong ones, a method is not tried; identity always is.
 * @param confidences - the model's own, in [0, 1], of examples that neither training nor early stopping nor the
 *   thresholds use
 * @param correct - whether the answer was right
 * @param options - `seed` decides the folds; rows of one group fall into one fold
 * @throws evaluation/length-mismatch, evaluation/not-finite
 */
export function fitCalibrator(
  confidences: ArrayLike<number>,
  correct: ArrayLike<boolean>,
  options: { readonly seed: number; readonly groups?: ArrayLike<string | undefined> },
): CalibrationFit {
  requireSameLength(
    'fitCalibrator',
    { name: 'outcome', length: correct.length },
    { name: 'confidence', length: confidences.length },
  );
  requireFinite('fitCalibrator', 'the confidences', confidences);
  const count = correct.length;
  let right = 0;
  for (let row = 0; row < count; row++) if (correct[row]) right++;
  const fewest = Math.min(right, count - right);
  if (fewest < CALIBRATION_MINIMUM_OUTCOMES || count < CALIBRATION_MINIMUM.temperature) {
    const reason =
      `Left as it is: ${count} examples with ${right} right and ${count - right} wrong; ` +
      `calibration needs ${CALIBRATION_MINIMUM.temperature} with ${CALIBRATION_MINIMUM_OUTCOMES} of each.`;
    return { calibrator: { method: 'identity' }, count, candidates: [], reason };
  }
  const folds = Uint8Array.from({ length: count }, (_, row) => {
    const group = options.groups?.[row];
    return (group === undefined ? hash32(options.seed, row) : hashString(group, options.seed)) % FOLDS;
  });
  const methods = (Object.keys(CALIBRATION_MINIMUM) as CalibrationMethod[]).filter(
    (method) => count >= CALIBRATION_MINIMUM[method],
  );
  const candidates: { method: CalibrationMethod; logLoss: number }[] = [];
  for (const method of methods) {
    const loss = heldOutLoss(method, confidences, correct, folds);
    if (loss !== undefined) candidates.push({ method, logLoss: loss });
  }
  const best = candidates.reduce((a, b) => (b.logLoss < a.logLoss ? b : a));
  return {
    calibrator: fitMethod(best.method, confidences, correct) ?? { method: 'identity' },
    count,
    candidates,
    reason: reasonFor(best.method, best.logLoss, candidates[0]!.logLoss, count),
  };
}

const NAMES: { readonly [M in Exclude<CalibrationMethod, 'identity'>]: string } = {
  temperature: 'temperature scaling',
  platt: 'Platt scaling',
  isotonic: 'isotonic regression',
};

function reasonFor(method: CalibrationMethod, loss: number, before: number, count: number): string {
  return method === 'identity'
    ? `Left as it is: no calibration has a lower held-out log loss than ${before.toFixed(4)} on ${count} examples.`
    : `Calibrated by ${NAMES[method]}: held-out log loss ${loss.toFixed(4)} on ${count} examples, ${before.toFixed(4)} without.`;
}

/** Mean log loss of each fold under the map fitted on the others; undefined where one of the fits is refused. */
function heldOutLoss(
  method: CalibrationMethod,
  confidences: ArrayLike<number>,
  correct: ArrayLike<boolean>,
  folds: Uint8Array,
): number | undefined {
  const outcomes: boolean[] = [];
  const probabilities: number[] = [];
  for (let fold = 0; fold < FOLDS; fold++) {
    const inside: number[] = [];
    const outside: number[] = [];
    for (const [row, own] of folds.entries()) (own === fold ? outside : inside).push(row);
    if (outside.length === 0) continue;
    if (inside.length < 2) return undefined;
    const calibrator = fitMethod(
      method,
      inside.map((row) => confidences[row]!),
      inside.map((row) => correct[row]!),
    );
    if (calibrator === undefined) return undefined;
    for (const row of outside) {
      outcomes.push(correct[row]!);
      probabilities.push(calibrate(calibrator, confidences[row]!));
    }
  }
  return binaryLogLoss(outcomes, probabilities);
}

/** Undefined where the fit would reverse the order of the answers. */
function fitMethod(
  method: CalibrationMethod,
  confidences: ArrayLike<number>,
  correct: ArrayLike<boolean>,
): Calibrator | undefined {
  if (method === 'identity') return { method };
  if (method === 'isotonic') {
    const targets = Float64Array.from({ length: correct.length }, (_, row) => (correct[row] ? 1 : 0));
    return { method, ...fitIsotonic(confidences, targets), margin: 1 / (correct.length + 2) };
  }
  const scores = Float64Array.from({ length: confidences.length }, (_, row) => logOdds(confidences[row]!));
  if (method === 'temperature') return { method, temperature: fitBinaryTemperature(scores, correct) };
  const line = fitPlatt(scores, correct);
  return line.slope > 0 ? { method, ...line } : undefined;
}
