import { describe, expect, it } from 'vitest';
import { Random } from '../../base/random.ts';
import type { AttributePrediction } from '../../prediction/prediction.ts';
import { auditDraw, auditShare } from './audit.ts';
import { estimateAccuracy, estimateScores } from './estimated.ts';
import { type Checked, measureAccuracy } from './measured.ts';
import { watchAccuracy } from './watch-accuracy.ts';

describe('accuracy estimated without labels', () => {
  it('covers the accuracy that calibrated confidences have', () => {
    let covered = 0;
    for (let seed = 0; seed < 500; seed++) {
      const random = new Random(seed, 1);
      const confidences = Array.from({ length: 150 }, () => 1 - 0.5 * random.uniform() ** 2);
      const right = confidences.filter((confidence) => random.uniform() < confidence).length / 150;
      const { interval } = estimateAccuracy(confidences)!;
      if (interval.low <= right && right <= interval.high) covered++;
    }
    expect(covered / 500).toBeGreaterThan(0.92);
  });

  it('is not told of no rows, and refuses what is no probability', () => {
    expect(estimateAccuracy([])).toBeUndefined();
    expect(estimateScores([])).toBeUndefined();
    expect(() => estimateAccuracy([0.5, Number.NaN])).toThrow(/confidence .* must be in \[0, 1\]. Got NaN/);
  });
});

describe('accuracy measured from reviews', () => {
  it('reads numbers with their units as labels are read', () => {
    const prediction: AttributePrediction = {
      kind: 'number',
      value: 1200,
      unit: 'g',
      notApplicable: false,
      confidence: 0.9,
      status: 'review',
      evidence: [],
      alternatives: [],
    };
    const right = (said: string) =>
      watchAccuracy('weight', [], [{ prediction, values: [said], chance: 1 }], {
        confidence: undefined,
        tested: undefined,
      }).measured?.accuracy;
    expect(['1.2 kg', '1200', '1200 g', '900 g', 'heavy'].map(right)).toEqual([1, 1, 1, 0, 0]);
  });

  /** A queue: unsure answers are all reviewed, sure ones now and then. */
  function queue(seed: number): { readonly truth: number; readonly checked: readonly Checked[] } {
    const random = new Random(seed, 2);
    let right = 0;
    const checked: Checked[] = [];
    for (let i = 0; i < 4000; i++) {
      const sure = random.uniform() < 0.8;
      const correct = random.uniform() < (sure ? 0.97 : 0.5);
      if (correct) right++;
      const chance = sure ? 0.1 : 1;
      if (random.uniform() < chance) checked.push({ correct, chance });
    }
    return { truth: right / 4000, checked };
  }

  it('is not misled by a queue of unsure answers', () => {
    const { truth, checked } = queue(1);
    const plain = checked.filter(({ correct }) => correct).length / checked.length;
    expect(Math.abs(plain - truth)).toBeGreaterThan(0.15);
    expect(Math.abs(measureAccuracy(checked)!.accuracy - truth)).toBeLessThan(0.03);
  });

  it('has intervals that cover the truth about as often as they say', () => {
    let covered = 0;
    for (let seed = 0; seed < 300; seed++) {
      const { truth, checked } = queue(seed);
      const { interval } = measureAccuracy(checked)!;
      if (interval.low <= truth && truth <= interval.high) covered++;
    }
    expect(covered / 300).toBeGreaterThan(0.93);
  });

  it('of equally likely answers is the plain share, with all of them effective', () => {
    const measured = measureAccuracy([
      { correct: true, chance: 0.1 },
      { correct: true, chance: 0.1 },
      { correct: false, chance: 0.1 },
    ])!;
    expect(measured.accuracy).toBeCloseTo(2 / 3, 12);
    expect(measured.effective).toBeCloseTo(3, 12);
    expect(() => measureAccuracy([{ correct: true, chance: 0 }])).toThrow(/chance of being checked/);
    expect(measureAccuracy([])).toBeUndefined();
  });
});

describe('the audit of accepted answers', () => {
  const audited = (count: number, right: number) =>
    measureAccuracy(Array.from({ length: count }, (_, i) => ({ correct: i < right, chance: 1 })))!;

  it('falls from 10 % to 1 % as evidence grows, and comes back when the promise is broken', () => {
    expect(auditShare(undefined, 0.95)).toBe(0.1);
    expect(auditShare(audited(200, 199), 0.95)).toBeCloseTo(0.1, 12);
    expect(auditShare(audited(1000, 990), 0.95)).toBeCloseTo(0.02, 12);
    expect(auditShare(audited(2000, 1980), 0.95)).toBeCloseTo(0.01, 12);
    expect(auditShare(audited(50_000, 49_500), 0.95)).toBe(0.01);
    expect(auditShare(audited(2000, 1600), 0.95)).toBe(0.1);
  });

  it('takes the share that was asked for, the same answers each time, others for each model', () => {
    const of = (version: string) =>
      Array.from(
        { length: 20_000 },
        (_, i) => auditDraw({ product: `p${i}`, attribute: 'color', model: 'm', version }) < 0.05,
      );
    const first = of('v1');
    expect(first.filter(Boolean).length).toBeGreaterThan(850);
    expect(first.filter(Boolean).length).toBeLessThan(1150);
    expect(of('v1')).toEqual(first);
    const both = of('v2').filter((taken, i) => taken && first[i]).length;
    expect(both).toBeLessThan(120);
  });
});
