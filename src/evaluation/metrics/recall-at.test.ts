import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { recallAt } from './recall-at.ts';

const none = () => false;
/** Unit vectors of `count` axes, row after row. */
const axes = (count: number) =>
  Float32Array.from({ length: count * count }, (_, i) => (Math.floor(i / count) === i % count ? 1 : 0));

describe('recallAt', () => {
  it('is 1 where each query is nearest to its own candidate', () => {
    expect(recallAt(axes(12), axes(12), 12, none)).toEqual({ 1: 1, 5: 1, 10: 1 });
  });

  it('looks among the nearest k', () => {
    // The query prefers candidates 1 to 6 to its own, 0; the others' are their own.
    const queries = axes(12);
    for (let j = 1; j <= 6; j++) queries[j] = 2;
    const recall = recallAt(queries, axes(12), 12, none)!;
    expect(recall[1]).toBeCloseTo(11 / 12);
    expect(recall[5]).toBeCloseTo(11 / 12);
    expect(recall[10]).toBe(1);
  });

  it('gives nothing for vectors that are all the same: a tie is no find', () => {
    expect(recallAt(new Float32Array(40).fill(1), new Float32Array(40).fill(1), 20, none)).toEqual({
      1: 0,
      5: 0,
      10: 0,
    });
  });

  it('takes what is as right as the own candidate for no rival', () => {
    const all = new Float32Array(40).fill(1);
    expect(recallAt(all, all, 20, () => true)).toEqual({ 1: 1, 5: 1, 10: 1 });
  });

  it('finds nothing by vectors that are no numbers', () => {
    const broken = new Float32Array(40).fill(Number.NaN);
    expect(recallAt(broken, axes(20).subarray(0, 40), 20, none)![1]).toBe(0);
  });

  it('is undefined without rows, and refuses columns of different lengths', () => {
    expect(recallAt(new Float32Array(), new Float32Array(), 0, none)).toBeUndefined();
    expect(() => recallAt(axes(2), axes(3), 2, none)).toThrow(/recallAt/);
  });

  it('is a share that grows with k', () => {
    const vectors = fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 30, maxLength: 30 });
    fc.assert(
      fc.property(vectors, vectors, (a, b) => {
        const recall = recallAt(Float32Array.from(a), Float32Array.from(b), 15, none)!;
        expect(recall[1]).toBeGreaterThanOrEqual(0);
        expect(recall[5]).toBeGreaterThanOrEqual(recall[1]);
        expect(recall[10]).toBeGreaterThanOrEqual(recall[5]);
        expect(recall[10]).toBeLessThanOrEqual(1);
      }),
    );
  });
});
