import { describe, expect, it } from 'vitest';
import { evaluateAttribute } from '../evaluate-attribute.ts';
import { checkGates } from './check-gates.ts';
import { gatesSchema } from './gate-schema.ts';

const colour = evaluateAttribute(
  {
    attribute: 'colour',
    kind: 'choice',
    truth: [['red'], ['red'], ['blue'], ['blue'], ['blue']],
    predicted: [['red'], ['blue'], ['blue'], ['blue'], ['red']],
    confidences: [0.99, 0.5, 0.98, 0.97, 0.4],
  },
  { seed: 1, threshold: 0.9 },
).result;
const weight = evaluateAttribute(
  {
    attribute: 'weight',
    kind: 'number',
    unit: 'g',
    tolerance: 0.05,
    truth: [100, 200, 300],
    predicted: [101, 200, 320],
    confidences: [1, 1, 1],
  },
  { seed: 1 },
).result;

describe('gates', () => {
  it('compare each demand with its number', () => {
    const outcomes = checkGates([colour, weight], {
      colour: { accuracy: 0.6, f1: 0.7 },
      weight: { meanAbsoluteError: 7, r2: 0.99 },
    });
    expect(outcomes.map((o) => [o.attribute, o.measure, o.passed])).toEqual([
      ['colour', 'accuracy', true],
      ['colour', 'f1', false],
      ['weight', 'r2', false],
      ['weight', 'meanAbsoluteError', true],
    ]);
    expect(outcomes[1]!.explanation).toBe('colour: micro F1 0.6000 is below the required 0.7.');
    expect(outcomes[3]!.actual).toBe(7);
  });

  it('judge precision on the accepted answers when a coverage is demanded', () => {
    const all = checkGates([colour], { colour: { precision: 0.98 } });
    expect(all[0]).toMatchObject({ actual: 0.6, passed: false });
    const accepted = checkGates([colour], { colour: { precision: 0.98, minCoverage: 0.6 } });
    expect(accepted).toMatchObject([
      { measure: 'precision', actual: 1, passed: true },
      { measure: 'minCoverage', actual: 0.6, passed: true },
    ]);
  });

  it('fail what cannot be measured and name the likely attribute', () => {
    const [typo] = checkGates([colour], { color: { f1: 0.1 } });
    expect(typo).toMatchObject({ passed: false, actual: undefined });
    expect(typo!.explanation).toContain('did you mean colour?');
    const empty = evaluateAttribute(
      { attribute: 'size', kind: 'choice', truth: [], predicted: [], confidences: [] },
      { seed: 1 },
    ).result;
    expect(checkGates([empty], { size: { recall: 0 } })[0]).toMatchObject({ passed: false });
    // Nothing was accepted, so nothing is known of the precision of what would be.
    const review = { ...colour, threshold: undefined, coverage: 0, acceptedPrecision: undefined };
    expect(checkGates([review], { colour: { precision: 0.5, minCoverage: 0 } }).map((o) => o.passed)).toEqual(
      [false, true],
    );
  });

  it('are read strictly', () => {
    expect(gatesSchema.safeParse({ colour: { precision: 0.98, minCoverage: 0.6 } }).success).toBe(true);
    expect(gatesSchema.safeParse({ colour: { presicion: 0.98 } }).success).toBe(false);
    expect(gatesSchema.safeParse({ colour: { precision: 98 } }).success).toBe(false);
  });
});
