import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Random } from '../../base/random.ts';
import { categoryCount, categoryEncoder, fitCategory, MISSING_ID, UNKNOWN_ID } from './category-encoding.ts';
import { heavyValues } from './heavy-values.ts';
import { encodeNumber, fitNumber, numberNames } from './number-encoding.ts';
import { quantileSketch } from './quantile-sketch.ts';

const finite = fc.double({ min: -1e6, max: 1e6, noNaN: true });

describe('quantileSketch', () => {
  test('is exact while the values fit', () => {
    fc.assert(
      fc.property(
        fc.array(finite, { minLength: 1, maxLength: 60 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (values, rank) => {
          const sketch = quantileSketch(1, 64);
          for (const x of values) sketch.add(x);
          const sorted = [...values].sort((a, b) => a - b);
          const place = rank * (values.length - 1);
          const [low, high] = [sorted[Math.floor(place)]!, sorted[Math.ceil(place)]!];
          const wanted = low + (high - low) * (place - Math.floor(place));
          expect(Math.abs(sketch.quantiles([rank])[0]! - wanted)).toBeLessThan(
            1e-9 * (1 + Math.abs(low) + Math.abs(high)),
          );
        },
      ),
    );
  });

  test('of half a million values, in any order, no rank is off by more than 0.2 %', () => {
    const count = 500_000;
    const random = new Random(3);
    const shuffled = Float64Array.from({ length: count }, (_, i) => i);
    for (let i = count - 1; i > 0; i--) {
      const j = random.below(i + 1);
      [shuffled[i], shuffled[j]] = [shuffled[j]!, shuffled[i]!];
    }
    for (const order of [shuffled, shuffled.slice().sort()]) {
      const sketch = quantileSketch(7);
      for (const x of order) sketch.add(x);
      const ranks = [0, 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 1];
      for (const [i, x] of sketch.quantiles(ranks).entries())
        expect(Math.abs(x / (count - 1) - ranks[i]!)).toBeLessThan(0.002);
      expect(sketch.count()).toBe(count);
    }
  });
});

describe('numbers', () => {
  test('are in one unit, however suppliers write them', () => {
    const fit = fitNumber({ unit: 'g', bins: 4 });
    const cells = ['0.5 kg', '500', '500 g', '1.1 lb', '', null, 'heavy', 'NaN', '2 m'];
    expect(cells.map((cell) => fit.add(cell).state)).toEqual([
      'number',
      'number',
      'number',
      'number',
      'missing',
      'missing',
      'unreadable',
      'unreadable',
      'unreadable',
    ]);
    const encoding = fit.finish();
    expect(encoding.edges[0]).toBeCloseTo(498.95, 1);
    expect(encoding.edges.at(-1)).toBe(500);
  });

  test('missing is its own value; others are in range, rise with the number, and are clamped outside', () => {
    fc.assert(
      fc.property(fc.array(finite, { minLength: 1, maxLength: 300 }), finite, finite, (train, a, b) => {
        const fit = fitNumber();
        for (const x of train) fit.add(x);
        const encoding = JSON.parse(JSON.stringify(fit.finish()));
        const names = numberNames(encoding);
        const missing = encodeNumber(undefined, encoding);
        expect([...missing]).toEqual(names.map((_, i) => (i === 0 ? 1 : 0)));
        const [low, high] = [encodeNumber(Math.min(a, b), encoding), encodeNumber(Math.max(a, b), encoding)];
        expect(low.length).toBe(names.length);
        for (const [i, x] of low.entries()) expect(high[i]).toBeGreaterThanOrEqual(x);
        for (const x of [...low.subarray(2), ...high.subarray(2)]) {
          expect(x).toBeGreaterThanOrEqual(0);
          expect(x).toBeLessThanOrEqual(1);
        }
        expect(Math.abs(low[1]!)).toBeLessThan(1.74);
        expect(encodeNumber(Math.max(...train) + 1e7, encoding)).toEqual(
          encodeNumber(Math.max(...train), encoding),
        );
        expect(encodeNumber(Math.min(...train) - 1e7, encoding)).toEqual(
          encodeNumber(Math.min(...train), encoding),
        );
      }),
    );
  });

  test('the quantile transform has mean 0 and variance 1 on what it was learned from', () => {
    const random = new Random(11);
    const train = Array.from({ length: 20_000 }, () => Math.exp(2 * random.normal()));
    const fit = fitNumber();
    for (const x of train) fit.add(x);
    const encoding = fit.finish();
    const places = train.map((x) => encodeNumber(x, encoding)[1]!);
    const mean = places.reduce((a, b) => a + b, 0) / places.length;
    expect(Math.abs(mean)).toBeLessThan(0.01);
    expect(places.reduce((sum, x) => sum + (x - mean) ** 2, 0) / places.length).toBeCloseTo(1, 1);
  });

  test('a column that was always empty, or always the same, still encodes', () => {
    expect([...encodeNumber(5, fitNumber().finish())]).toEqual([0, 0]);
    const fit = fitNumber();
    for (let i = 0; i < 10; i++) fit.add(3);
    expect([...encodeNumber(3, fit.finish())]).toEqual([0, 0]);
  });
});

describe('categories', () => {
  test('frequent values have ids, by frequency; rare, unseen and empty cells have theirs', () => {
    const fit = fitCategory({ minCount: 2 });
    for (const cell of ['Red', 'navy blue', 'red', 'RED ', 'Navy-Blue', 'teal', '', null]) fit.add(cell);
    const encoding = JSON.parse(JSON.stringify(fit.finish()));
    expect(encoding).toEqual({ values: ['Red', 'navy blue'] });
    const idOf = categoryEncoder(encoding);
    expect(['red', 'Navy Blue', 'teal', 'mauve', ' ', undefined].map(idOf)).toEqual([
      2,
      3,
      UNKNOWN_ID,
      UNKNOWN_ID,
      MISSING_ID,
      MISSING_ID,
    ]);
    expect(categoryCount(encoding)).toBe(4);
  });

  test('the table has no more rows than asked for', () => {
    const fit = fitCategory({ minCount: 1, maxValues: 3 });
    for (let i = 0; i < 50; i++) fit.add(`value ${i % 10}`);
    expect(fit.finish().values).toHaveLength(3);
  });

  test('in bounded memory counts are exact up to the error that is told', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(40), { maxLength: 500 }),
        fc.integer({ min: 1, max: 10 }),
        (numbers, capacity) => {
          const heavy = heavyValues(capacity);
          const exact = new Map<string, number>();
          for (const n of numbers) {
            heavy.add(String(n));
            exact.set(String(n), (exact.get(String(n)) ?? 0) + 1);
          }
          const counted = new Map(heavy.counts());
          expect(counted.size).toBeLessThanOrEqual(2 * capacity);
          expect(heavy.error()).toBeLessThanOrEqual(numbers.length / capacity);
          for (const [value, count] of exact) {
            expect(counted.get(value) ?? 0).toBeLessThanOrEqual(count);
            expect(counted.get(value) ?? 0).toBeGreaterThanOrEqual(count - heavy.error());
          }
        },
      ),
    );
  });
});
