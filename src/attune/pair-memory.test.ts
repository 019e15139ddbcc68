import { expect, it } from 'vitest';
import { smallProcessor } from '../features/image/small-processor.ts';
import { openPairArchitecture } from '../models/architectures/registry.ts';
import { SMALL_IMAGE } from '../models/architectures/small-image.ts';
import { SMALL_PAIR } from '../models/architectures/small-pair.ts';
import type { JsonObject } from '../models/checkpoint/files.ts';
import { parameterSize } from '../models/layers/parameters.ts';
import { gigabytes } from './gigabytes.ts';
import { checkPairMemory, pairMemory } from './pair-memory.ts';

const SIDE = 64;
const config: JsonObject = {
  model_type: SMALL_PAIR,
  projection_dim: 128,
  text_config: {
    model_type: 'bert',
    vocab_size: 8000,
    hidden_size: 192,
    num_hidden_layers: 4,
    num_attention_heads: 6,
    intermediate_size: 768,
    max_position_embeddings: 64,
    type_vocab_size: 2,
  },
  vision_config: { model_type: SMALL_IMAGE, image_height: SIDE, image_width: SIDE },
};
const start = {
  config,
  encoder: openPairArchitecture(config),
  processor: smallProcessor({ height: SIDE, width: SIDE }),
  maxTokens: 64,
  weights: undefined,
};

it('grows with the batch, all of which is computed at once, and holds the weights and what Adam keeps', () => {
  const weights = 4 * start.encoder.parameters.reduce((total, each) => total + parameterSize(each), 0);
  const one = pairMemory(start, { batchSize: 1 });
  expect(one).toBeGreaterThan(4 * weights);
  const [some, more] = [pairMemory(start, { batchSize: 65 }), pairMemory(start, { batchSize: 129 })];
  // A picture keeps 160 numbers a pixel, and is not all that a pair keeps.
  expect((some - one) / 64).toBeGreaterThan(4 * 160 * SIDE * SIDE);
  expect(more - some).toBeGreaterThan(some - one);
});

it('refuses what does not fit with a batch that does, before anything is started', () => {
  const settings = { batchSize: 256 };
  const needed = pairMemory(start, settings);
  expect(checkPairMemory(start, settings, needed)).toBe(needed);
  const refused = (available: number) => {
    try {
      return checkPairMemory(start, settings, available);
    } catch (error) {
      return error as { code: string; message: string; hint: string };
    }
  };
  const told = refused(needed / 2) as { code: string; message: string; hint: string };
  expect(told).toMatchObject({
    code: 'training/too-large',
    message: expect.stringContaining(gigabytes(needed)),
  });
  const batchSize = Number(/align\.batchSize=(\d+)/.exec(told.hint)![1]);
  expect(pairMemory(start, { batchSize })).toBeLessThanOrEqual(needed / 2);
  expect(refused(1e6)).toMatchObject({ hint: expect.stringContaining('No batch of it fits') });
});
