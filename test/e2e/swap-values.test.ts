/** `training.swapValues` reaches the training texts, and a run with it is still a function of its seed. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { configSchema } from '../../src/attune/config.ts';
import { train } from '../../src/attune.ts';
import { workspace } from './attune.ts';

const { folder } = workspace('swap-values');
const COLORS = ['red', 'blue', 'teal', 'pink'];

it('values are swapped in training, the same way each time', async () => {
  const path = join(folder(), 'mugs.jsonl');
  const lines = Array.from({ length: 32 }, (_, i) => {
    const color = COLORS[i % COLORS.length];
    return JSON.stringify({ id: String(i), title: `mug ${i} in ${color}`, color });
  });
  writeFileSync(path, `${lines.join('\n')}\n`);
  const lossWith = async (swapValues: number) => {
    const { history } = await train({
      config: configSchema.parse({
        data: { path, id: 'id', split: { by: 'hash', dev: 0, test: 0 } },
        inputs: { title: 'text' },
        attributes: { color: 'extract' },
        model: { layers: 1, width: 32, vocabulary: 256 },
        training: { epochs: 1, threads: 1, batchSize: 8, swapValues },
      }),
      out: join(folder(), 'model'),
    });
    return history[0]!.trainLoss;
  };
  const plain = await lossWith(0);
  const swapped = await lossWith(0.9);
  expect(swapped).not.toBe(plain);
  expect(await lossWith(0.9)).toBe(swapped);
});
