import { describe, expect, it } from 'vitest';
import { Random } from '../../base/random.ts';
import { type AutoAcceptRequest, autoAcceptThresholds, fewestExamples } from './auto-accept.ts';
import { coverageCurve } from './coverage-curve.ts';
import { thresholdGrid } from './threshold-grid.ts';

/** A world in which the true precision above every threshold is known: confidence u is uniform, right with `p(u)`. */
type World = { readonly attribute: string; readonly p: (u: number) => number };

function draw(world: World, count: number, random: Random, target: number): AutoAcceptRequest {
  const confidences = Array.from({ length: count }, () => random.uniform());
  return {
    attribute: world.attribute,
    confidences,
    correct: confidences.map((u) => random.uniform() < world.p(u)),
    otherConfidences: Array.from({ length: 200 }, () => random.uniform()),
    precisionTarget: target,
  };
}

/** E[p(u) | u ≥ threshold], by the midpoint rule. */
function truePrecision(world: World, threshold: number): number {
  const steps = 400;
  let sum = 0;
  for (let i = 0; i < steps; i++) sum += world.p(threshold + ((1 - threshold) * (i + 0.5)) / steps);
  return sum / steps;
}

const HOPELESS: World = { attribute: 'just below the target everywhere', p: () => 0.8999 };
const RISING: World = { attribute: 'rises through the target', p: (u) => 0.55 + 0.44 * Math.sqrt(u) };
const FALLING: World = { attribute: 'overconfident at the top', p: (u) => (u > 0.8 ? 0.8 : 0.97) };
const GOOD: World = { attribute: 'good', p: (u) => 0.9 + 0.1 * u };

function simulate(worlds: readonly World[], runs: number, count: number, target: number, delta: number) {
  let violated = 0;
  const coverage = worlds.map(() => 0);
  for (let run = 0; run < runs; run++) {
    const random = new Random(run, 1234);
    const requests = worlds.map((world) => draw(world, count, random, target));
    const { attributes } = autoAcceptThresholds(requests, { delta, seed: run });
    let bad = false;
    for (const [i, { threshold, coverage: covered }] of attributes.entries()) {
      coverage[i]! += covered / runs;
      if (threshold !== undefined && truePrecision(worlds[i]!, threshold) < target) bad = true;
    }
    if (bad) violated++;
  }
  return { violations: violated / runs, coverage };
}

describe('auto-accept thresholds', () => {
  it('keep the promise over many attributes, and accept where the model is good', () => {
    const delta = 0.1;
    const worlds = [HOPELESS, HOPELESS, RISING, FALLING, GOOD];
    const { violations, coverage } = simulate(worlds, 250, 500, 0.9, delta);
    // Three standard errors above delta at most.
    expect(violations).toBeLessThan(delta + 3 * Math.sqrt((delta * (1 - delta)) / 250));
    expect(coverage[2]).toBeGreaterThan(0.1);
    expect(coverage[4]).toBeGreaterThan(0.7);
  });

  it('spend the promise and not much less where every acceptance would be a mistake', () => {
    const delta = 0.2;
    const { violations } = simulate([HOPELESS], 600, 400, 0.9, delta);
    expect(violations).toBeLessThan(delta + 3 * Math.sqrt((delta * (1 - delta)) / 600));
    expect(violations).toBeGreaterThan(0.05);
  });

  it('approach the best possible coverage as examples grow', () => {
    const best = [...Array(1001).keys()].map((i) => i / 1000).find((t) => truePrecision(RISING, t) >= 0.9)!;
    const { coverage } = simulate([RISING], 6, 20_000, 0.9, 0.05);
    expect(coverage[0]).toBeGreaterThan(0.85 * (1 - best));
  });

  it('say how many examples are needed where there are too few', () => {
    const few: AutoAcceptRequest = {
      attribute: 'size',
      confidences: Array(50).fill(0.99),
      correct: Array(50).fill(true),
      otherConfidences: [],
      precisionTarget: 0.95,
    };
    const report = autoAcceptThresholds([few], { seed: 1 });
    expect(report.testedAttributes).toBe(0);
    expect(report.attributes[0]).toMatchObject({ threshold: undefined, coverage: 0, neededExamples: 59 });
    expect(report.attributes[0]!.explanation).toContain('50 examples are too few to promise 95 %');
    // With exactly that many the promise can be made.
    const enough = {
      ...few,
      confidences: Array(59).fill(0.99),
      correct: Array(59).fill(true),
      otherConfidences: [0.99],
    };
    const passed = autoAcceptThresholds([enough], { seed: 1 }).attributes[0]!;
    expect(passed).toMatchObject({ threshold: 0.99, coverage: 1, accepted: 59, right: 59 });
    expect(passed.precisionLowerBound).toBeGreaterThanOrEqual(0.95);
  });

  it('count only attributes that can pass, so that ten tiny ones cost the others nothing', () => {
    const random = new Random(2);
    const good = draw(RISING, 2500, random, 0.9);
    const tiny = Array.from({ length: 10 }, (_, i) =>
      draw({ ...GOOD, attribute: `tiny ${i}` }, 10, random, 0.9),
    );
    const alone = autoAcceptThresholds([good], { seed: 1 });
    const together = autoAcceptThresholds([good, ...tiny], { seed: 1 });
    expect(together.testedAttributes).toBe(1);
    expect(together.attributes[0]).toEqual(alone.attributes[0]);
    const equals = autoAcceptThresholds(
      Array.from({ length: 20 }, (_, i) => ({ ...good, attribute: `copy ${i}` })),
      { seed: 1 },
    );
    expect(equals.testedAttributes).toBe(20);
    expect(equals.attributes[0]!.coverage).toBeLessThan(alone.attributes[0]!.coverage);
    expect(equals.method).toContain('0.05/20');
  });

  it('ask more of a higher target and a smaller delta', () => {
    const request = draw(GOOD, 2000, new Random(8), 0.9);
    const coverage = (target: number, delta: number) =>
      autoAcceptThresholds([{ ...request, precisionTarget: target }], { seed: 1, delta }).attributes[0]!
        .coverage;
    expect(coverage(0.97, 0.05)).toBeLessThan(coverage(0.93, 0.05));
    expect(coverage(0.97, 0.0001)).toBeLessThan(coverage(0.97, 0.3));
  });

  it('test one row of each group, so that copies are no evidence', () => {
    const request: AutoAcceptRequest = {
      attribute: 'colour',
      confidences: Array(500).fill(0.99),
      correct: Array(500).fill(true),
      groups: Array.from({ length: 500 }, (_, row) => `parent ${row % 20}`),
      otherConfidences: [0.99],
      precisionTarget: 0.95,
    };
    const { attributes } = autoAcceptThresholds([request], { seed: 1 });
    expect(attributes[0]).toMatchObject({ threshold: undefined, examples: 20 });
  });

  it('say when more examples would help and when the model must get better', () => {
    const near = draw({ attribute: 'near', p: () => 0.93 }, 300, new Random(11), 0.9);
    const [close] = autoAcceptThresholds([near], { seed: 1, delta: 0.001 }).attributes;
    expect(close!.threshold).toBeUndefined();
    expect(close!.neededExamples).toBeGreaterThan(300);
    const [bad] = autoAcceptThresholds([draw({ attribute: 'bad', p: () => 0.3 }, 300, new Random(4), 0.9)], {
      seed: 1,
    }).attributes;
    expect(bad!.neededExamples).toBeUndefined();
    expect(bad!.explanation).toContain('the model itself must get better');
  });

  it('refuse a target or a delta outside (0, 1)', () => {
    const request = draw(GOOD, 10, new Random(1), 1);
    expect(() => autoAcceptThresholds([request], { seed: 1 })).toThrow(
      /precision target .* must be in \(0, 1\)/,
    );
    expect(() => autoAcceptThresholds([], { seed: 1, delta: 0 })).toThrow(/delta .* must be in \(0, 1\)/);
  });

  it('need ln(level) / ln(target) right answers', () => {
    expect(fewestExamples(0.95, 0.05)).toBe(59);
    expect(fewestExamples(0.5, 0.25)).toBe(2);
  });
});

describe('the threshold grid', () => {
  it('falls strictly, ends by accepting everything seen and spends the whole budget', () => {
    for (const others of [[], [0.4], Array.from({ length: 500 }, (_, i) => i / 500), Array(50).fill(0.9)]) {
      for (const count of [10, 200, 5000]) {
        const { thresholds, weights } = thresholdGrid(others, count, 60);
        for (let i = 1; i < thresholds.length; i++) expect(thresholds[i]).toBeLessThan(thresholds[i - 1]!);
        expect(thresholds.at(-1)).toBe(others.length > 0 ? Math.min(...others) : 0);
        expect(weights.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 12);
      }
    }
  });
});

describe('the coverage curve', () => {
  it('takes equal confidences together and ends at the overall accuracy', () => {
    const curve = coverageCurve([0.9, 0.9, 0.5, 0.2], [true, false, true, true]);
    expect(curve.map((p) => [p.threshold, p.coverage, p.precision])).toEqual([
      [0.9, 0.5, 0.5],
      [0.5, 0.75, 2 / 3],
      [0.2, 1, 0.75],
    ]);
  });

  it('thins to the points asked for and keeps both ends', () => {
    const confidences = Array.from({ length: 1000 }, (_, i) => i / 1000);
    const curve = coverageCurve(confidences, Array(1000).fill(true), 20);
    expect(curve).toHaveLength(20);
    expect(curve[0]!.coverage).toBe(0.001);
    expect(curve.at(-1)!.coverage).toBe(1);
    expect(coverageCurve([], [])).toEqual([]);
  });
});
