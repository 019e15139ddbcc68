/** The drift tests against SciPy, statsmodels, scikit-learn and Evidently; see generate.py. */
import { describe, expect, it } from 'vitest';
import { chiSquaredTail, normalTail } from '../../../src/evaluation/intervals/tails.ts';
import { rocAuc } from '../../../src/evaluation/metrics/ranking-scores.ts';
import { DEFAULT_THRESHOLDS } from '../../../src/monitoring/drift/compare.ts';
import { compareField } from '../../../src/monitoring/drift/compare-fields.ts';
import { type CountPair, chiSquared, jensenShannon } from '../../../src/monitoring/statistics/counts.ts';
import { rankTail } from '../../../src/monitoring/statistics/domain-classifier.ts';
import { kolmogorovSmirnov } from '../../../src/monitoring/statistics/kolmogorov-smirnov.ts';
import { fitLogistic, logitsOf } from '../../../src/monitoring/statistics/logistic.ts';
import { correctedPValues } from '../../../src/monitoring/statistics/many-tests.ts';
import { normedWasserstein, wassersteinDistance } from '../../../src/monitoring/statistics/wasserstein.ts';
import { Summariser } from '../../../src/monitoring/summary/summarise.ts';
import { readJson } from '../fixture.ts';

type Figures = {
  readonly numbers: readonly {
    readonly reference: number[];
    readonly current: number[];
    readonly ks: number;
    readonly p: number;
    readonly exact: boolean;
    readonly wasserstein: number;
    readonly evidentlyWasserstein: number;
  }[];
  readonly counts: readonly {
    readonly pairs: CountPair[];
    readonly chi2: number;
    readonly p: number;
    readonly js: number;
    readonly evidentlyJs: number;
  }[];
  readonly defaults: readonly {
    readonly rows: number;
    readonly values: number | null;
    readonly kind: 'num' | 'cat';
    readonly test: string;
  }[];
  readonly many: { readonly p: number[]; readonly holm: number[]; readonly bh: number[] };
  readonly logistic: {
    readonly first: number[];
    readonly second: number[];
    readonly width: number;
    readonly weights: number[];
    readonly bias: number;
    readonly auc: number;
    readonly rankP: number;
  };
  readonly tails: { readonly chi2: [number, number, number][]; readonly normal: [number, number][] };
};

const figures = readJson<Figures>(new URL('./fixtures/drift.json', import.meta.url));

/** Equal to nine digits, also where both are tiny. */
const near = (actual: number, expected: number, digits = 9) =>
  expect(Math.abs(actual - expected)).toBeLessThanOrEqual(10 ** -digits * Math.abs(expected) + 1e-15);

describe('drift tests', () => {
  it.each(figures.numbers)('compare numbers as SciPy and Evidently do ($reference.length rows)', (figure) => {
    const { statistic, pValue } = kolmogorovSmirnov(figure.reference, figure.current);
    near(statistic, figure.ks);
    if (figure.exact) near(pValue, figure.p, 7);
    else expect(Math.abs(pValue - figure.p)).toBeLessThan(0.005);
    near(wassersteinDistance(figure.reference, figure.current), figure.wasserstein);
    near(normedWasserstein(figure.reference, figure.current), figure.evidentlyWasserstein);
  });

  it.each(figures.counts)('compare counts as SciPy and Evidently do ($pairs)', (figure) => {
    const { statistic, pValue } = chiSquared(figure.pairs)!;
    near(statistic, figure.chi2);
    near(pValue, figure.p);
    near(jensenShannon(figure.pairs)!, figure.js);
    near(jensenShannon(figure.pairs)!, figure.evidentlyJs);
  });

  it.each(figures.defaults)('choose as Evidently by rows and values ($rows, $values, $kind)', (figure) => {
    const kind = figure.kind === 'num' ? 'number' : 'value';
    const summary = () => {
      const summariser = new Summariser({ fields: [{ name: 'f', kind, modality: 'table' }], seed: 1 });
      for (let i = 0; i < figure.rows; i++)
        summariser.add({
          id: String(i),
          fields: { f: figure.values === null ? i * 0.37 : i % figure.values },
        });
      return summariser.summary().fields.f!;
    };
    const content = compareField(summary(), summary(), DEFAULT_THRESHOLDS, 0).find(
      ({ aspect }) => aspect === 'content',
    );
    // Two values by Evidently's z-test are by ours the same test, called chi-squared.
    const ours: Record<string, string> = {
      ks: 'kolmogorov-smirnov',
      wasserstein: 'wasserstein',
      chisquare: 'chi-squared',
      z: 'chi-squared',
      jensenshannon: 'jensen-shannon',
    };
    expect(content?.test).toBe(ours[figure.test]);
  });

  it('correct for many tests as statsmodels does', () => {
    correctedPValues(figures.many.p, 'holm').forEach((p, i) => {
      near(p, figures.many.holm[i]!);
    });
    correctedPValues(figures.many.p, 'benjamini-hochberg').forEach((p, i) => {
      near(p, figures.many.bh[i]!);
    });
    expect(correctedPValues(figures.many.p, 'none')).toEqual(figures.many.p);
  });

  it('fit the domain classifier as scikit-learn does', () => {
    const { first, second, width, weights, bias, auc, rankP } = figures.logistic;
    const data = Float32Array.from([...first, ...second]);
    const rows = data.length / width;
    const isSecond = Array.from({ length: rows }, (_, row) => row >= first.length / width);
    const x = { data, rows, width };
    const model = fitLogistic(x, isSecond);
    for (const [i, weight] of weights.entries()) expect(model.weights[i]).toBeCloseTo(weight, 5);
    expect(model.bias).toBeCloseTo(bias, 5);
    const area = rocAuc(isSecond, logitsOf(x, model))!;
    expect(area).toBeCloseTo(auc, 4);
    expect(rankTail(auc, first.length / width, second.length / width)).toBeCloseTo(rankP, 9);
  });

  it('know the tails of the chi-squared and the normal distribution', () => {
    for (const [x, freedom, tail] of figures.tails.chi2) near(chiSquaredTail(x, freedom), tail, 10);
    for (const [z, tail] of figures.tails.normal) near(normalTail(z), tail, 10);
  });
});
