/** How right a model is on rows that nobody has checked, told from its own calibrated probabilities. */
import { requireRange } from '../../evaluation/columns.ts';
import type { Interval } from '../../evaluation/intervals/interval.ts';
import { wilsonInterval } from '../../evaluation/intervals/wilson.ts';

/** One answer: the value given, and the calibrated probability of each value that was weighed. */
export type WeighedAnswer = {
  readonly predicted: string;
  /** Value -> probability in [0, 1]; the predicted value among them. They add up to at most 1. */
  readonly probabilities: ReadonlyMap<string, number>;
};

export type EstimatedScores = {
  readonly rows: number;
  readonly accuracy: number;
  /** Means over the values of those of each value against all others. */
  readonly macroPrecision: number;
  readonly macroRecall: number;
  readonly macroF1: number;
};

/**
 * Confidence-based performance estimation (CBPE) of a choice among values, as NannyML's `CBPE` for multiclass: where
 * probabilities are calibrated, each row adds its probability to the true positives of the value it was given, what is left to the
 * false positives, and its probabilities of the other values to their false negatives. It sees a model that grows unsure; it cannot
 * see one that is confidently wrong about something new, which is what reviews are for.
 *
 * @returns undefined without rows
 * @throws evaluation/out-of-range
 * @see https://nannyml.readthedocs.io/en/stable/how_it_works/performance_estimation.html
 */
export function estimateScores(rows: readonly WeighedAnswer[]): EstimatedScores | undefined {
  if (rows.length === 0) return undefined;
  const sums = new Map<string, { right: number; given: number; there: number }>();
  const sumsOf = (value: string) => {
    const known = sums.get(value) ?? { right: 0, given: 0, there: 0 };
    sums.set(value, known);
    return known;
  };
  let correct = 0;
  for (const { predicted, probabilities } of rows) {
    const own = probabilities.get(predicted) ?? 0;
    correct += own;
    sumsOf(predicted).given++;
    sumsOf(predicted).right += own;
    for (const [value, probability] of probabilities) {
      requireRange('estimateScores', `probability of ${value}`, probability, 0, 1);
      sumsOf(value).there += probability;
    }
  }
  const values = [...sums.values()];
  const mean = (of: (sums: (typeof values)[number]) => number) =>
    values.reduce((sum, each) => sum + of(each), 0) / values.length;
  return {
    rows: rows.length,
    accuracy: correct / rows.length,
    macroPrecision: mean(({ right, given }) => (given > 0 ? right / given : 0)),
    macroRecall: mean(({ right, there }) => (there > 0 ? right / there : 0)),
    macroF1: mean(({ right, given, there }) => (given + there > 0 ? (2 * right) / (given + there) : 0)),
  };
}

/**
 * The share of right answers that calibrated confidences promise, and an interval for the share that chance then makes of
 * them. The interval holds as far as the calibration does.
 *
 * @param confidences - in [0, 1], one an answer
 * @returns undefined without answers
 */
export function estimateAccuracy(
  confidences: ArrayLike<number>,
  level = 0.95,
): { readonly accuracy: number; readonly interval: Interval } | undefined {
  const count = confidences.length;
  if (count === 0) return undefined;
  let sum = 0;
  let variance = 0;
  for (let i = 0; i < count; i++) {
    const confidence = confidences[i]!;
    requireRange('estimateAccuracy', 'confidence', confidence, 0, 1);
    sum += confidence;
    variance += confidence * (1 - confidence);
  }
  const accuracy = sum / count;
  // As many equal rows as would vary as much; rows of different confidences vary less together.
  const size = variance > 0 ? (count * count * accuracy * (1 - accuracy)) / variance : count;
  return { accuracy, interval: wilsonInterval(accuracy * size, size, level)! };
}
