import { describe, expect, it } from 'vitest';
import { input } from '../graph/builder.ts';
import { Session, type Value } from '../graph/session.ts';
import { meanLoss } from './losses.ts';
import { PAIR_LOSSES } from './pair-losses.ts';

const square = (...data: number[]): Value => {
  const side = Math.sqrt(data.length);
  return { dtype: 'float32', dims: [side, side], data: Float32Array.from(data) };
};

async function lossOf(kind: 'clip' | 'siglip', logits: Value, alike?: Value): Promise<number> {
  const [n, m] = [input('logits', 'float32', ['n', 'n']), input('alike', 'float32', ['n', 'n'])];
  const loss = meanLoss(PAIR_LOSSES[kind](n, alike && m));
  const session = await Session.create({ loss }, { threads: 1 });
  const result = await session.run({ logits, ...(alike ? { alike } : {}) });
  await session.close();
  return result.loss!.data[0]!;
}

// What PyTorch computes of them is in test/golden/pair-architectures.test.ts.
describe.each(['clip', 'siglip'] as const)('the loss of %s', (kind) => {
  it('is lower where pairs are nearer than strangers', async () => {
    const [near, far] = [square(4, -4, -4, 4), square(-4, 4, 4, -4)];
    expect(await lossOf(kind, near)).toBeLessThan(0.1);
    expect(await lossOf(kind, far)).toBeGreaterThan(4);
  });

  it('counts no pair of alike products as strangers', async () => {
    // Products 0 and 1 have equal titles, so their logits are equal too; product 2 is another.
    const logits = square(6, 6, -6, 6, 6, -6, -6, -6, 6);
    const alike = square(0, 1, 0, 1, 0, 0, 0, 0, 0);
    expect(await lossOf(kind, logits)).toBeGreaterThan(0.4);
    expect(await lossOf(kind, logits, alike)).toBeLessThan(0.02);
    expect(await lossOf(kind, logits, square(0, 0, 0, 0, 0, 0, 0, 0, 0))).toBe(await lossOf(kind, logits));
  });
});

it('gives a product that is alone in its batch, or among its likes, no loss under CLIP', async () => {
  expect(await lossOf('clip', square(3))).toBeCloseTo(0);
  expect(await lossOf('clip', square(3, 3, 3, 3), square(0, 1, 1, 0))).toBeCloseTo(0);
});
