import { describe, expect, it } from 'vitest';
import { Random } from '../../base/random.ts';
import { frequencySlices, scriptSlice, textLengthSlice } from './slice-names.ts';
import { accuracyMetric, bootstrapMetric, scoreSlices } from './slice-scores.ts';

const random = new Random(3);
const category = Array.from({ length: 600 }, (_, row) => ['shoes', 'hats', 'bags'][row % 3]);
const correct = category.map((name) => random.uniform() < (name === 'hats' ? 0.6 : 0.95));

describe('slices', () => {
  it('flag the bad one, and only it, with its count', () => {
    const report = scoreSlices(600, accuracyMetric(correct), [{ name: 'category', values: category }]);
    expect(report.slices.map((s) => [s.slice, s.count, s.flag])).toEqual([
      ['hats', 200, 'worse'],
      expect.arrayContaining([200, 'better']),
      expect.arrayContaining([200, 'better']),
    ]);
    expect(report.level).toBeCloseTo(1 - 0.05 / 3, 12);
  });

  it('of noise are seldom flagged, however many there are', () => {
    let flagged = 0;
    for (let run = 0; run < 60; run++) {
      const noise = new Random(run, 17);
      const right = Array.from({ length: 2000 }, () => noise.uniform() < 0.85);
      const values = right.map(() => `slice ${noise.below(50)}`);
      const { slices } = scoreSlices(2000, accuracyMetric(right), [{ name: 'noise', values }]);
      if (slices.some((s) => s.flag !== undefined)) flagged++;
    }
    expect(flagged).toBeLessThan(12);
  });

  it('leave out rows without a slice and see a small one without flagging it', () => {
    const values = correct.map((_, row) => (row < 2 ? 'rare' : undefined));
    const wrong = correct.map((c, row) => (row < 2 ? false : c));
    const { slices } = scoreSlices(600, accuracyMetric(wrong), [{ name: 'x', values }]);
    expect(slices).toMatchObject([{ slice: 'rare', count: 2, value: 0 }]);
    expect(scoreSlices(0, accuracyMetric([]), [])).toMatchObject({ overall: undefined, slices: [] });
  });

  it('of grouped rows need more rows to be flagged', () => {
    const groups = category.map((name, row) => (name === 'hats' ? `parent ${row % 4}` : undefined));
    const hats = category.map((name, row) => (name === 'hats' ? row % 4 !== 0 : true));
    const slicing = [{ name: 'category', values: category }];
    const flag = (report: ReturnType<typeof scoreSlices>) =>
      report.slices.find((s) => s.slice === 'hats')!.flag;
    expect(flag(scoreSlices(600, accuracyMetric(hats), slicing))).toBe('worse');
    expect(flag(scoreSlices(600, accuracyMetric(hats, groups), slicing))).toBeUndefined();
  });

  it('take any statistic, where less may be better', () => {
    const error = category.map((name) => Math.abs(random.normal()) * (name === 'bags' ? 3 : 1));
    const metric = bootstrapMetric((rows) => rows.reduce((sum, row) => sum + error[row]!, 0) / rows.length, {
      higherIsBetter: false,
      seed: 1,
      resamples: 300,
    });
    const report = scoreSlices(600, metric, [{ name: 'category', values: category }]);
    expect(report.slices[0]).toMatchObject({ slice: 'bags', flag: 'worse' });
    expect(report.slices[2]!.flag).toBe('better');
  });
});

describe('names of slices', () => {
  it('bucket the length of a text by code points', () => {
    expect(textLengthSlice('')).toBe('no text');
    expect(textLengthSlice('👟'.repeat(20))).toBe('1-20 characters');
    expect(textLengthSlice('a'.repeat(21))).toBe('21-50 characters');
    expect(textLengthSlice('a'.repeat(2001))).toBe('over 2,000 characters');
  });

  it('tell scripts apart by most letters', () => {
    expect(scriptSlice('Red cotton shirt 赤')).toBe('Latin');
    expect(scriptSlice('赤い綿のシャツ')).toBe('Japanese');
    expect(scriptSlice('红色棉衬衫')).toBe('Chinese characters');
    expect(scriptSlice('красная рубашка')).toBe('Cyrillic');
    expect(scriptSlice('قميص أحمر')).toBe('Arabic');
    expect(scriptSlice('12 × 30')).toBe('no letters');
  });

  it('part trained values into head and tail and know the unseen', () => {
    const frequency = frequencySlices(
      new Map([
        ['black', 60],
        ['white', 25],
        ['teal', 10],
        ['ecru', 5],
        ['never', 0],
      ]),
    );
    expect(['black', 'white', 'teal', 'ecru', 'never', 'mauve'].map(frequency)).toEqual([
      'head',
      'head',
      'tail',
      'tail',
      'unseen',
      'unseen',
    ]);
  });
});
