import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hash32 } from '../base/random.ts';
import { joinComponents, Pairs } from './components.ts';
import { NO_SIDE, sideNamed, splitAsGiven, splitByHash, splitByTime } from './split.ts';

function keysOf(count: number) {
  return {
    a: Uint32Array.from({ length: count }, (_, i) => hash32(1, i)),
    b: Uint32Array.from({ length: count }, (_, i) => hash32(2, i)),
  };
}

function pairsOf(list: readonly (readonly [number, number, number])[]): Pairs {
  const pairs = new Pairs();
  for (const [a, b, similarity] of list) pairs.add(a, b, similarity);
  return pairs;
}

const count = 60;
const item = fc.integer({ min: 0, max: count - 1 });
const links = fc.array(fc.tuple(item, item, fc.constant(1)), { maxLength: 80 });

describe('components', () => {
  it('are what the pairs connect, whatever their order', () => {
    fc.assert(
      fc.property(links, (list) => {
        const { roots } = joinComponents(count, pairsOf(list), new Pairs(), count);
        const reversed = list.map(([a, b, s]) => [b, a, s] as const).reverse();
        expect(joinComponents(count, pairsOf(reversed), new Pairs(), count).roots).toEqual(roots);
        for (const [a, b] of list) expect(roots[a]).toBe(roots[b]);
        // Slow reference: as many components as a walk over the links finds.
        const neighbours = new Map<number, number[]>();
        for (const [a, b] of list) {
          neighbours.set(a, [...(neighbours.get(a) ?? []), b]);
          neighbours.set(b, [...(neighbours.get(b) ?? []), a]);
        }
        const seen = new Set<number>();
        let components = 0;
        for (let start = 0; start < count; start++) {
          if (seen.has(start)) continue;
          components++;
          const stack = [start];
          for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
            if (seen.has(at)) continue;
            seen.add(at);
            stack.push(...(neighbours.get(at) ?? []));
          }
        }
        expect(new Set(roots).size).toBe(components);
      }),
    );
  });

  it('of near-copies that grow over the cap keep only the nearest together; equal texts always', () => {
    const chain = Array.from({ length: 9 }, (_, i) => [i, i + 1, i === 4 ? 0.9 : 0.8] as const);
    const same = pairsOf([[0, 9, 1]]);
    expect(new Set(joinComponents(10, same, pairsOf(chain), 10).roots).size).toBe(1);
    const { roots, cut } = joinComponents(10, same, pairsOf(chain), 3);
    expect(Array.from(roots)).toEqual([0, 1, 2, 3, 4, 4, 6, 7, 8, 0]);
    expect(cut).toBe(10);
  });
});

describe('a split by hash', () => {
  it('never parts a component, leaves out what is on no side, and comes near the shares', () => {
    fc.assert(
      fc.property(links, fc.integer({ min: 0, max: 1000 }), (list, seed) => {
        const { roots } = joinComponents(count, pairsOf(list), new Pairs(), count);
        const out = roots.findIndex((root, i) => root === i);
        const without = roots.map((root) => (root === out ? NO_SIDE : root));
        const sides = splitByHash(without, keysOf(count), { dev: 0.2, test: 0.2 }, seed);
        for (let i = 0; i < count; i++) {
          if (without[i]! < 0) expect(sides[i]).toBe(NO_SIDE);
          else expect(sides[i]).toBe(sides[without[i]!]);
        }
      }),
    );
    const roots = Int32Array.from({ length: 20_000 }, (_, i) => i);
    const sides = splitByHash(roots, keysOf(20_000), { dev: 0.1, test: 0.3 }, 7);
    expect(sides.filter((side) => side === 1).length / 20_000).toBeCloseTo(0.1, 2);
    expect(sides.filter((side) => side === 2).length / 20_000).toBeCloseTo(0.3, 2);
  });

  it('gives every side something as soon as there are three products', () => {
    for (let seed = 0; seed < 50; seed++) {
      const sides = splitByHash(Int32Array.from([0, 1, 2]), keysOf(3), { dev: 0.01, test: 0.01 }, seed);
      expect(Array.from(sides).sort()).toEqual([0, 1, 2]);
    }
    expect(splitByHash(Int32Array.from([0, 1, 2]), keysOf(3), { dev: 0, test: 0 }, 1)).toEqual(
      new Int8Array(3),
    );
  });
});

describe('a split by time', () => {
  it('puts the latest into test and a product listed again where it was first', () => {
    const times = Float64Array.from([10, 20, 30, 40, 50, 60, 70, 80, 90, Number.NaN]);
    const roots = Int32Array.from([0, 1, 2, 3, 4, 5, 6, 7, 0, 9]);
    const sides = splitByTime(roots, times, { dev: 0.2, test: 0.2 });
    expect(Array.from(sides)).toEqual([0, 0, 0, 0, 1, 1, 2, 2, 0, 0]);
  });
});

describe('given sides', () => {
  it('keep test whole and take copies of it out of train', () => {
    const roots = Int32Array.from([0, 0, 0, 3, NO_SIDE, 5]);
    const given = Int8Array.from([0, 2, 1, 1, 2, NO_SIDE]);
    const { sides, copies } = splitAsGiven(roots, given);
    expect(Array.from(sides)).toEqual([NO_SIDE, 2, NO_SIDE, 1, NO_SIDE, NO_SIDE]);
    expect(copies).toEqual([0, 2]);
  });

  it('are called what people call them', () => {
    expect(['train', ' Training', 'dev', 'VALID', 'validation', 'Test', '1', ''].map(sideNamed)).toEqual([
      0,
      0,
      1,
      1,
      1,
      2,
      NO_SIDE,
      NO_SIDE,
    ]);
  });
});
