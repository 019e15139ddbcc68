import { describe, expect, it } from 'vitest';
import { cohenKappa, fleissKappa, krippendorffAlpha } from './agreement.ts';
import { measureReviewers, type Review } from './reviewers.ts';
import { lastAnswers } from './reviews-file.ts';
import { suspectLabels, suspectNumbers, suspectPieces, suspectSets } from './suspects.ts';

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

describe('labels that a model doubts', () => {
  it('of several values are those whose absence is likelier than usual, or the other way round', () => {
    const judged = Array.from({ length: 40 }, (_, i) => ({
      id: `p${i}`,
      labels: i % 2 === 0 ? ['wool', 'silk'] : ['linen'],
      probabilities: new Map(
        i % 2 === 0
          ? [
              ['wool', 0.9],
              ['silk', 0.8],
              ['linen', 0.1],
            ]
          : [
              ['wool', 0.1],
              ['silk', 0.2],
              ['linen', 0.7],
            ],
      ) as ReadonlyMap<string, number>,
    }));
    expect(suspectSets(judged)).toEqual([]);
    const wrong = {
      ...{ id: 'wrong', labels: ['wool', 'linen'] },
      probabilities: new Map([
        ['wool', 0.9],
        ['silk', 0.85],
        ['linen', 0.05],
      ]),
    };
    expect(suspectSets([...judged, wrong])).toEqual([
      { id: 'wrong', label: 'wool, linen', instead: 'wool, silk', confidence: expect.closeTo(0.05, 12) },
    ]);
  });

  it('of pieces of a text are those beside which another is likelier than labels usually are', () => {
    const one = (id: string, labels: string[], found: Record<string, number>) => ({
      ...{ id, labels, probabilities: new Map(Object.entries(found)) },
    });
    const usual = Array.from({ length: 10 }, (_, i) => one(`p${i}`, ['Acme'], { acme: 0.6, Bolt: 0.1 }));
    expect(
      suspectPieces([
        ...usual,
        one('other', ['Coyote'], { Acme: 0.8, Coyote: 0.1 }),
        one('one of two', ['Acme', 'Coyote'], { Acme: 0.8 }),
        one('unsure', ['Coyote'], { Acme: 0.3, Coyote: 0.2 }),
      ]),
    ).toEqual([{ id: 'other', label: 'Coyote', instead: 'Acme', confidence: 0.1 }]);
  });

  it('of numbers are those that its errors do not explain, however many are wrong by as much', () => {
    const judged = Array.from({ length: 50 }, (_, i) => ({
      ...{ id: `p${i}`, label: 100 + i, predicted: (100 + i) * (1 + ((i % 7) - 3) / 50) },
    }));
    expect(suspectNumbers(judged, 0.05, 'g')).toEqual([]);
    const wrong = [
      { id: 'kg', label: 0.12, predicted: 118 },
      { id: 'tenfold', label: 1200, predicted: 118 },
    ];
    const found = suspectNumbers([...judged, ...wrong], 0.05, 'g');
    expect(found.map(({ id, label, instead }) => [id, label, instead])).toEqual([
      ['kg', '0.12 g', '118 g'],
      ['tenfold', '1200 g', '118 g'],
    ]);
    expect(found[0]!.deviations).toBeGreaterThan(found[1]!.deviations!);
    const exact = judged.map((one) => ({ ...one, predicted: one.label }));
    expect(
      suspectNumbers([...exact, { id: 'close', label: 100, predicted: 104 }, wrong[1]!], 0.05),
    ).toMatchObject([{ id: 'tenfold' }]);
    expect(suspectNumbers(wrong, 0.05), 'too few to say what is usual').toEqual([]);
  });
});
