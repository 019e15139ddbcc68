import { describe, expect, it } from 'vitest';
import { Random } from '../../base/random.ts';
import { binomialCdf, clopperPearsonLower } from './binomial.ts';
import { bootstrapInterval, quantile } from './bootstrap.ts';
import { bootstrapSums } from './bootstrap-sums.ts';
import { clusteredWilson, wilsonInterval } from './wilson.ts';

/** Share of `count` simulated samples for which `covers` says yes. */
function simulate(count: number, covers: (random: Random) => boolean): number {
  let hits = 0;
  for (let run = 0; run < count; run++) if (covers(new Random(run, 99))) hits++;
  return hits / count;
}

const mean = (values: readonly number[], rows: Uint32Array) =>
  rows.reduce((sum, row) => sum + values[row]!, 0) / rows.length;

describe('the Wilson interval', () => {
  it('matches a textbook value, stays inside [0, 1] and is undefined without trials', () => {
    const interval = wilsonInterval(8, 10)!;
    expect(interval.low).toBeCloseTo(0.4902, 4);
    expect(interval.high).toBeCloseTo(0.9433, 4);
    expect(wilsonInterval(0, 4)!.low).toBe(0);
    expect(wilsonInterval(4, 4)!.high).toBe(1);
    expect(wilsonInterval(0, 0)).toBeUndefined();
  });

  it('gives the intervals of Newcombe 1998, table I, method 3', () => {
    const published = [
      [81, 263, 0.2553, 0.3662],
      [15, 148, 0.0624, 0.1605],
      [0, 20, 0, 0.1611],
      [1, 29, 0.0061, 0.1718],
    ] as const;
    for (const [right, total, low, high] of published) {
      const interval = wilsonInterval(right, total)!;
      expect(interval.low).toBeCloseTo(low, 4);
      expect(interval.high).toBeCloseTo(high, 4);
    }
  });

  it('narrows with a lower level', () => {
    const [wide, narrow] = [wilsonInterval(8, 10, 0.99)!, wilsonInterval(8, 10, 0.8)!];
    expect(narrow.low).toBeGreaterThan(wide.low);
    expect(narrow.high).toBeLessThan(wide.high);
  });

  it('covers the truth about as often as it says', () => {
    const coverage = simulate(2000, (random) => {
      let right = 0;
      for (let i = 0; i < 80; i++) if (random.uniform() < 0.85) right++;
      const { low, high } = wilsonInterval(right, 80)!;
      return low <= 0.85 && 0.85 <= high;
    });
    expect(coverage).toBeGreaterThan(0.93);
    expect(coverage).toBeLessThan(0.97);
  });

  it('treats ten copies of a product as one when they are one group', () => {
    const correct = Array.from({ length: 200 }, (_, row) => Math.floor(row / 10) % 4 !== 0);
    const groups = correct.map((_, row) => `product ${Math.floor(row / 10)}`);
    const clustered = clusteredWilson(correct, groups)!;
    const single = wilsonInterval(15, 20)!;
    expect(clustered.low).toBeCloseTo(single.low, 10);
    expect(clustered.high).toBeCloseTo(single.high, 10);
    const apart = clusteredWilson(
      correct,
      correct.map(() => undefined),
    )!;
    expect(apart).toEqual(wilsonInterval(150, 200));
    const allRight = clusteredWilson(
      correct.map(() => true),
      groups,
    )!;
    expect(allRight.low).toBeCloseTo(wilsonInterval(20, 20)!.low, 12);
    expect(clusteredWilson([], []), 'without rows').toBeUndefined();
  });
});

describe('exact binomial bounds', () => {
  it('need 59 right answers of 59 to promise 95 % with 5 % risk', () => {
    expect(clopperPearsonLower(59, 59, 0.05)).toBeGreaterThan(0.95);
    expect(clopperPearsonLower(58, 58, 0.05)).toBeLessThan(0.95);
    expect(binomialCdf(0, 59, 0.05)).toBeLessThan(0.05);
  });

  it('refuse more successes than trials', () => {
    expect(() => clopperPearsonLower(3, 2, 0.05)).toThrow(/must be in \[0, 2\]. Got 3/);
  });
});

describe('the bootstrap interval', () => {
  const random = new Random(5);
  const values = Array.from({ length: 200 }, () => random.normal());

  it('is a function of its seed', () => {
    const at = (seed: number) => bootstrapInterval(200, (rows) => mean(values, rows), { seed });
    expect(at(1)).toEqual(at(1));
    expect(at(1)).not.toEqual(at(2));
  });

  it('agrees with the normal interval for a mean', () => {
    const { low, high } = bootstrapInterval(200, (rows) => mean(values, rows), { seed: 1 })!;
    const average = values.reduce((a, b) => a + b, 0) / 200;
    const error = Math.sqrt(values.reduce((a, b) => a + (b - average) ** 2, 0)) / 200;
    expect(Math.abs(low - (average - 1.96 * error))).toBeLessThan(0.25 * error);
    expect(Math.abs(high - (average + 1.96 * error))).toBeLessThan(0.25 * error);
  });

  it('widens when rows of one group are drawn together', () => {
    const groups = values.map((_, row) => `g${row % 20}`);
    const grouped = values.map((_, row) => (row % 20) / 10);
    const statistic = (rows: Uint32Array) => mean(grouped, rows);
    const apart = bootstrapInterval(200, statistic, { seed: 1 })!;
    const together = bootstrapInterval(200, statistic, { seed: 1, groups })!;
    expect((together.high - together.low) / (apart.high - apart.low)).toBeGreaterThan(2.5);
  });

  it('draws groups of unequal size whole', () => {
    const groups = ['a', 'a', 'a', 'b', undefined];
    bootstrapInterval(
      5,
      (rows) => {
        const counts = [0, 0, 0, 0, 0];
        for (const row of rows) counts[row]!++;
        expect(counts[0]).toBe(counts[1]);
        expect(counts[1]).toBe(counts[2]);
        expect(counts[0]! + counts[3]! + counts[4]!).toBe(3);
        return 0;
      },
      { seed: 3, groups, resamples: 200 },
    );
  });

  it('honours level and number of resamples', () => {
    let calls = 0;
    const statistic = (rows: Uint32Array) => {
      calls++;
      return mean(values, rows);
    };
    const wide = bootstrapInterval(200, statistic, { seed: 1, level: 0.99, resamples: 300 })!;
    const narrow = bootstrapInterval(200, statistic, { seed: 1, level: 0.5, resamples: 300 })!;
    expect(calls).toBe(600);
    expect(wide.high - wide.low).toBeGreaterThan(2 * (narrow.high - narrow.low));
    expect(wide.level).toBe(0.99);
  });

  it('is undefined without rows and where the statistic mostly is', () => {
    expect(bootstrapInterval(0, () => 1, { seed: 1 })).toBeUndefined();
    expect(bootstrapInterval(3, () => undefined, { seed: 1 })).toBeUndefined();
    expect(bootstrapInterval(3, () => Number.NaN, { seed: 1 })).toBeUndefined();
  });

  it('interpolates quantiles as numpy does', () => {
    expect(quantile([1, 2, 3, 4], 0.25)).toBe(1.75);
    expect(quantile([7], 0.975)).toBe(7);
  });
});

describe('the bootstrap of sums', () => {
  const f1 = (right: number, total: number) => (total > 0 ? (2 * right) / total : undefined);

  it('gives the intervals of the plain bootstrap, for few rows and many, alone and in groups', () => {
    for (const count of [40, 900, 4000]) {
      const random = new Random(count);
      const rows = Array.from({ length: count }, () => {
        const right = random.uniform() < 0.8 ? 1 : 0;
        return [right, right + 1 + random.below(2)];
      });
      for (const groups of [
        undefined,
        rows.map((_, row) => (row % 3 ? `g${Math.floor(row / 7)}` : undefined)),
      ]) {
        const options = { seed: 1, resamples: 1500, ...(groups && { groups }) };
        const quick = bootstrapSums(rows, ([right, total]) => f1(right!, total!), options)!;
        const plain = bootstrapInterval(
          count,
          (drawn) => {
            let [right, total] = [0, 0];
            for (const row of drawn) {
              right += rows[row]![0]!;
              total += rows[row]![1]!;
            }
            return f1(right, total);
          },
          options,
        )!;
        const width = plain.high - plain.low;
        expect(Math.abs(quick.low - plain.low)).toBeLessThan(0.12 * width);
        expect(Math.abs(quick.high - plain.high)).toBeLessThan(0.12 * width);
      }
    }
  });

  it('is a function of its seed, honours its options and is undefined where the statistic is', () => {
    const rows = [...Array(60).keys()].map((i) => [i % 3 ? 1 : 0, 2]);
    const share = ([right, total]: readonly number[]) => f1(right!, total!);
    expect(bootstrapSums(rows, share, { seed: 1 })).toEqual(bootstrapSums(rows, share, { seed: 1 }));
    expect(bootstrapSums(rows, share, { seed: 1 })).not.toEqual(bootstrapSums(rows, share, { seed: 2 }));
    const narrow = bootstrapSums(rows, share, { seed: 1, level: 0.5, resamples: 100 })!;
    expect(narrow.level).toBe(0.5);
    expect(narrow.low).toBeGreaterThan(bootstrapSums(rows, share, { seed: 1 })!.low);
    expect(bootstrapSums([], share, { seed: 1 })).toBeUndefined();
    expect(bootstrapSums(rows, () => undefined, { seed: 1 })).toBeUndefined();
    expect(bootstrapSums([[1, 2]], share, { seed: 1 })).toMatchObject({ low: 1, high: 1 });
  });
});
