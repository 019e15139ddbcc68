import { requireFinite, requireSameLength } from '../columns.ts';

/** Rows from the highest score to the lowest; equal scores stay in row order. */
function descending(scores: ArrayLike<number>): Uint32Array {
  return Uint32Array.from({ length: scores.length }, (_, i) => i).sort(
    (a, b) => scores[b]! - scores[a]! || a - b,
  );
}

function check(where: string, positive: ArrayLike<boolean>, scores: ArrayLike<number>): void {
  requireSameLength(
    where,
    { name: 'label', length: positive.length },
    { name: 'score', length: scores.length },
  );
  requireFinite(where, 'the scores', scores);
}

/**
 * Area under the ROC curve: the share of (positive, negative) pairs in which the positive scores higher, a tie
 * counting one half (Mann and Whitney 1947). Equal to scikit-learn's `roc_auc_score`.
 *
 * @param positive - one truth a row
 * @param scores - one finite score a row, higher meaning more likely positive
 * @returns in [0, 1]; undefined unless there is a positive and a negative
 * @throws evaluation/length-mismatch, evaluation/not-finite
 */
export function rocAuc(positive: ArrayLike<boolean>, scores: ArrayLike<number>): number | undefined {
  check('rocAuc', positive, scores);
  const order = descending(scores);
  let positives = 0;
  let negatives = 0;
  let pairs = 0;
  for (let start = 0; start < order.length; ) {
    let end = start;
    let tiedPositives = 0;
    while (end < order.length && scores[order[end]!] === scores[order[start]!]) {
      if (positive[order[end]!]) tiedPositives++;
      end++;
    }
    const tiedNegatives = end - start - tiedPositives;
    pairs += tiedNegatives * (positives + tiedPositives / 2);
    positives += tiedPositives;
    negatives += tiedNegatives;
    start = end;
  }
  return positives > 0 && negatives > 0 ? pairs / (positives * negatives) : undefined;
}

/**
 * Average precision: Σ (Rₖ − Rₖ₋₁)·Pₖ over the distinct scores, highest first, without interpolation. Equal to
 * scikit-learn's `average_precision_score`, which says 0 (and warns) where there is no positive; we say undefined.
 *
 * @param positive - one truth a row
 * @param scores - one finite score a row, higher meaning more likely positive
 * @returns in [0, 1]; undefined without a positive
 * @throws evaluation/length-mismatch, evaluation/not-finite
 */
export function averagePrecision(
  positive: ArrayLike<boolean>,
  scores: ArrayLike<number>,
): number | undefined {
  check('averagePrecision', positive, scores);
  const order = descending(scores);
  let positives = 0;
  let area = 0;
  for (let start = 0; start < order.length; ) {
    let end = start;
    let tied = 0;
    while (end < order.length && scores[order[end]!] === scores[order[start]!]) {
      if (positive[order[end]!]) tied++;
      end++;
    }
    positives += tied;
    area += (tied * positives) / end;
    start = end;
  }
  return positives > 0 ? area / positives : undefined;
}

/**
 * ROC AUC or average precision of a many-class model: the plain mean of one class against the rest, over the classes
 * for which it is defined (scikit-learn's `multi_class='ovr', average='macro'` when all are).
 *
 * @param score - {@link rocAuc} or {@link averagePrecision}
 * @param truth - `[rows]` class indices
 * @param probabilities - `[rows, classes]` row-major
 * @returns undefined when no class has both a positive and a negative row
 */
export function oneVersusRest(
  score: typeof rocAuc,
  truth: ArrayLike<number>,
  probabilities: ArrayLike<number>,
  classes: number,
): number | undefined {
  requireSameLength(
    'oneVersusRest',
    { name: 'probability expected (rows times classes)', length: truth.length * classes },
    { name: 'probability', length: probabilities.length },
  );
  let sum = 0;
  let defined = 0;
  for (let c = 0; c < classes; c++) {
    const positive = Array.from({ length: truth.length }, (_, row) => truth[row] === c);
    if (!positive.includes(true) || !positive.includes(false)) continue;
    const column = Float64Array.from({ length: truth.length }, (_, row) => probabilities[row * classes + c]!);
    const value = score(positive, column);
    if (value === undefined) continue;
    sum += value;
    defined++;
  }
  return defined > 0 ? sum / defined : undefined;
}
