import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from '../../base/random.ts';
import { brierScore, expectedCalibrationError, reliabilityBins } from '../calibration/reliability.ts';
import { scoreClassification } from './classification.ts';
import { denseConfusion, topConfusions } from './confusion-matrix.ts';
import { scoreExtraction } from './extraction.ts';
import { binaryLogLoss, logLoss } from './log-loss.ts';
import { scoreMultiLabel } from './multi-label.ts';
import { averagePrecision, oneVersusRest, rocAuc } from './ranking-scores.ts';
import { scoreRegression } from './regression.ts';

const label = fc.constantFrom('red', 'blue', 'green', 'navy', '黒');

/** Every number in a nested result is finite: nothing prints NaN. */
function expectNoNaN(value: unknown) {
  if (typeof value === 'number') expect(Number.isFinite(value)).toBe(true);
  else if (typeof value === 'object' && value !== null) Object.values(value).forEach(expectNoNaN);
}

/** Two results with the same numbers up to rounding and the same everything else. */
function expectSame(a: unknown, b: unknown) {
  if (typeof a === 'number' && typeof b === 'number') expect(a).toBeCloseTo(b, 9);
  else if (typeof a === 'object' && a !== null && typeof b === 'object' && b !== null) {
    expect(Object.keys(a)).toEqual(Object.keys(b));
    for (const [key, value] of Object.entries(a)) expectSame(value, (b as Record<string, unknown>)[key]);
  } else expect(a).toBe(b);
}

type Row = {
  truth: string;
  predicted: string;
  truths: string[];
  given: string[];
  p: number;
  x: number;
  y: number;
};
const row: fc.Arbitrary<Row> = fc.record({
  truth: label,
  predicted: label,
  truths: fc.uniqueArray(label, { maxLength: 3 }),
  given: fc.uniqueArray(label, { maxLength: 3 }),
  p: fc.integer({ min: 0, max: 20 }).map((n) => n / 20),
  x: fc.integer({ min: -100, max: 100 }).map((n) => n / 4),
  y: fc.integer({ min: -100, max: 100 }).map((n) => n / 4),
});

/** All metrics of one table of rows. */
function everything(rows: readonly Row[]) {
  const right = rows.map((r) => r.truth === r.predicted);
  const confidences = rows.map((r) => r.p);
  const classes = rows.map((r) => (r.truth === 'red' ? 1 : 0));
  const pairs = rows.flatMap((r) => [1 - r.p, r.p]);
  return {
    classification: scoreClassification(
      rows.map((r) => r.truth),
      rows.map((r) => r.predicted),
    ),
    multiLabel: scoreMultiLabel(
      rows.map((r) => r.truths),
      rows.map((r) => r.given),
    ),
    regression: scoreRegression(
      rows.map((r) => r.x),
      rows.map((r) => r.y),
    ),
    extraction: scoreExtraction(
      rows.map((r) => ({
        category: r.truth,
        attribute: 'colour',
        targets: r.truths,
        predicted: r.given[0],
      })),
    ),
    rocAuc: rocAuc(right, confidences),
    averagePrecision: averagePrecision(right, confidences),
    macroAuc: oneVersusRest(rocAuc, classes, pairs, 2),
    logLoss: logLoss(classes, pairs, 2),
    binaryLogLoss: binaryLogLoss(right, confidences),
    brier: brierScore(confidences, right),
    ece: expectedCalibrationError(confidences, right),
    eceByMass: expectedCalibrationError(confidences, right, { bins: 5, by: 'mass' }),
    bins: reliabilityBins(confidences, right, { bins: 5, by: 'mass' }),
  };
}

describe('every metric', () => {
  it('does not depend on the order of the rows and never is NaN', () => {
    fc.assert(
      fc.property(fc.array(row, { maxLength: 40 }), fc.integer(), (rows, seed) => {
        const once = everything(rows);
        expectSame(once, everything(new Random(seed).shuffled(rows)));
        expectNoNaN(once);
      }),
      { numRuns: 60 },
    );
  });

  it('is undefined, or 0 for precision, recall and F1, without rows', () => {
    const none = everything([]);
    const zero = { precision: 0, recall: 0, f1: 0 };
    expect(none).toMatchObject({
      classification: {
        count: 0,
        accuracy: undefined,
        balancedAccuracy: undefined,
        macro: zero,
        micro: zero,
      },
      multiLabel: { count: 0, subsetAccuracy: undefined, macro: zero, micro: zero },
      regression: { count: 0, meanAbsoluteError: undefined, rootMeanSquaredError: undefined, r2: undefined },
      extraction: { count: 0, micro: zero, macro: zero, pairs: [] },
      rocAuc: undefined,
      averagePrecision: undefined,
      macroAuc: undefined,
      logLoss: undefined,
      binaryLogLoss: undefined,
      brier: undefined,
      ece: undefined,
      bins: [],
    });
  });

  it('refuses columns of different lengths and names both', () => {
    expect(() => scoreClassification(['a'], [])).toThrow(/one prediction for each truth. Got 1 and 0/);
    expect(() => scoreMultiLabel([['a']], [])).toThrow(/Got 1 and 0/);
    expect(() => scoreRegression([1], [])).toThrow(/Got 1 and 0/);
    expect(() => rocAuc([true], [])).toThrow(/Got 1 and 0/);
    expect(() => logLoss([0], [0.5], 2)).toThrow(/Got 2 and 1/);
  });

  it('refuses a score that is not a number', () => {
    expect(() => rocAuc([true, false], [0.5, Number.NaN])).toThrow(/Got NaN in row 1/);
    expect(() => scoreRegression([1], [Number.POSITIVE_INFINITY])).toThrow(/Got Infinity in row 0/);
    expect(() => logLoss([2], [0.5, 0.5], 2)).toThrow(/must be in \[0, 1\]. Got 2/);
  });
});

describe('ROC AUC', () => {
  it('is one half when scores say nothing and undefined with one class', () => {
    expect(rocAuc([true, false, true], [1, 1, 1])).toBe(0.5);
    expect(rocAuc([true, true], [1, 0])).toBeUndefined();
  });

  it('leaves a class without positives out of the mean', () => {
    // Class 2 never occurs; classes 0 and 1 are told apart perfectly.
    expect(oneVersusRest(rocAuc, [0, 1], [0.9, 0.1, 0, 0.2, 0.8, 0], 3)).toBe(1);
  });
});

describe('the confusion matrix', () => {
  const truth = [...'aaabbbccde'];
  const predicted = [...'aabbbaccce'];
  const { confusion } = scoreClassification(truth, predicted);

  it('names the most frequent confusions first', () => {
    expect(topConfusions(confusion, 2)).toEqual([
      { truth: 'a', predicted: 'b', count: 1 },
      { truth: 'b', predicted: 'a', count: 1 },
    ]);
    expect(topConfusions(confusion, 9)).toHaveLength(3);
  });

  it('folds the rare labels into one and keeps the total', () => {
    const dense = denseConfusion(confusion, 3, 'others');
    expect(dense).toEqual({
      labels: ['a', 'b', 'others'],
      counts: [
        [2, 1, 0],
        [1, 2, 0],
        [0, 0, 4],
      ],
    });
    expect(denseConfusion(confusion, 5, 'others').labels).toEqual(['a', 'b', 'c', 'd', 'e']);
  });
});

describe('multi-label sets', () => {
  it('ignore order and repetition, and an empty set is an answer', () => {
    const scores = scoreMultiLabel([['a', 'b'], []], [['b', 'a', 'a'], []]);
    expect(scores).toMatchObject({
      subsetAccuracy: 1,
      jaccard: 1,
      micro: { precision: 1, recall: 1, f1: 1 },
    });
  });
});
