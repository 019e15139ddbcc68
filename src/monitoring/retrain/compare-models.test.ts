import { describe, expect, it } from 'vitest';
import { Random } from '../../base/random.ts';
import { judgeChallenger, type PairedRow } from './compare-models.ts';

/** Answers of two models, each right with a chance of its own. */
function answers(
  seed: number,
  count: number,
  champion: (i: number) => number,
  challenger: (i: number) => number,
): readonly PairedRow[] {
  const random = new Random(seed, 3);
  return Array.from({ length: count }, (_, i) => ({
    product: `p${i}`,
    attribute: 'color',
    set: i % 2 === 0 ? ('test' as const) : ('reviews' as const),
    category: i % 4 < 2 ? 'shirts' : 'mugs',
    champion: random.uniform() < champion(i),
    challenger: random.uniform() < challenger(i),
  }));
}

describe('a challenger', () => {
  it('that is no better takes the place in at most 1 of 40 comparisons', () => {
    let promoted = 0;
    for (let seed = 0; seed < 120; seed++) {
      const rows = answers(
        seed,
        200,
        () => 0.8,
        () => 0.8,
      );
      if (judgeChallenger(rows, { seed, tolerance: 1 }).promote) promoted++;
    }
    // 3 of 120 are expected at most; 9 come by chance once in a thousand times.
    expect(promoted).toBeLessThanOrEqual(9);
  });

  it('that is better takes it, and says by how much', () => {
    const verdict = judgeChallenger(
      answers(
        1,
        400,
        () => 0.6,
        () => 0.9,
      ),
      { seed: 1 },
    );
    expect(verdict.promote).toBe(true);
    expect(verdict.low).toBeGreaterThan(0.1);
    expect(verdict.reasons).toEqual([expect.stringMatching(/^It is better by \+\d+\.\d points/)]);
    expect(verdict.sets.map(({ name }) => name)).toEqual(['test', 'reviews']);
  });

  it('that is better over all but worse in one category is refused, and the category is named', () => {
    const rows = answers(
      2,
      600,
      (i) => (i % 4 < 2 ? 0.4 : 0.95),
      (i) => (i % 4 < 2 ? 0.95 : 0.6),
    );
    const verdict = judgeChallenger(rows, { seed: 1 });
    expect(verdict.low).toBeGreaterThan(0);
    expect(verdict.promote).toBe(false);
    expect(verdict.reasons.join('\n')).toMatch(
      /worse at color in mugs: 5\d\.\d% against 9\d\.\d%|worse at color in mugs/,
    );
  });

  it('that pays for new products with the test products is refused', () => {
    const rows = answers(
      3,
      800,
      (i) => (i % 2 === 0 ? 0.9 : 0.2),
      (i) => (i % 2 === 0 ? 0.85 : 0.9),
    );
    const verdict = judgeChallenger(rows, { seed: 1 });
    expect(verdict.promote).toBe(false);
    expect(verdict.reasons.join('\n')).toMatch(/worse on the test products/);
  });

  it('without a product to compare on is refused', () => {
    expect(judgeChallenger([], { seed: 1 })).toMatchObject({ promote: false, difference: 0 });
  });

  it('is judged by products: ten answers of one are no more evidence than one', () => {
    const one = answers(
      4,
      30,
      () => 0.4,
      () => 0.7,
    );
    const ten = one.flatMap((row) => Array.from({ length: 10 }, (_, i) => ({ ...row, attribute: `a${i}` })));
    const [single, repeated] = [one, ten].map((rows) => judgeChallenger(rows, { seed: 1 }));
    expect(repeated!.low).toBeCloseTo(single!.low, 10);
    expect(repeated!.high).toBeCloseTo(single!.high, 10);
  });
});
