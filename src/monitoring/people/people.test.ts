import { describe, expect, it } from 'vitest';
import { cohenKappa, fleissKappa, krippendorffAlpha } from './agreement.ts';
import { measureReviewers, type Review } from './reviewers.ts';
import { lastAnswers } from './reviews-file.ts';
import { suspectLabels } from './suspects.ts';

const said = (reviewer: string, product: string, value: string): Review => ({
  reviewer,
  product,
  value,
  attribute: 'color',
});

describe('agreement', () => {
  it('is 1 where people always agree, below 0 where they never do, and undefined where chance alone would', () => {
    expect(cohenKappa(['a', 'b', 'a'], ['a', 'b', 'a'])).toBeCloseTo(1, 12);
    expect(cohenKappa(['a', 'b'], ['b', 'a'])).toBeLessThan(0);
    expect(cohenKappa(['a', 'a'], ['a', 'a'])).toBeUndefined();
    expect(
      fleissKappa([
        ['a', 'a'],
        ['b', 'b'],
      ]),
    ).toBeCloseTo(1, 12);
    expect(fleissKappa([['a', 'a'], ['b']])).toBeUndefined();
    expect(krippendorffAlpha([['a', 'a'], ['b', 'b'], ['a']])).toBeCloseTo(1, 12);
    expect(krippendorffAlpha([['a'], ['b']])).toBeUndefined();
  });
});

describe('reviewers', () => {
  it('are measured by the gold set and by each other, the weakest first', () => {
    const gold = new Map([
      [
        'color',
        new Map([
          ['p1', 'red'],
          ['p2', 'blue'],
        ]),
      ],
    ]);
    const report = measureReviewers(
      [
        said('ann', 'p1', 'red'),
        said('ann', 'p2', 'green'),
        said('ann', 'p2', 'blue'),
        said('bob', 'p1', 'pink'),
        said('bob', 'p2', 'blue'),
        said('bob', 'p3', 'black'),
        said('ann', 'p3', 'black'),
        said('cid', 'p9', 'red'),
      ],
      gold,
    );
    expect(report.reviewers.map(({ reviewer }) => reviewer)).toEqual(['bob', 'ann', 'cid']);
    expect(report.reviewers[0]).toMatchObject({ reviews: 3, gold: { reviews: 2, right: 1 } });
    // Her second answer counts.
    expect(report.reviewers[1]).toMatchObject({ reviews: 3, gold: { reviews: 2, right: 2 } });
    expect(report.reviewers[2]).toMatchObject({ gold: undefined, kappa: undefined });
    expect(report.agreement.color).toBeGreaterThan(0);
    expect(report.disputed).toEqual([
      { product: 'p1', attribute: 'color', answers: { ann: 'red', bob: 'pink' } },
    ]);
  });
});

describe('what people said last', () => {
  const answer = (value: string, time: number | undefined, chance: number | undefined) => ({
    ...{ product: 'p1', attribute: 'color', values: [value], reviewer: 'ann', time, chance },
  });

  it('counts once, with the chance of the likeliest way on which it was chosen', () => {
    const corrected = answer('blue', 9, undefined);
    expect(lastAnswers([corrected, answer('red', 1, 0.1), answer('green', 2, 1)])).toEqual([
      { ...corrected, chance: 1 },
    ]);
    expect(lastAnswers([answer('red', undefined, undefined), corrected])).toEqual([corrected]);
    const other = { ...corrected, attribute: 'size' };
    expect(lastAnswers([corrected, other])).toEqual([corrected, other]);
  });
});

describe('suspect labels', () => {
  it('are those where another value is more probable than it usually is', () => {
    const judged = [
      ...Array.from({ length: 20 }, (_, i) => ({ id: `r${i}`, label: 'red', red: 0.9 })),
      ...Array.from({ length: 20 }, (_, i) => ({ id: `b${i}`, label: 'blue', red: 0.2 })),
      { id: 'wrong', label: 'blue', red: 0.97 },
      { id: 'unsure', label: 'blue', red: 0.55 },
    ].map(({ id, label, red }) => ({
      id,
      label,
      probabilities: new Map([
        ['red', red],
        ['blue', 1 - red],
      ]),
    }));
    expect(suspectLabels(judged)).toEqual([
      { id: 'wrong', label: 'blue', instead: 'red', confidence: expect.closeTo(0.03, 9) },
    ]);
  });
});
