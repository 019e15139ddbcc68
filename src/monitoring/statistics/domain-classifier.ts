/** Can a classifier tell which of two samples a vector is from? If it can, they differ. */
import { Random } from '../../base/random.ts';
import { normalTail } from '../../evaluation/intervals/tails.ts';
import { rocAuc } from '../../evaluation/metrics/ranking-scores.ts';
import { type DenseRows, fitLogistic, logitsOf } from './logistic.ts';

export type DomainTest = {
  /** Area under the ROC curve on rows that the classifier was not trained on; one half where the samples are alike. */
  readonly auc: number;
  /** One-sided: the chance of so large an area where the samples are alike (Mann and Whitney 1947). */
  readonly pValue: number;
  /** Rows of the second sample that were held out, the strangest first. */
  readonly strangest: readonly number[];
};

/** Fewer rows than this in a sample are not tested. */
const LEAST_ROWS = 10;

/**
 * A classifier two-sample test (Lopez-Paz and Oquab 2017, https://arxiv.org/abs/1610.06545), as Evidently's domain
 * classifier: logistic regression is trained on one half of the rows and scored on the other. Because the half that is
 * scored was never seen, the p value holds whatever the classifier learned.
 *
 * @param first - vectors of about unit length; @param second - of the same width
 * @param seed - deals the rows to the halves
 * @returns undefined where a sample has fewer than 10 rows
 */
export function domainTest(first: DenseRows, second: DenseRows, seed: number): DomainTest | undefined {
  if (first.rows < LEAST_ROWS || second.rows < LEAST_ROWS) return undefined;
  const random = new Random(seed, 0xd0);
  const [a, x] = halves(first.rows, random);
  const [b, y] = halves(second.rows, random);
  const model = fitLogistic(joined(first, a, second, b), isSecond(a, b));
  const scores = logitsOf(joined(first, x, second, y), model);
  const auc = rocAuc(isSecond(x, y), scores)!;
  const strangest = y
    .map((row, i) => ({ row, score: scores[x.length + i]! }))
    .sort((one, other) => other.score - one.score)
    .map(({ row }) => row);
  return { auc, pValue: rankTail(auc, x.length, y.length), strangest };
}

const isSecond = (first: readonly number[], second: readonly number[]) => [
  ...first.map(() => false),
  ...second.map(() => true),
];

/** P(area ≥ `auc`) where both samples of n and m scores are alike, by the normal limit; ties make it too large. */
export function rankTail(auc: number, n: number, m: number): number {
  return normalTail((auc - 0.5) / Math.sqrt((n + m + 1) / (12 * n * m)));
}

function halves(count: number, random: Random): readonly [readonly number[], readonly number[]] {
  const rows = random.shuffled(Array.from({ length: count }, (_, i) => i));
  return [rows.slice(0, count >> 1), rows.slice(count >> 1)];
}

function joined(first: DenseRows, a: readonly number[], second: DenseRows, b: readonly number[]): DenseRows {
  const { width } = first;
  const data = new Float32Array((a.length + b.length) * width);
  for (const [i, row] of a.entries())
    data.set(first.data.subarray(row * width, (row + 1) * width), i * width);
  for (const [i, row] of b.entries())
    data.set(second.data.subarray(row * width, (row + 1) * width), (a.length + i) * width);
  return { data, rows: a.length + b.length, width };
}
