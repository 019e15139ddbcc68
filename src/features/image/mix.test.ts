import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Random } from '../../base/random.ts';
import { mixBatch, mixTargets } from './mix.ts';

const SIZE = { height: 6, width: 8 };
const LENGTH = 3 * 6 * 8;
/** Picture i holds i everywhere. */
const batch = (count: number) =>
  Float32Array.from({ length: count * LENGTH }, (_, i) => Math.floor(i / LENGTH));
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

it('weighs pixels as it weighs labels, for mixup and CutMix', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('mixup', 'cutmix'),
      fc.integer({ min: 1, max: 6 }),
      fc.nat(),
      (kind, count, seed) => {
        const pixels = batch(count);
        const {
          partners,
          weight,
          pixels: mixed,
        } = mixBatch(pixels, SIZE, { kind, alpha: 1, probability: 1 }, new Random(seed));
        expect(pixels).toEqual(batch(count));
        expect([...partners].sort()).toEqual(Array.from({ length: count }, (_, i) => i));
        partners.forEach((partner, i) => {
          const own = [...mixed.subarray(i * LENGTH, (i + 1) * LENGTH)];
          expect(mean(own)).toBeCloseTo(weight * i + (1 - weight) * partner, 4);
          if (kind === 'cutmix') expect(own.every((value) => value === i || value === partner)).toBe(true);
        });
        const oneHot = Float32Array.from({ length: count * count }, (_, i) =>
          Math.floor(i / count) === i % count ? 1 : 0,
        );
        const soft = mixTargets(oneHot, { partners, weight });
        partners.forEach((partner, i) => {
          expect(soft[i * count + i]!).toBeCloseTo(partner === i ? 1 : weight, 6);
          expect(soft[i * count + partner]!).toBeCloseTo(partner === i ? 1 : 1 - weight, 6);
        });
      },
    ),
  );
});

it('leaves as many batches alone as asked', () => {
  const weights = Array.from(
    { length: 3000 },
    (_, seed) =>
      mixBatch(batch(2), SIZE, { kind: 'mixup', alpha: 0.4, probability: 0.3 }, new Random(seed)).weight,
  );
  expect(weights.filter((weight) => weight !== 1).length / 3000).toBeCloseTo(0.3, 1);
});

it.each([0.2, 1, 3])('draws weights from Beta(%d, same)', (alpha) => {
  const weights = Array.from(
    { length: 4000 },
    (_, seed) =>
      mixBatch(new Float32Array(LENGTH), SIZE, { kind: 'mixup', alpha, probability: 1 }, new Random(seed))
        .weight,
  );
  expect(mean(weights)).toBeCloseTo(0.5, 1);
  expect(mean(weights.map((weight) => (weight - 0.5) ** 2)) / (1 / (4 * (2 * alpha + 1)))).toBeCloseTo(1, 1);
});
