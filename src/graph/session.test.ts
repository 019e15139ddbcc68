import { expect, it } from 'vitest';
import { add, input, scalar, sum } from './builder.ts';
import { Session, type Value } from './session.ts';

const LENGTH = 4_000_000;
const large = (fill: number): Value => ({
  dtype: 'float32',
  dims: [LENGTH],
  data: new Float32Array(LENGTH).fill(fill),
});

it('results with a place of their own are written there, and nowhere else', async () => {
  const x = input('x', 'float32', [LENGTH]);
  const y = add(x, scalar(1));
  const session = await Session.create({ y, total: sum(y) }, { threads: 1 });
  const values = { x: large(1) };
  const into = { y: large(0) };
  const before = process.memoryUsage().arrayBuffers;
  const results = await session.run(values, into);
  const made = process.memoryUsage().arrayBuffers - before;
  await session.close();
  expect(results.y).toBe(into.y);
  expect(into.y.data[LENGTH - 1]).toBe(2);
  expect(results.total!.data[0]).toBe(2 * LENGTH);
  expect(made).toBeLessThan(LENGTH);
});

it('a result whose size is not known beforehand comes back beside one that has a place', async () => {
  const x = input('x', 'float32', ['rows']);
  const total = sum(x);
  const session = await Session.create({ total, y: add(x, scalar(1)) }, { threads: 1 });
  const into: Record<string, Value> = { total: { dtype: 'float32', dims: [], data: new Float32Array(1) } };
  const values = { x: { dtype: 'float32' as const, dims: [3], data: Float32Array.of(1, 2, 3) } };
  const results = await session.run(values, into);
  await session.close();
  expect(into.total!.data[0]).toBe(6);
  expect([...results.y!.data]).toEqual([2, 3, 4]);
});
