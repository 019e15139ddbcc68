/** Label-free accuracy, agreement and suspects against NannyML's formulas, scikit-learn, statsmodels, krippendorff and cleanlab; see generate.py. */
import { describe, expect, it } from 'vitest';
import { estimateAccuracy, estimateScores } from '../../../src/monitoring/accuracy/estimated.ts';
import { cohenKappa, fleissKappa, krippendorffAlpha } from '../../../src/monitoring/people/agreement.ts';
import { suspectLabels } from '../../../src/monitoring/people/suspects.ts';
import { readJson } from '../fixture.ts';

type Figures = {
  readonly values: readonly string[];
  readonly cbpe: {
    readonly probabilities: number[][];
    readonly accuracy: number;
    readonly precision: number;
    readonly recall: number;
    readonly f1: number;
  };
  readonly ratings: number[][];
  readonly cohen: number;
  readonly fleiss: number;
  readonly sparse: (number | null)[][];
  readonly alpha: number;
  readonly suspects: {
    readonly labels: number[];
    readonly probabilities: number[][];
    readonly issues: number[];
  };
};

const figures = readJson<Figures>(new URL('./fixtures/reviews.json', import.meta.url));
const { values } = figures;
const named = (row: readonly number[]) => new Map(row.map((p, i) => [values[i]!, p]));
const best = (row: readonly number[]) => values[row.indexOf(Math.max(...row))]!;

describe('figures of other libraries', () => {
  it('estimate accuracy, precision, recall and F1 without labels by the formulas of NannyML', () => {
    const rows = figures.cbpe.probabilities.map((row) => ({
      predicted: best(row),
      probabilities: named(row),
    }));
    const scores = estimateScores(rows)!;
    expect(scores.accuracy).toBeCloseTo(figures.cbpe.accuracy, 4);
    expect(scores.macroPrecision).toBeCloseTo(figures.cbpe.precision, 4);
    expect(scores.macroRecall).toBeCloseTo(figures.cbpe.recall, 4);
    expect(scores.macroF1).toBeCloseTo(figures.cbpe.f1, 4);
    const { accuracy, interval } = estimateAccuracy(
      figures.cbpe.probabilities.map((row) => Math.max(...row)),
    )!;
    expect(accuracy).toBeCloseTo(scores.accuracy, 10);
    expect(interval.low).toBeLessThan(accuracy);
  });

  it("measure agreement as scikit-learn's, statsmodels' and krippendorff's", () => {
    const [first, second] = figures.ratings.map((row) => row.map(String));
    expect(cohenKappa(first!, second!)).toBeCloseTo(figures.cohen, 10);
    const items = figures.ratings[0]!.map((_, i) => figures.ratings.map((row) => String(row[i])));
    expect(fleissKappa(items)).toBeCloseTo(figures.fleiss, 10);
    const sparse = figures.sparse[0]!.map((_, i) =>
      figures.sparse.flatMap((row) => (row[i] === null ? [] : [String(row[i])])),
    );
    expect(krippendorffAlpha(sparse)).toBeCloseTo(figures.alpha, 10);
  });

  it('find the labels that cleanlab finds', () => {
    const { labels, probabilities, issues } = figures.suspects;
    const judged = labels.map((label, i) => ({
      id: String(i),
      label: values[label]!,
      probabilities: named(probabilities[i]!),
    }));
    const found = suspectLabels(judged);
    expect(found.map(({ id }) => Number(id)).sort((a, b) => a - b)).toEqual(issues);
    const confidences = found.map(({ confidence }) => confidence);
    expect(confidences).toEqual([...confidences].sort((a, b) => a - b));
  });
});
