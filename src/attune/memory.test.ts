import { expect, it } from 'vitest';
import type { AttributeModelSpec } from '../models/attribute/spec.ts';
import { checkMemory, estimateMemory, gigabytes, type MemorySettings } from './memory.ts';

/** BERT-base with a 20-class head: 110 M parameters. */
const spec: AttributeModelSpec = {
  encoder: {
    model_type: 'bert',
    vocab_size: 30_522,
    hidden_size: 768,
    num_hidden_layers: 12,
    num_attention_heads: 12,
    intermediate_size: 3072,
    max_position_embeddings: 512,
    type_vocab_size: 2,
  },
  vocabulary: undefined,
  pooling: 'mean',
  fields: [{ name: 'title', maxTokens: 128 }],
  categoryContext: false,
  maxTokens: 128,
  choices: [
    {
      attribute: 'kind',
      kind: 'choice',
      values: Array.from({ length: 20 }, (_, i) => `k${i}`),
      notApplicable: false,
    },
  ],
  numbers: [],
  spans: undefined,
};
const settings: MemorySettings = {
  spec,
  model: { freezeEmbeddings: false },
  training: {
    optimizer: 'adamw',
    momentum: 0.9,
    averageDecay: null,
    batchSize: 32,
    maxTokensPerMicroBatch: 4096,
    pretrainEpochs: 0,
  },
};
const withTraining = (training: Partial<MemorySettings['training']>): MemorySettings => ({
  ...settings,
  training: { ...settings.training, ...training },
});

it('weights come twice, and so do the moments of the optimiser', () => {
  const { weights, gradients } = estimateMemory(settings);
  const parameters = weights / 4 / 6;
  expect(parameters).toBeGreaterThan(108e6);
  expect(parameters).toBeLessThan(111e6);
  expect(gradients).toBe(4 * parameters);
  expect(estimateMemory(withTraining({ optimizer: 'sgd' })).weights).toBe(4 * parameters * 4);
  expect(estimateMemory(withTraining({ optimizer: 'sgd', momentum: 0 })).weights).toBe(4 * parameters * 2);
  expect(estimateMemory(withTraining({ averageDecay: 0.99 })).weights).toBe(4 * parameters * 8);
});

it('frozen word vectors come once, without gradients', () => {
  const frozen = estimateMemory({ ...settings, model: { freezeEmbeddings: true } });
  const whole = estimateMemory(settings);
  const table = (whole.gradients - frozen.gradients) / 4;
  expect(table).toBeGreaterThanOrEqual(30_522 * 768);
  expect(whole.weights - frozen.weights).toBe(4 * table * 5);
});

it('a smaller micro-batch needs less, and adds up gradients where it cuts a step', () => {
  const small = estimateMemory(withTraining({ maxTokensPerMicroBatch: 1024 }));
  const whole = estimateMemory(settings);
  expect(small.activations).toBeLessThan(whole.activations / 3);
  expect(small.gradients).toBe(3 * whole.gradients);
  expect(estimateMemory(withTraining({ pretrainEpochs: 1 })).activations).toBeGreaterThan(whole.activations);
});

it('what fits is let through; what does not is refused with settings that do fit', () => {
  const { total } = estimateMemory(settings);
  expect(checkMemory(settings, total).total).toBe(total);
  const refused = () => checkMemory(settings, 5e9);
  expect(total).toBeGreaterThan(5e9);
  expect(refused).toThrow(expect.objectContaining({ code: 'training/too-large' }));
  try {
    refused();
  } catch (error) {
    const { hint, message } = error as { hint: string; message: string };
    expect(message).toContain(gigabytes(total));
    const tokens = Number(/training\.maxTokensPerMicroBatch=(\d+)/.exec(hint)![1]);
    expect(estimateMemory(withTraining({ maxTokensPerMicroBatch: tokens })).total).toBeLessThanOrEqual(5e9);
  }
  expect(() => checkMemory(settings, 1e9)).toThrow(
    expect.objectContaining({ hint: expect.stringContaining('choose a smaller one') }),
  );
});
