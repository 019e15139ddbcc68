import { expect, it } from 'vitest';
import { input, parameter, sum } from '../../graph/builder.ts';
import { gradient } from '../../graph/gradient.ts';
import { Session } from '../../graph/session.ts';
import { batchStatistics } from './batch-norm.ts';
import { scopeOf } from './scope.ts';

const WIDTH = 2;
const vector = (...data: number[]) => ({
  dtype: 'float32' as const,
  dims: [WIDTH],
  data: Float32Array.from(data),
});
const START = {
  weight: vector(1, 2),
  bias: vector(0, 1),
  running_mean: vector(3, 4),
  running_var: vector(5, 6),
};

/** One picture of one pixel: nothing varies. */
async function onePixel(counts: number) {
  const { norm, carried } = batchStatistics(input('counts', 'float32', []));
  const x = input('x', 'float32', ['batch', WIDTH, 1, 1]);
  const y = norm(
    x,
    scopeOf((name) => parameter(name, [WIDTH])),
    1e-5,
  );
  const [dx] = gradient(sum(y), [x]);
  const session = await Session.create(
    { y, dx: dx!, mean: carried[0]!.next, variance: carried[1]!.next },
    { threads: 1 },
  );
  const given: Record<string, (typeof START)['weight']> = {
    ...START,
    x: { ...vector(7, 9), dims: [1, WIDTH, 1, 1] },
    counts: { dtype: 'float32', dims: [], data: Float32Array.of(counts) },
  };
  const asked = session.inputs.map(({ name }) => [name, given[name]!] as const);
  const results = await session.run(Object.fromEntries(asked));
  await session.close();
  return Object.fromEntries(
    Object.entries(results).map(([name, { data }]) => [name, [...(data as Float32Array)]]),
  );
}

it('is finite where a channel has one number in the batch', async () => {
  const { y, dx, variance } = await onePixel(1);
  expect(y).toEqual([0, 1]);
  expect(dx!.every(Number.isFinite)).toBe(true);
  expect(variance!.map((value) => Math.round(value * 100) / 100)).toEqual([4.5, 5.4]);
});

it('leaves the averages as they are where the batch does not count', async () => {
  const { mean, variance } = await onePixel(0);
  expect(mean).toEqual([3, 4]);
  expect(variance).toEqual([5, 6]);
});
