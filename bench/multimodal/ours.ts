/** One of our models on a data set: trained as `attune train` does, its test figures read from the result. */

import { configSchema } from '../../src/attune/config.ts';
import { type TrainResult, train } from '../../src/attune.ts';
import type { Sides } from './data.ts';

export type Plan = {
  readonly inputs: Record<string, unknown>;
  readonly attributes: Record<string, unknown>;
  readonly model: Record<string, unknown>;
  readonly training: Record<string, unknown>;
  /** Share of the training rows that choose the epoch and how much each part of the model counts. */
  readonly devShare?: number;
};

const DEV_SHARE = 0.06;

/** @returns what training gave, and how long it took in seconds, from the file to the test figures */
export async function trainOurs(
  { train: path, test }: Sides,
  { inputs, attributes, model, training, devShare = DEV_SHARE }: Plan,
  { out, say }: { readonly out: string; say(text: string): void },
): Promise<{ readonly result: TrainResult; readonly seconds: number }> {
  const config = configSchema.parse({
    data: {
      path,
      group: 'group_key',
      split: { by: 'files', files: { test }, dev: devShare },
    },
    inputs,
    attributes,
    model,
    training,
  });
  const start = performance.now();
  const result = await train({
    config,
    out,
    onEpoch: ({ epoch, trainLoss, devScore }) =>
      say(
        `    epoch ${epoch}: loss ${trainLoss.toFixed(4)}, dev ${devScore?.toFixed(4) ?? 'none'}, ${((performance.now() - start) / 1000).toFixed(0)} s`,
      ),
  });
  return { result, seconds: (performance.now() - start) / 1000 };
}
