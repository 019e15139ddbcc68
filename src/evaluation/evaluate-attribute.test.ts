import { describe, expect, it } from 'vitest';
import type { AttributeAnswers } from './answers.ts';
import { evaluateAttribute, NO_VALUE, overallScores } from './evaluate-attribute.ts';

const sure = (count: number) => Array<number>(count).fill(1);
const evaluate = (answers: AttributeAnswers, threshold?: number) =>
  evaluateAttribute(answers, { seed: 1, threshold });

describe('an attribute', () => {
  it('of one choice has precision, recall and micro F1 equal to its accuracy', () => {
    const { result, confusion } = evaluate({
      attribute: 'colour',
      kind: 'choice',
      truth: [['red'], ['red'], ['blue'], ['green']],
      predicted: [['red'], ['blue'], ['blue'], ['green']],
      confidences: sure(4),
    });
    expect(result).toMatchObject({ count: 4, accuracy: 0.75, precision: 0.75, recall: 0.75, microF1: 0.75 });
    expect(result.macroF1).toBeCloseTo((2 / 3 + 2 / 3 + 1) / 3, 12);
    expect(result.microF1Interval!.low).toBeLessThan(0.75);
    expect(confusion!.labels).toEqual(['blue', 'green', 'red']);
  });

  it('has an interval with a width where all answers are right, or none is', () => {
    const of = (predicted: string, groups?: readonly string[]) =>
      evaluate({
        attribute: 'colour',
        kind: 'choice',
        truth: Array.from({ length: 12 }, () => ['red']),
        predicted: Array.from({ length: 12 }, () => [predicted]),
        confidences: sure(12),
        ...(groups ? { groups } : {}),
      }).result.microF1Interval!;
    // Wilson's: n / (n + z²) to 1, and 0 to z² / (n + z²).
    expect(of('red')).toMatchObject({ low: expect.closeTo(0.7575, 4), high: 1, method: 'wilson' });
    expect(of('blue')).toMatchObject({ low: 0, high: expect.closeTo(0.2425, 4) });
    const variants = Array.from({ length: 12 }, (_, row) => `product ${row % 4}`);
    expect(of('red', variants).low).toBeCloseTo(4 / (4 + 1.96 ** 2), 3);
  });

  it('of one choice counts "none" as an answer but not as a value', () => {
    const { result, classes, correct } = evaluate({
      attribute: 'heel',
      kind: 'choice',
      truth: [[], [], ['high'], ['high']],
      predicted: [[], ['high'], ['high'], []],
      confidences: sure(4),
    });
    expect(correct).toEqual([true, false, true, false]);
    expect(result).toMatchObject({ accuracy: 0.5, precision: 0.5, recall: 0.5 });
    expect(classes.map((c) => c.label)).toEqual([NO_VALUE, 'high']);
  });

  it('takes any of several right values of a choice', () => {
    const { result, confusion } = evaluate({
      attribute: 'occasion',
      kind: 'choice',
      truth: [['formal', 'party']],
      predicted: [['party']],
      confidences: sure(1),
    });
    expect(result.accuracy).toBe(1);
    expect(confusion!.cells).toEqual([[0, 0, 1]]);
  });

  it('of several labels is right as a whole set, and scored by label', () => {
    const { result } = evaluate({
      attribute: 'material',
      kind: 'multi',
      truth: [['cotton', 'wool'], ['silk'], []],
      predicted: [['wool', 'cotton'], ['silk', 'wool'], []],
      confidences: sure(3),
    });
    expect(result.accuracy).toBeCloseTo(2 / 3, 12);
    expect(result.precision).toBeCloseTo(3 / 4, 12);
    expect(result.recall).toBe(1);
    expect(result.macroF1).toBeCloseTo((1 + 1 + 2 / 3) / 3, 12);
  });

  it('extracted follows the extraction rule, its macro F1 over categories', () => {
    const { result, classes } = evaluate({
      attribute: 'brand',
      kind: 'extract',
      truth: [['Acme'], ['Folgers'], [], ['Lipton']],
      predicted: [[' Acme'], [], ['The'], ['Lipton']],
      confidences: sure(4),
      categories: ['Coffee', 'Coffee', 'Tea', 'Tea'],
    });
    expect(result.precision).toBeCloseTo(2 / 3, 12);
    expect(result.recall).toBeCloseTo(2 / 3, 12);
    expect(result.accuracy).toBe(0.5);
    expect(classes.map((c) => c.label)).toEqual(['Coffee', 'Tea']);
    expect(result.macroF1).toBeCloseTo(2 / 3, 12);
  });

  it('that is a number has errors in its unit, over rows with both numbers', () => {
    const { result } = evaluate({
      attribute: 'weight',
      kind: 'number',
      unit: 'g',
      tolerance: 0.05,
      truth: [100, 200, undefined, 400],
      predicted: [104, 230, undefined, undefined],
      confidences: sure(4),
    });
    expect(result).toMatchObject({
      meanAbsoluteError: 17,
      medianAbsoluteError: 17,
      unit: 'g',
      accuracy: 0.5,
    });
    expect(result.precision).toBe(0.5);
    expect(result.recall).toBeCloseTo(1 / 3, 12);
  });

  it('reports coverage and precision of what the threshold accepts', () => {
    const answers: AttributeAnswers = {
      attribute: 'colour',
      kind: 'choice',
      truth: [['red'], ['red'], ['red'], ['red']],
      predicted: [['red'], ['red'], ['blue'], ['blue']],
      confidences: [0.9, 0.8, 0.7, 0.1],
    };
    expect(evaluate(answers, 0.7).result).toMatchObject({ coverage: 0.75, threshold: 0.7 });
    expect(evaluate(answers, 0.7).result.acceptedPrecision).toBeCloseTo(2 / 3, 12);
    expect(evaluate(answers).result).toMatchObject({ coverage: 0, acceptedPrecision: undefined });
  });

  it('has wider intervals when its rows come in groups', () => {
    const truth = Array.from({ length: 100 }, () => ['a']);
    const predicted = truth.map((_, row) => (row % 10 < 7 ? ['a'] : ['b']));
    const answers: AttributeAnswers = {
      attribute: 'x',
      kind: 'choice',
      truth,
      predicted,
      confidences: sure(100),
    };
    const apart = evaluate(answers).result;
    const together = evaluate({ ...answers, groups: truth.map((_, row) => `parent ${row % 10}`) }).result;
    for (const key of ['accuracyInterval', 'microF1Interval'] as const) {
      const width = (r: typeof apart) => r[key]!.high - r[key]!.low;
      expect(width(together)).toBeGreaterThan(2 * width(apart));
    }
  });

  it('without rows has no figures', () => {
    const { result } = evaluate({
      attribute: 'x',
      kind: 'choice',
      truth: [],
      predicted: [],
      confidences: [],
    });
    const { attribute, kind, count, ...figures } = result;
    expect({ attribute, kind, count }).toEqual({ attribute: 'x', kind: 'choice', count: 0 });
    expect(Object.values(figures).every((figure) => figure === undefined)).toBe(true);
  });

  it('refuses columns of different lengths, naming the attribute', () => {
    const answers: AttributeAnswers = {
      attribute: 'size',
      kind: 'choice',
      truth: [['a']],
      predicted: [],
      confidences: [],
    };
    expect(() => evaluate(answers)).toThrow(/evaluateAttribute \(size\)/);
  });
});

describe('all attributes together', () => {
  it('sum their counts for the micro figures and average their own for the rest', () => {
    const one = (attribute: string, right: number, wrong: number) =>
      evaluate({
        attribute,
        kind: 'choice',
        truth: Array.from({ length: right + wrong }, () => ['a']),
        predicted: Array.from({ length: right + wrong }, (_, row) => [row < right ? 'a' : 'b']),
        confidences: sure(right + wrong),
      });
    const overall = overallScores([one('x', 9, 1), one('y', 1, 1), one('z', 0, 0)]);
    expect(overall.attributes).toBe(2);
    expect(overall.f1).toBeCloseTo(10 / 12, 12);
    expect(overall.meanF1).toBeCloseTo((0.9 + 0.5) / 2, 12);
    expect(overallScores([]).meanAccuracy).toBeUndefined();
  });
});
