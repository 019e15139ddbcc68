import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from '../../base/random.ts';
import { type Calibrator, calibrate } from './calibrator.ts';
import { fitCalibrator } from './fit-calibrator.ts';
import { fitIsotonic, isotonicValue } from './isotonic.ts';
import { logOdds, sigmoid } from './log-odds.ts';
import { fitPlatt } from './platt.ts';
import { expectedCalibrationError, reliabilityBins } from './reliability.ts';
import { fitBinaryTemperature, fitTemperature } from './temperature.ts';

/** Confidences of a model and whether it was right, where the true share right is `truth(confidence)`. */
function sample(count: number, seed: number, truth: (confidence: number) => number) {
  const random = new Random(seed);
  const confidences = Array.from({ length: count }, () => sigmoid(1.5 + 2 * random.normal()));
  const correct = confidences.map((c) => random.uniform() < truth(c));
  return { confidences, correct };
}

const overconfident = (c: number) => sigmoid(logOdds(c) / 3);
const shifted = (c: number) => sigmoid(0.5 * logOdds(c) - 1.2);
const stairs = (c: number) => (c < 0.5 ? 0.1 : c < 0.9 ? 0.5 : 0.97);

describe('the choice of a calibrator', () => {
  it('finds the map that made the data', () => {
    const cases = [
      // Platt's line contains every temperature, so noise may prefer it.
      [/temperature|platt/, overconfident],
      [/platt/, shifted],
      [/isotonic/, stairs],
    ] as const;
    for (const [method, truth] of cases) {
      const { confidences, correct } = sample(4000, 3, truth);
      const fit = fitCalibrator(confidences, correct, { seed: 1 });
      expect(fit.calibrator.method).toMatch(method);
      for (const c of [0.3, 0.7, 0.95, 0.995]) {
        expect(Math.abs(calibrate(fit.calibrator, c) - truth(c))).toBeLessThan(0.06);
      }
    }
  });

  it('lowers the calibration error of fresh examples', () => {
    const fitting = sample(600, 4, overconfident);
    const fresh = sample(5000, 5, overconfident);
    const { calibrator } = fitCalibrator(fitting.confidences, fitting.correct, { seed: 1 });
    const before = expectedCalibrationError(fresh.confidences, fresh.correct)!;
    const after = expectedCalibrationError(
      fresh.confidences.map((c) => calibrate(calibrator, c)),
      fresh.correct,
    )!;
    expect(before).toBeGreaterThan(0.1);
    expect(after).toBeLessThan(0.04);
  });

  it('leaves confidences alone with too few examples, or too few mistakes, and says so', () => {
    const few = sample(29, 6, overconfident);
    const small = fitCalibrator(few.confidences, few.correct, { seed: 1 });
    expect(small.calibrator).toEqual({ method: 'identity' });
    expect(small.reason).toContain('29 examples');
    const perfect = sample(500, 6, () => 1);
    const fit = fitCalibrator(perfect.confidences, perfect.correct, { seed: 1 });
    expect(fit.calibrator).toEqual({ method: 'identity' });
    expect(fit.reason).toContain('500 right and 0 wrong');
  });

  it('tries isotonic only with 300 examples', () => {
    const tried = (count: number) => {
      const { confidences, correct } = sample(count, 7, overconfident);
      return fitCalibrator(confidences, correct, { seed: 1 }).candidates.map((c) => c.method);
    };
    expect(tried(299)).toEqual(['identity', 'temperature', 'platt']);
    expect(tried(300)).toEqual(['identity', 'temperature', 'platt', 'isotonic']);
    expect(tried(50)).toEqual(['identity', 'temperature']);
  });

  it('never reverses the order of the answers', () => {
    const { confidences, correct } = sample(2000, 8, (c) => 1 - 0.9 * c);
    const { calibrator } = fitCalibrator(confidences, correct, { seed: 1 });
    expect(calibrate(calibrator, 0.9)).toBeGreaterThanOrEqual(calibrate(calibrator, 0.2));
  });

  it('keeps the rows of one group in one fold', () => {
    // Each group has one outcome and its own confidence: across folds isotonic could memorise it.
    const random = new Random(9);
    const groups = Array.from({ length: 60 }, () => ({ c: random.uniform(), right: random.uniform() < 0.5 }));
    const rows = groups.flatMap((g, i) => Array.from({ length: 10 }, () => ({ ...g, name: `g${i}` })));
    const confidences = rows.map((r) => r.c);
    const correct = rows.map((r) => r.right);
    const loss = (fit: ReturnType<typeof fitCalibrator>) =>
      fit.candidates.find((c) => c.method === 'isotonic')!.logLoss;
    const grouped = loss(fitCalibrator(confidences, correct, { seed: 1, groups: rows.map((r) => r.name) }));
    expect(grouped).toBeGreaterThan(loss(fitCalibrator(confidences, correct, { seed: 1 })) + 0.02);
  });

  it('is a function of its seed', () => {
    const { confidences, correct } = sample(400, 10, shifted);
    const at = (seed: number) => fitCalibrator(confidences, correct, { seed }).candidates;
    expect(at(1)).toEqual(at(1));
    expect(at(1)).not.toEqual(at(2));
  });
});

describe('a calibrator', () => {
  it('survives JSON and is monotone within [0, 1]', () => {
    const { confidences, correct } = sample(1000, 11, stairs);
    const scores = confidences.map(logOdds);
    const all: Calibrator[] = [
      { method: 'identity' },
      { method: 'temperature', temperature: fitBinaryTemperature(scores, correct) },
      { method: 'platt', ...fitPlatt(scores, correct) },
      {
        method: 'isotonic',
        ...fitIsotonic(
          confidences,
          correct.map((c) => (c ? 1 : 0)),
        ),
        margin: 1 / 1002,
      },
    ];
    const unit = fc.double({ min: 0, max: 1, noNaN: true });
    for (const calibrator of all) {
      const read: Calibrator = JSON.parse(JSON.stringify(calibrator));
      fc.assert(
        fc.property(unit, unit, (a, b) => {
          const [low, high] = [calibrate(read, Math.min(a, b)), calibrate(read, Math.max(a, b))];
          expect(low).toBe(calibrate(calibrator, Math.min(a, b)));
          expect(low).toBeLessThanOrEqual(high + 1e-12);
          expect(low).toBeGreaterThanOrEqual(0);
          expect(high).toBeLessThanOrEqual(1);
        }),
      );
    }
  });

  it('made of an isotonic curve claims no certainty', () => {
    const calibrator: Calibrator = { method: 'isotonic', x: [0, 1], y: [0, 1], margin: 0.01 };
    expect(calibrate(calibrator, 1)).toBe(0.99);
    expect(calibrate(calibrator, 0)).toBe(0.01);
  });
});

describe('temperature', () => {
  it('stops at its bounds where the data have no best one', () => {
    expect(fitTemperature([2, 0, 2, 0], [0, 0], 2)).toBeCloseTo(0.01, 12);
    expect(fitTemperature([2, 0, 2, 0], [1, 1], 2)).toBeCloseTo(100, 9);
  });

  it('of two classes equals that of their log-odds', () => {
    const { confidences, correct } = sample(300, 12, overconfident);
    const odds = confidences.map(logOdds);
    const logits = odds.flatMap((x) => [x, 0]);
    const truth = correct.map((c) => (c ? 0 : 1));
    expect(fitTemperature(logits, truth, 2)).toBeCloseTo(fitBinaryTemperature(odds, correct), 8);
  });

  it('refuses an empty table and a class that is not there', () => {
    expect(() => fitTemperature([], [], 3)).toThrow(/at least one row/);
    expect(() => fitTemperature([0, 0], [2], 2)).toThrow(/class index of fitTemperature must be in \[0, 1\]/);
  });
});

describe('isotonic regression', () => {
  it('pools violators and interpolates between blocks', () => {
    const curve = fitIsotonic([1, 2, 3, 4], [0, 1, 0, 1]);
    expect(curve).toEqual({ x: [1, 2, 3, 4], y: [0, 0.5, 0.5, 1] });
    expect(isotonicValue(curve, 3.5)).toBe(0.75);
    expect(isotonicValue(curve, -9)).toBe(0);
    expect(isotonicValue(curve, 9)).toBe(1);
  });
});

describe('Platt scaling', () => {
  it('keeps a finite slope on separable data and a flat line on equal scores', () => {
    const line = fitPlatt([-2, -1, 1, 2], [false, false, true, true]);
    expect(line.slope).toBeGreaterThan(0.5);
    expect(line.slope).toBeLessThan(5);
    const flat = fitPlatt([3, 3, 3, 3], [true, true, true, false]);
    expect(sigmoid(3 * flat.slope + flat.intercept)).toBeCloseTo((3 * 0.8 + 1 / 3) / 4, 6);
  });
});

describe('reliability bins', () => {
  it('of equal width are closed above, as in Guo et al.', () => {
    const bins = reliabilityBins([0, 0.1, 0.5, 0.51, 1], [false, true, true, false, true], {
      bins: 2,
      by: 'width',
    });
    expect(bins.map((b) => [b.low, b.high, b.count])).toEqual([
      [0, 0.5, 3],
      [0.5, 1, 2],
    ]);
    expect(bins[0]!.accuracy).toBeCloseTo(2 / 3, 12);
    expect(bins[0]!.meanConfidence).toBeCloseTo(0.2, 12);
  });

  it('of equal mass keep equal confidences together', () => {
    const confidences = [0.1, 0.2, 0.9, 0.9, 0.9, 0.9, 0.95, 0.99];
    const bins = reliabilityBins(
      confidences,
      confidences.map(() => true),
      { bins: 4, by: 'mass' },
    );
    expect(bins.map((b) => b.count)).toEqual([2, 4, 2]);
  });

  it('give the expected calibration error by hand', () => {
    // One bin each: |0.5 − 0.8| · 2/3 + |1 − 0.3| · 1/3.
    const error = expectedCalibrationError([0.8, 0.8, 0.3], [true, false, true], { bins: 10, by: 'width' });
    expect(error).toBeCloseTo((0.3 * 2) / 3 + 0.7 / 3, 12);
  });
});
