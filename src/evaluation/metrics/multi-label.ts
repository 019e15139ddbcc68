import { requireSameLength } from '../columns.ts';
import type { ClassScores } from './classification.ts';
import { compareLabels } from './confusion-matrix.ts';
import { meanScores, type PrecisionRecallF1, precisionRecallF1 } from './precision-recall.ts';

export type MultiLabelScores = {
  readonly count: number;
  /** Share of rows whose whole set is right; undefined without rows. */
  readonly subsetAccuracy: number | undefined;
  /** Mean over rows of |both| / |either|, 1 where both are empty; undefined without rows. */
  readonly jaccard: number | undefined;
  readonly labels: readonly ClassScores[];
  readonly micro: PrecisionRecallF1;
  /** Plain mean over the labels that occur in truth or prediction. */
  readonly macro: PrecisionRecallF1;
  readonly weighted: PrecisionRecallF1;
};

/**
 * Scores of some-of-many answers, equal to scikit-learn's over the label indicator matrix of the labels that occur
 * (`zero_division=0`). A set is a set: order and repetition do not matter. An empty set is an answer ("none").
 *
 * @param truth - the right labels of each row
 * @param predicted - the given labels of each row
 * @throws evaluation/length-mismatch
 */
export function scoreMultiLabel(
  truth: readonly (readonly string[])[],
  predicted: readonly (readonly string[])[],
): MultiLabelScores {
  requireSameLength(
    'scoreMultiLabel',
    { name: 'truth', length: truth.length },
    { name: 'prediction', length: predicted.length },
  );
  const support = new Map<string, number>();
  const asked = new Map<string, number>();
  const hits = new Map<string, number>();
  const bump = (counts: Map<string, number>, label: string) =>
    counts.set(label, (counts.get(label) ?? 0) + 1);
  let wholeRight = 0;
  let jaccard = 0;
  for (let row = 0; row < truth.length; row++) {
    const right = new Set(truth[row]!);
    const given = new Set(predicted[row]!);
    let both = 0;
    for (const label of right) bump(support, label);
    for (const label of given) {
      bump(asked, label);
      if (!right.has(label)) continue;
      bump(hits, label);
      both++;
    }
    const either = right.size + given.size - both;
    if (either === both) wholeRight++;
    jaccard += either > 0 ? both / either : 1;
  }
  const names = [...new Set([...support.keys(), ...asked.keys()])].sort(compareLabels);
  const labels = names.map((label) => {
    const counts = [hits.get(label) ?? 0, asked.get(label) ?? 0, support.get(label) ?? 0] as const;
    return { label, support: counts[2], predicted: counts[1], ...precisionRecallF1(...counts) };
  });
  const total = (counts: Map<string, number>) => [...counts.values()].reduce((sum, n) => sum + n, 0);
  const count = truth.length;
  return {
    count,
    subsetAccuracy: count > 0 ? wholeRight / count : undefined,
    jaccard: count > 0 ? jaccard / count : undefined,
    labels,
    micro: precisionRecallF1(total(hits), total(asked), total(support)),
    macro: meanScores(labels),
    weighted: meanScores(
      labels,
      labels.map((l) => l.support),
    ),
  };
}
