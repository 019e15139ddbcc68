import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fitIsotonic, isotonicValue } from '../../../src/evaluation/calibration/isotonic.ts';
import { fitPlatt } from '../../../src/evaluation/calibration/platt.ts';
import { brierScore } from '../../../src/evaluation/calibration/reliability.ts';
import { fitTemperature } from '../../../src/evaluation/calibration/temperature.ts';
import { binomialCdf, clopperPearsonLower } from '../../../src/evaluation/intervals/binomial.ts';
import { normalQuantile } from '../../../src/evaluation/intervals/normal.ts';
import { wilsonInterval } from '../../../src/evaluation/intervals/wilson.ts';
import { scoreClassification } from '../../../src/evaluation/metrics/classification.ts';
import { denseConfusion } from '../../../src/evaluation/metrics/confusion-matrix.ts';
import { binaryLogLoss, logLoss } from '../../../src/evaluation/metrics/log-loss.ts';
import { scoreMultiLabel } from '../../../src/evaluation/metrics/multi-label.ts';
import type { PrecisionRecallF1 } from '../../../src/evaluation/metrics/precision-recall.ts';
import { averagePrecision, oneVersusRest, rocAuc } from '../../../src/evaluation/metrics/ranking-scores.ts';
import { scoreRegression } from '../../../src/evaluation/metrics/regression.ts';

type Averages = { micro: PrecisionRecallF1; macro: PrecisionRecallF1; weighted: PrecisionRecallF1 };
type Fixture = {
  classification: (Averages & {
    truth: string[];
    predicted: string[];
    labels: string[];
    accuracy: number;
    balancedAccuracy: number;
    classes: (PrecisionRecallF1 & { label: string; support: number })[];
    confusion: number[][];
  })[];
  multiLabel: (Averages & {
    truth: string[][];
    predicted: string[][];
    subsetAccuracy: number;
    jaccard: number;
  })[];
  probabilities: {
    classes: number;
    truth: number[];
    probabilities: number[];
    logLoss: number;
    rocAuc: number;
    averagePrecision: number;
  }[];
  tiedScores: { positive: boolean[]; scores: number[]; rocAuc: number; averagePrecision: number }[];
  regression: {
    truth: number[];
    predicted: number[];
    meanAbsoluteError: number;
    medianAbsoluteError: number;
    rootMeanSquaredError: number;
    r2: number;
  }[];
  calibration: {
    scores: number[];
    outcomes: boolean[];
    confidences: number[];
    platt: { slope: number; intercept: number };
    isotonic: { grid: number[]; values: number[] };
    brier: number;
  }[];
  temperature: { classes: number; logits: number[]; truth: number[]; temperature: number }[];
  binomial: { k: number; n: number; p: number; cdf: number; lower: number; wilson: [number, number] }[];
  normalQuantile: { p: number; z: number }[];
};

const fixture: Fixture = JSON.parse(
  readFileSync(new URL('./fixtures/metrics.json', import.meta.url), 'utf8'),
);

function expectScores(ours: PrecisionRecallF1, theirs: PrecisionRecallF1) {
  expect(ours.precision).toBeCloseTo(theirs.precision, 12);
  expect(ours.recall).toBeCloseTo(theirs.recall, 12);
  expect(ours.f1).toBeCloseTo(theirs.f1, 12);
}

/** Relative closeness; tails of distributions span many orders of magnitude. */
function expectClose(ours: number, theirs: number, relative: number) {
  expect(Math.abs(ours - theirs)).toBeLessThanOrEqual(relative * Math.abs(theirs) + 1e-300);
}

describe('our metrics equal those of scikit-learn', () => {
  it.each(fixture.classification)('classification of $labels', (theirs) => {
    const ours = scoreClassification(theirs.truth, theirs.predicted);
    expect(ours.accuracy).toBeCloseTo(theirs.accuracy, 12);
    expect(ours.balancedAccuracy).toBeCloseTo(theirs.balancedAccuracy, 12);
    expect(ours.classes.map((c) => c.label)).toEqual(theirs.labels);
    for (const [i, scores] of theirs.classes.entries()) {
      expectScores(ours.classes[i]!, scores);
      expect(ours.classes[i]!.support).toBe(scores.support);
    }
    expectScores(ours.micro, theirs.micro);
    expectScores(ours.macro, theirs.macro);
    expectScores(ours.weighted, theirs.weighted);
    expect(denseConfusion(ours.confusion, 100, 'rest').counts).toEqual(theirs.confusion);
  });

  it.each(fixture.multiLabel)('multi-label', (theirs) => {
    const ours = scoreMultiLabel(theirs.truth, theirs.predicted);
    expect(ours.subsetAccuracy).toBeCloseTo(theirs.subsetAccuracy, 12);
    expect(ours.jaccard).toBeCloseTo(theirs.jaccard, 12);
    expectScores(ours.micro, theirs.micro);
    expectScores(ours.macro, theirs.macro);
    expectScores(ours.weighted, theirs.weighted);
  });

  it.each(fixture.probabilities)('log loss, ROC AUC and average precision of $classes classes', (theirs) => {
    const { truth, probabilities, classes } = theirs;
    expect(logLoss(truth, probabilities, classes)).toBeCloseTo(theirs.logLoss, 10);
    const positive = truth.map((t) => t === 1);
    const second = truth.map((_, row) => probabilities[row * classes + 1]!);
    if (classes === 2) {
      expect(rocAuc(positive, second)).toBeCloseTo(theirs.rocAuc, 12);
      expect(averagePrecision(positive, second)).toBeCloseTo(theirs.averagePrecision, 12);
      expect(binaryLogLoss(positive, second)).toBeCloseTo(theirs.logLoss, 10);
    } else {
      expect(oneVersusRest(rocAuc, truth, probabilities, classes)).toBeCloseTo(theirs.rocAuc, 12);
      expect(oneVersusRest(averagePrecision, truth, probabilities, classes)).toBeCloseTo(
        theirs.averagePrecision,
        12,
      );
    }
  });

  it.each(fixture.tiedScores)('ROC AUC and average precision where scores tie', (theirs) => {
    expect(rocAuc(theirs.positive, theirs.scores)).toBeCloseTo(theirs.rocAuc, 12);
    expect(averagePrecision(theirs.positive, theirs.scores)).toBeCloseTo(theirs.averagePrecision, 12);
  });

  it.each(fixture.regression)('regression with R2 $r2', (theirs) => {
    const ours = scoreRegression(theirs.truth, theirs.predicted);
    expect(ours.meanAbsoluteError).toBeCloseTo(theirs.meanAbsoluteError, 10);
    expect(ours.medianAbsoluteError).toBeCloseTo(theirs.medianAbsoluteError, 10);
    expect(ours.rootMeanSquaredError).toBeCloseTo(theirs.rootMeanSquaredError, 10);
    expect(ours.r2).toBeCloseTo(theirs.r2, 8);
  });

  it.each(fixture.calibration)('Platt scaling, isotonic regression and Brier score', (theirs) => {
    const line = fitPlatt(theirs.scores, theirs.outcomes);
    expect(line.slope).toBeCloseTo(theirs.platt.slope, 4);
    expect(line.intercept).toBeCloseTo(theirs.platt.intercept, 4);
    const targets = theirs.outcomes.map((outcome) => (outcome ? 1 : 0));
    const curve = fitIsotonic(theirs.confidences, targets);
    for (const [i, score] of theirs.isotonic.grid.entries()) {
      expect(isotonicValue(curve, score)).toBeCloseTo(theirs.isotonic.values[i]!, 12);
    }
    expect(brierScore(theirs.confidences, theirs.outcomes)).toBeCloseTo(theirs.brier, 12);
  });
});

describe('our distributions equal those of SciPy', () => {
  it.each(fixture.temperature)('the best temperature over $classes classes', (theirs) => {
    const ours = fitTemperature(theirs.logits, theirs.truth, theirs.classes);
    expect(ours).toBeCloseTo(theirs.temperature, 5);
  });

  it('binomial tail, Clopper-Pearson bound and Wilson interval', () => {
    for (const { k, n, p, cdf, lower, wilson } of fixture.binomial) {
      expectClose(binomialCdf(k, n, p), cdf, 1e-9);
      expectClose(clopperPearsonLower(k, n, 0.01), lower, 1e-9);
      const ours = wilsonInterval(k, n)!;
      expect(ours.low).toBeCloseTo(wilson[0], 12);
      expect(ours.high).toBeCloseTo(wilson[1], 12);
    }
  });

  it('normal quantile', () => {
    for (const { p, z } of fixture.normalQuantile) expect(normalQuantile(p)).toBeCloseTo(z, 9);
  });
});
