/** Precision, recall and their harmonic mean, each in [0, 1]. */
export type PrecisionRecallF1 = { readonly precision: number; readonly recall: number; readonly f1: number };

/** All zero: the value where nothing was there to be right about. */
export const NOTHING_RIGHT: PrecisionRecallF1 = { precision: 0, recall: 0, f1: 0 };

/**
 * precision = right / predicted, recall = right / present, F1 = 2·right / (predicted + present).
 *
 * A denominator of zero gives 0, as scikit-learn's `zero_division=0`.
 * @param right - true positives
 * @param predicted - true and false positives
 * @param present - true positives and false negatives
 * @example precisionRecallF1(3, 4, 6) // precision 0.75, recall 0.5, f1 0.6
 */
export function precisionRecallF1(right: number, predicted: number, present: number): PrecisionRecallF1 {
  return {
    precision: predicted > 0 ? right / predicted : 0,
    recall: present > 0 ? right / present : 0,
    f1: predicted + present > 0 ? (2 * right) / (predicted + present) : 0,
  };
}

/** The mean of each of the three, weighted when `weights` are given; all zero for no scores or no weight. */
export function meanScores(
  scores: readonly PrecisionRecallF1[],
  weights?: readonly number[],
): PrecisionRecallF1 {
  let total = 0;
  let precision = 0;
  let recall = 0;
  let f1 = 0;
  for (const [i, score] of scores.entries()) {
    const weight = weights?.[i] ?? 1;
    total += weight;
    precision += weight * score.precision;
    recall += weight * score.recall;
    f1 += weight * score.f1;
  }
  if (total === 0) return NOTHING_RIGHT;
  return { precision: precision / total, recall: recall / total, f1: f1 / total };
}
