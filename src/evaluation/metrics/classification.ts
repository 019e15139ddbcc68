import { requireSameLength } from '../columns.ts';
import { type ConfusionMatrix, confusionMatrix } from './confusion-matrix.ts';
import { meanScores, type PrecisionRecallF1, precisionRecallF1 } from './precision-recall.ts';

/** One class's scores; `support` is how many rows have it as their truth. */
export type ClassScores = PrecisionRecallF1 & {
  readonly label: string;
  readonly support: number;
  readonly predicted: number;
};

export type ClassificationScores = {
  readonly count: number;
  /** Share of rows that are right; undefined without rows. */
  readonly accuracy: number | undefined;
  /** Mean recall over the classes that are some row's truth; undefined without rows. */
  readonly balancedAccuracy: number | undefined;
  /** By label, in the order of the confusion matrix. */
  readonly classes: readonly ClassScores[];
  /** From the summed counts; with one answer a row all three equal the accuracy. */
  readonly micro: PrecisionRecallF1;
  /** Plain mean over the classes that occur in truth or prediction, as scikit-learn. */
  readonly macro: PrecisionRecallF1;
  /** Mean over the same classes, weighted by support. */
  readonly weighted: PrecisionRecallF1;
  readonly confusion: ConfusionMatrix;
};

/**
 * Scores of one-of-many answers, equal to scikit-learn's `precision_recall_fscore_support(zero_division=0)`,
 * `accuracy_score` and `balanced_accuracy_score`.
 *
 * Without rows the averages are 0 and the accuracies undefined.
 * @param truth - one label a row
 * @param predicted - one label a row
 * @throws evaluation/length-mismatch
 */
export function scoreClassification(
  truth: readonly string[],
  predicted: readonly string[],
): ClassificationScores {
  requireSameLength(
    'scoreClassification',
    { name: 'truth', length: truth.length },
    { name: 'prediction', length: predicted.length },
  );
  const confusion = confusionMatrix(truth, predicted);
  const size = confusion.labels.length;
  const support = new Array<number>(size).fill(0);
  const asked = new Array<number>(size).fill(0);
  const hits = new Array<number>(size).fill(0);
  let right = 0;
  for (const [t, p, rows] of confusion.cells) {
    support[t]! += rows;
    asked[p]! += rows;
    if (t !== p) continue;
    hits[t]! += rows;
    right += rows;
  }
  const classes: ClassScores[] = confusion.labels.map((label, c) => ({
    label,
    support: support[c]!,
    predicted: asked[c]!,
    ...precisionRecallF1(hits[c]!, asked[c]!, support[c]!),
  }));
  const count = truth.length;
  const present = classes.filter((c) => c.support > 0);
  return {
    count,
    accuracy: count > 0 ? right / count : undefined,
    balancedAccuracy:
      present.length > 0 ? present.reduce((sum, c) => sum + c.recall, 0) / present.length : undefined,
    classes,
    micro: precisionRecallF1(right, count, count),
    macro: meanScores(classes),
    weighted: meanScores(classes, support),
    confusion,
  };
}
