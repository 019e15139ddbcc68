import { expect, it } from 'vitest';
import { input, maxPool, sum } from '../../src/graph/builder.ts';
import { gradient } from '../../src/graph/gradient.ts';
import { Session } from '../../src/graph/session.ts';

it('of equal maxima of a window the first gets the gradient, and overlapping windows add up, as in PyTorch', async () => {
  const x = input('x', 'float32', ['batch', 1, 3, 3]);
  const [dx] = gradient(sum(maxPool(x, 2)), [x]);
  const session = await Session.create({ dx: dx! }, { threads: 1 });
  const plane = [1, 1, 0, 1, 1, 0, 0, 0, 0];
  const data = Float32Array.from([...plane, ...plane.map((value) => -value)]);
  const result = await session.run({ x: { dtype: 'float32', dims: [2, 1, 3, 3], data } });
  await session.close();
  // torch.nn.functional.max_pool2d(x, 2, 1).sum().backward()
  expect([...result.dx!.data]).toEqual([1, 1, 0, 1, 1, 0, 0, 0, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0]);
});
