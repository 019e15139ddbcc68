import { expect, it } from 'vitest';
import { smallProcessor } from '../features/image/small-processor.ts';
import { type AttributeModelSpec, FUSION_KINDS, type FusionKind } from '../models/attribute/spec.ts';
import { gigabytes } from './gigabytes.ts';
import { checkMemory, estimateMemory, type MemorySettings } from './memory.ts';

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
/** Elements of the word table, the largest tensor. */
const TABLE = 30_522 * 768;

const settings: MemorySettings = {
  spec,
  model: { freezeEmbeddings: false, fusion: 'gated' },
  training: {
    optimizer: 'adamw',
    momentum: 0.9,
    averageDecay: null,
    batchSize: 32,
    maxTokensPerMicroBatch: 4096,
    pretrainEpochs: 0,
    ensemble: 1,
  },
};
const withTraining = (training: Partial<MemorySettings['training']>): MemorySettings => ({
  ...settings,
  training: { ...settings.training, ...training },
});

it('counts weights, what the optimiser keeps beside each, and one more copy', () => {
  const { weights, gradients } = estimateMemory(settings);
  const parameters = weights / 4 / 4;
  expect(parameters).toBeGreaterThan(108e6);
  expect(parameters).toBeLessThan(111e6);
  expect(gradients).toBe(4 * (parameters + TABLE));
  expect(estimateMemory(withTraining({ optimizer: 'sgd' })).weights).toBe(4 * parameters * 3);
  expect(estimateMemory(withTraining({ optimizer: 'sgd', momentum: 0 })).weights).toBe(4 * parameters * 2);
  expect(estimateMemory(withTraining({ averageDecay: 0.99 })).weights).toBe(4 * parameters * 5);
});

it('frozen word vectors come once, without gradients', () => {
  const frozen = estimateMemory({ ...settings, model: { freezeEmbeddings: true, fusion: 'gated' } });
  const whole = estimateMemory(settings);
  // Words, positions and segments with their norm: each three times less.
  const embeddings = TABLE + 512 * 768 + 2 * 768 + 2 * 768;
  expect(whole.weights - frozen.weights).toBe(4 * embeddings * 3);
  expect(whole.gradients - frozen.gradients).toBe(4 * (embeddings + TABLE - 768 * 3072));
});

it('a smaller micro-batch needs less, and adds up gradients where it cuts a step', () => {
  const small = estimateMemory(withTraining({ maxTokensPerMicroBatch: 1024 }));
  const whole = estimateMemory(settings);
  expect(small.activations).toBeLessThan(whole.activations / 3);
  expect(small.gradients - 4 * TABLE).toBe(3 * (whole.gradients - 4 * TABLE));
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

const SIDE = 64;
const fused: AttributeModelSpec = {
  ...spec,
  media: [
    {
      field: 'photo',
      kind: 'image',
      most: 1,
      encoder: { model_type: 'attune-image-small', image_height: SIDE, image_width: SIDE },
      fresh: true,
      processor: smallProcessor({ height: SIDE, width: SIDE }),
    },
  ],
};
const joinedBy = (fusion: MemorySettings['model']['fusion'], kind: FusionKind) =>
  estimateMemory({
    ...settings,
    spec: { ...fused, fusion: kind },
    model: { ...settings.model, fusion },
  });

it('auto takes what the costliest way to join modalities takes, and one model beside it', () => {
  const each = FUSION_KINDS.map((kind) => joinedBy(kind, kind));
  const auto = joinedBy('auto', 'gated');
  expect(joinedBy('attention', 'attention').total).toBeGreaterThan(joinedBy('gated', 'gated').total);
  const costliest = each.reduce((a, b) => (b.total > a.total ? b : a));
  expect(auto.activations).toBe(costliest.activations);
  expect(auto.total - costliest.total).toBeGreaterThan(4 * 108e6);
  expect(auto.total - costliest.total).toBeLessThan(4 * 130e6);
});

it('members of an ensemble are held when they are trained', () => {
  const one = estimateMemory(settings).weights;
  expect(estimateMemory(withTraining({ ensemble: 3 })).weights - one).toBe(2 * (one / 4));
});
