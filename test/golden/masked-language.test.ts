/** Masked-language training against PyTorch's, from the same small random checkpoint (masked-language/generate.py). */
import { describe, expect, it } from 'vitest';
import { gradient } from '../../src/graph/gradient.ts';
import { Session, type Value, type Values } from '../../src/graph/session.ts';
import { State } from '../../src/graph/state.ts';
import { openArchitecture } from '../../src/models/architectures/registry.ts';
import { noDropout } from '../../src/models/layers/dropout.ts';
import { trainingSchema } from '../../src/training/config.ts';
import { meanLoss } from '../../src/training/losses.ts';
import { maskedGraph } from '../../src/training/masked-tokens.ts';
import { maskedTrainer } from '../../src/training/recipes/pretrain-text.ts';
import { scheduleFactor } from '../../src/training/schedules.ts';
import type { MicroBatch } from '../../src/training/step.ts';
import { readFixture, readJson, relativeError } from './fixture.ts';

const FOLDER = new URL('./masked-language/fixtures/', import.meta.url);
const encoder = openArchitecture(readJson(new URL('config.json', FOLDER)));
const batches = readFixture(new URL('batches.safetensors', FOLDER));
const expected = readFixture(new URL('expected.safetensors', FOLDER));
const { training, losses, ...figures } = readJson<{
  training: Record<'learningRate' | 'warmupSteps' | 'totalSteps' | 'steps', number> & object;
  losses: readonly number[];
  batches: readonly { loss: number; hits: number }[];
}>(new URL('expected.json', FOLDER));

const bare = (name: string) => (name.startsWith(encoder.prefix) ? name.slice(encoder.prefix.length) : name);
const stored = Object.entries(readFixture(new URL('model.safetensors', FOLDER)));
const weights: Values = Object.fromEntries(stored.map(([name, value]) => [bare(name), value]));

function batch(b: number): MicroBatch {
  const [ids, guessed, answers] = ['ids', 'guessed', 'answers'].map((name) => batches[`${b}.${name}`]!);
  const mask: Value = { ...ids!, data: new Int32Array(ids!.data.length).fill(1) };
  return { values: { ids: ids!, mask, guessed: guessed!, answers: answers! }, weight: answers!.dims[0]! };
}

describe('masked-language training', () => {
  it('computes the logits, losses, right guesses and gradients of PyTorch', async () => {
    const { loss, hits, logits, parameters } = maskedGraph(encoder, noDropout);
    const gradients = gradient(meanLoss(loss), [...parameters.values()]);
    const session = await Session.create(
      {
        logits,
        hits,
        loss: meanLoss(loss),
        ...Object.fromEntries([...parameters.keys()].map((name, i) => [`gradient.${name}`, gradients[i]!])),
      },
      { threads: 1 },
    );
    for (const [b, want] of figures.batches.entries()) {
      const result = await session.run({ ...weights, ...batch(b).values });
      expect(result.loss!.data[0]).toBeCloseTo(want.loss, 5);
      expect(result.hits!.data[0]).toBe(want.hits);
      if (b > 0) continue;
      expect(relativeError(result.logits!, expected.logits!)).toBeLessThan(2e-6);
      const names = Object.keys(expected).filter((name) => name.startsWith('gradient.'));
      expect(names.map((name) => bare(name.slice('gradient.'.length))).sort()).toEqual(
        [...parameters.keys()].sort(),
      );
      for (const name of names) {
        const own = result[`gradient.${bare(name.slice('gradient.'.length))}`]!;
        expect([name, relativeError(own, expected[name]!, 5e-3) < 2e-5]).toEqual([name, true]);
      }
    }
    await session.close();
  });

  it('takes ten steps with the losses of PyTorch: decay, clipping and schedule are the same', async () => {
    const state = new State();
    for (const [name, { dims, data }] of Object.entries(weights))
      state.set(name, dims, (data as Float32Array).slice());
    const { warmupSteps, totalSteps, steps, ...optimiser } = training;
    const config = trainingSchema.parse({ ...optimiser, threads: 1 });
    const { trainer } = await maskedTrainer(encoder, state, config, noDropout);
    const schedule = { kind: 'linear', warmupSteps, totalSteps } as const;
    for (let step = 0; step < steps; step++) {
      const rate = training.learningRate * scheduleFactor(schedule, step);
      const { loss } = await trainer.step([batch(step % figures.batches.length)], rate, step + 1, 1);
      expect(Math.abs(loss - losses[step]!) / losses[step]!, `step ${step}: ${loss}`).toBeLessThan(5e-5);
    }
    await trainer.close();
  });
});
