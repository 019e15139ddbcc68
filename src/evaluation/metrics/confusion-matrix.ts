import { requireSameLength } from '../columns.ts';

/**
 * Truth against prediction, sparse: an attribute with 5,000 brands has 25 million cells and few that are not zero.
 *
 * `cells` are `[truth, prediction, rows]` with indices into `labels`, sorted by both, none with zero rows.
 */
export type ConfusionMatrix = {
  readonly labels: readonly string[];
  readonly cells: readonly (readonly [truth: number, predicted: number, count: number])[];
};

/** A small matrix to look at: `counts[t][p]` rows with truth `labels[t]` and prediction `labels[p]`. */
export type DenseConfusion = {
  readonly labels: readonly string[];
  readonly counts: readonly (readonly number[])[];
};

/** One wrong cell. */
export type Confusion = { readonly truth: string; readonly predicted: string; readonly count: number };

/** Orders labels by UTF-16 units, as Python and scikit-learn sort strings outside the astral planes. */
export function compareLabels(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/**
 * Counts truth against prediction over the labels that occur in either, sorted by code units.
 *
 * @param truth - one label a row
 * @param predicted - one label a row
 * @throws evaluation/length-mismatch
 */
export function confusionMatrix(truth: readonly string[], predicted: readonly string[]): ConfusionMatrix {
  requireSameLength(
    'confusionMatrix',
    { name: 'truth', length: truth.length },
    { name: 'prediction', length: predicted.length },
  );
  const labels = [...new Set([...truth, ...predicted])].sort(compareLabels);
  const index = new Map(labels.map((label, i) => [label, i]));
  const counts = new Map<number, number>();
  for (let row = 0; row < truth.length; row++) {
    const cell = index.get(truth[row]!)! * labels.length + index.get(predicted[row]!)!;
    counts.set(cell, (counts.get(cell) ?? 0) + 1);
  }
  const cells = [...counts]
    .sort(([a], [b]) => a - b)
    .map(([cell, count]) => [Math.floor(cell / labels.length), cell % labels.length, count] as const);
  return { labels, cells };
}

/** The wrong cells with the most rows, most first; ties in the order of the labels. */
export function topConfusions(matrix: ConfusionMatrix, limit: number): Confusion[] {
  return matrix.cells
    .filter(([truth, predicted]) => truth !== predicted)
    .toSorted((a, b) => b[2] - a[2])
    .slice(0, limit)
    .map(([truth, predicted, count]) => ({
      truth: matrix.labels[truth]!,
      predicted: matrix.labels[predicted]!,
      count,
    }));
}

/**
 * The matrix as rows and columns, cut to `limit` labels: those with the most rows of truth and prediction stay, in
 * their order, and the others are summed under the label `rest`, last. The total of the counts stays.
 *
 * @param limit - at least 2
 */
export function denseConfusion(matrix: ConfusionMatrix, limit: number, rest: string): DenseConfusion {
  const { labels, cells } = matrix;
  const weight = new Array<number>(labels.length).fill(0);
  for (const [truth, predicted, count] of cells) {
    weight[truth]! += count;
    weight[predicted]! += count;
  }
  const fold = labels.length > limit;
  const kept = labels
    .map((_, i) => i)
    .sort((a, b) => weight[b]! - weight[a]! || a - b)
    .slice(0, fold ? limit - 1 : limit)
    .sort((a, b) => a - b);
  const size = kept.length + (fold ? 1 : 0);
  const place = new Map(kept.map((from, to) => [from, to]));
  const counts = Array.from({ length: size }, () => new Array<number>(size).fill(0));
  for (const [truth, predicted, count] of cells) {
    counts[place.get(truth) ?? size - 1]![place.get(predicted) ?? size - 1]! += count;
  }
  const names = kept.map((i) => labels[i]!);
  return { labels: fold ? [...names, rest] : names, counts };
}
