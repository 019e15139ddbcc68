import fc from 'fast-check';
import { expect, it } from 'vitest';
import { steps } from './batches.ts';

async function* chunks(items: readonly number[], size: number): AsyncGenerator<readonly number[]> {
  for (let from = 0; from < items.length; from += size) yield items.slice(from, from + size);
}

async function collected(items: readonly number[], batchSize: number, seed: number, epoch = 0, size = 7) {
  const found: (readonly number[])[] = [];
  for await (const step of steps(chunks(items, size), (x) => x, { batchSize, seed, epoch })) found.push(step);
  return found;
}

it('every product is in one step, and steps are full but for one', () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 99 }), { maxLength: 300 }),
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 1, max: 50 }),
      async (items, batchSize, size) => {
        const found = await collected(items, batchSize, 3, 0, size);
        expect(found.flat().sort((a, b) => a - b)).toEqual([...items].sort((a, b) => a - b));
        expect(found).toHaveLength(Math.ceil(items.length / batchSize));
        expect(found.filter((step) => step.length !== batchSize).length).toBeLessThanOrEqual(1);
      },
    ),
    { numRuns: 40 },
  ));

const items = Array.from({ length: 200 }, (_, i) => (i * 37) % 101);

it('steps are a function of the seed and the epoch, whatever the pieces that products come in', async () => {
  const first = await collected(items, 8, 1, 2, 7);
  expect(await collected(items, 8, 1, 2, 50)).toEqual(first);
  expect(await collected(items, 8, 2, 2, 7)).not.toEqual(first);
  expect(await collected(items, 8, 1, 3, 7)).not.toEqual(first);
});

it('products of like length go together, so that little is padding', async () => {
  const padded = (found: readonly (readonly number[])[]) =>
    found.reduce((total, step) => total + step.length * Math.max(...step), 0);
  const asTheyCome = Array.from({ length: 25 }, (_, i) => items.slice(i * 8, i * 8 + 8));
  expect(padded(await collected(items, 8, 1))).toBeLessThan(0.75 * padded(asTheyCome));
});
