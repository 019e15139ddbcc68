import type { AttributeAnswers } from '../answers.ts';
import type { CalibrationFit } from '../calibration/fit-calibrator.ts';
import { brierScore, expectedCalibrationError, reliabilityBins } from '../calibration/reliability.ts';
import type { AttributeEvaluation } from '../evaluate-attribute.ts';
import { accuracyMetric, type Slicing, scoreSlices } from '../slices/slice-scores.ts';
import type { AutoAccept } from '../thresholds/auto-accept.ts';
import { coverageCurve } from '../thresholds/coverage-curve.ts';
import type { AttributeReport, MistakeText, Reliability } from './report-data.ts';

export type AttributeReportParts = {
  /** With calibrated confidences. */
  readonly answers: AttributeAnswers;
  readonly evaluation: AttributeEvaluation;
  /** The model's own confidences of the same rows. */
  readonly rawConfidences: ArrayLike<number>;
  readonly calibration: CalibrationFit;
  readonly autoAccept: AutoAccept | undefined;
  readonly slicings: readonly Slicing[];
  /** What to show of a row among the worst mistakes; called for those only. */
  readonly product: (row: number) => {
    readonly product: string;
    readonly category: string | undefined;
    readonly texts: readonly MistakeText[];
  };
  /** How many mistakes to show; 10 when not given. */
  readonly mistakes?: number;
};

/** One attribute's part of the report, computed from its answers. */
export function attributeReport(parts: AttributeReportParts): AttributeReport {
  const { answers, evaluation, rawConfidences, calibration, autoAccept, slicings } = parts;
  const { result, correct, classes, confusion } = evaluation;
  const count = correct.length;
  return {
    result,
    classes,
    confusion,
    calibration:
      count === 0
        ? undefined
        : {
            reason: calibration.reason,
            before: reliabilityOf(rawConfidences, correct),
            after: reliabilityOf(answers.confidences, correct),
          },
    coverage: coverageCurve(answers.confidences, correct, 60),
    autoAccept,
    slices: count === 0 ? undefined : scoreSlices(count, accuracyMetric(correct, answers.groups), slicings),
    mistakes: worstRows(correct, answers.confidences, parts.mistakes ?? 10).map((row) => ({
      ...parts.product(row),
      truth: valuesOf(answers, 'truth', row),
      predicted: valuesOf(answers, 'predicted', row),
      confidence: answers.confidences[row]!,
    })),
  };
}

/** Wrong rows, the most confident first; ties in row order. */
export function worstRows(
  correct: readonly boolean[],
  confidences: ArrayLike<number>,
  limit: number,
): number[] {
  return correct
    .flatMap((right, row) => (right ? [] : [row]))
    .sort((a, b) => confidences[b]! - confidences[a]! || a - b)
    .slice(0, limit);
}

/** Ten bins of about equal mass: with equal widths most of a good model's answers fall into one. */
function reliabilityOf(confidences: ArrayLike<number>, correct: readonly boolean[]): Reliability {
  return {
    bins: reliabilityBins(confidences, correct, { bins: 10, by: 'mass' }),
    calibrationError: expectedCalibrationError(confidences, correct),
    brier: brierScore(confidences, correct),
  };
}

function valuesOf(answers: AttributeAnswers, side: 'truth' | 'predicted', row: number): readonly string[] {
  if (answers.kind !== 'number') return answers[side][row]!;
  const value = answers[side][row];
  return value === undefined ? [] : [answers.unit === undefined ? `${value}` : `${value} ${answers.unit}`];
}
