import { describe, expect, it } from 'vitest';
import { input } from '../graph/builder.ts';
import { evaluate } from '../graph/reference.ts';
import { Session } from '../graph/session.ts';
import type { Pooling } from '../models/checkpoint/pooling.ts';
import { pool } from './embed-pooling.ts';

/** Two texts of three and two tokens; the last row of the second is padding. */
const HIDDEN = [1, -2, 3, 4, 5, 0, -1, -8, -3, -4, 99, 99];
const MASK = [1, 1, 1, 1, 1, 0];

async function pooled(pooling: Pooling): Promise<number[]> {
  const hidden = input('hidden', 'float32', ['batch', 'tokens', 2]);
  const mask = input('mask', 'int32', ['batch', 'tokens']);
  const y = pool(hidden, mask, pooling);
  const session = await Session.create({ y }, { threads: 1 });
  const result = await session.run({
    hidden: { dtype: 'float32', dims: [2, 3, 2], data: Float32Array.from(HIDDEN) },
    mask: { dtype: 'int32', dims: [2, 3], data: Int32Array.from(MASK) },
  });
  await session.close();
  const [reference] = evaluate([y], {
    hidden: { shape: [2, 3, 2], data: Float64Array.from(HIDDEN) },
    mask: { shape: [2, 3], data: Float64Array.from(MASK) },
  });
  const values = [...result.y!.data];
  values.forEach((value, i) => {
    expect(value).toBeCloseTo(reference!.data[i]!, 5);
  });
  return values;
}

describe('pool', () => {
  it.each([
    { mode: 'cls', expected: [1, -2, -1, -8] },
    { mode: 'mean', expected: [3, 2 / 3, -2, -6] },
    { mode: 'max', expected: [5, 4, -1, -4] },
    {
      mode: 'mean_sqrt_len_tokens',
      expected: [9 / Math.sqrt(3), 2 / Math.sqrt(3), -4 / Math.sqrt(2), -12 / Math.sqrt(2)],
    },
    { mode: 'weightedmean', expected: [(1 + 6 + 15) / 6, (-2 + 8) / 6, (-1 - 6) / 3, (-8 - 8) / 3] },
    { mode: 'lasttoken', expected: [5, 0, -3, -4] },
  ] as const)('takes $mode without the padding', async ({ mode, expected }) => {
    const values = await pooled({ modes: [mode], normalize: false });
    expected.forEach((value, i) => {
      expect(values[i]).toBeCloseTo(value, 5);
    });
  });

  it('joins several, in their order, and scales the whole to length 1', async () => {
    const values = await pooled({ modes: ['cls', 'lasttoken'], normalize: true });
    const lengths = [Math.hypot(1, -2, 5, 0), Math.hypot(-1, -8, -3, -4)];
    const expected = [1, -2, 5, 0, -1, -8, -3, -4].map((v, i) => v / lengths[i < 4 ? 0 : 1]!);
    expected.forEach((value, i) => {
      expect(values[i]).toBeCloseTo(value, 5);
    });
  });
});
