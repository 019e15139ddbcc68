import { describe, expect, it } from 'vitest';
import { parameterSize } from '../layers/parameters.ts';
import { carriedAlongPictures } from './carried-along.ts';
import { IMAGE_MODEL_TYPES, openImageArchitecture, openPairArchitecture } from './registry.ts';

const RESNET_18 = { hidden_sizes: [64, 128, 256, 512], depths: [2, 2, 2, 2], layer_type: 'basic' };
const SMALL = { hidden_size: 384, num_attention_heads: 6, intermediate_size: 1536 };

function catchError(run: () => unknown): { code: string; message: string; hint?: string } {
  try {
    run();
  } catch (error) {
    return error as { code: string; message: string; hint?: string };
  }
  throw new Error('Nothing was thrown.');
}

describe('openImageArchitecture', () => {
  // What `sum(p.numel() for p in model.parameters())` gives in transformers, without the pooler.
  it.each([
    ['vit-base', { model_type: 'vit' }, 85_798_656],
    ['deit-small', { model_type: 'deit', ...SMALL }, 21_666_432],
    ['resnet-18', { model_type: 'resnet', ...RESNET_18 }, 11_176_512],
    ['resnet-50', { model_type: 'resnet' }, 23_508_032],
    ['convnext-tiny', { model_type: 'convnext' }, 27_820_128],
    ['clip-vit-base', { model_type: 'clip_vision_model' }, 87_456_000],
  ] as const)('counts the parameters of %s as transformers does', (_, config, expected) => {
    const learned = openImageArchitecture(config).parameters.filter(({ fixed }) => !fixed);
    expect(learned.reduce((total, spec) => total + parameterSize(spec), 0)).toBe(expected);
  });

  it.each([
    ['clip', 151_277_313],
    ['siglip', 203_155_970],
  ])('counts the parameters of both towers of %s as transformers does', (model_type, expected) => {
    const { parameters } = openPairArchitecture({ model_type });
    expect(parameters.reduce((total, spec) => total + parameterSize(spec), 0)).toBe(expected);
  });

  it('names the architectures it knows, and the nearest, when it meets another', () => {
    const error = catchError(() => openImageArchitecture({ model_type: 'resnt' }));
    expect(error.code).toBe('models/architecture-unsupported');
    expect(error.message).toContain('Attune knows attune-image-small, vit');
    expect(error.hint).toBe('Did you mean resnet?');
  });

  it.each([
    [{ model_type: 'convnext', drop_path_rate: 0.1 }, 'drop_path_rate'],
    [{ model_type: 'siglip_vision_model', vision_use_head: false }, 'vision_use_head'],
    [{ model_type: 'vit', hidden_act: 'mish' }, 'hidden_act'],
  ] as const)('refuses %o, which would be another computation', (config, key) => {
    const error = catchError(() => openImageArchitecture(config));
    expect(error.code).toBe('models/architecture-unsupported');
    expect(error.message).toContain(key);
  });

  it.each([
    [{ model_type: 'vit', image_size: 8 }, 'smaller than a patch'],
    [{ model_type: 'vit', patch_size: [16] }, 'patch_size'],
    [{ model_type: 'vit', hidden_size: 770 }, '770'],
    [{ model_type: 'resnet', depths: [1, 2] }, 'depths'],
    [{ model_type: 'attune-image-small', depths: [1] }, 'depths'],
  ] as const)('refuses %o by the name of the key', (config, text) => {
    const error = catchError(() => openImageArchitecture(config));
    expect(error.code).toBe('models/config-invalid');
    expect(error.message).toContain(text);
  });
});

describe('carriedAlongPictures', () => {
  const matches = (patterns: readonly RegExp[], name: string) =>
    patterns.some((pattern) => pattern.test(name));

  it.each([
    ['vit', 'classifier.weight'],
    ['vit', 'vit.pooler.dense.bias'],
    ['deit', 'distillation_classifier.bias'],
    ['resnet', 'classifier.1.weight'],
    ['resnet', 'resnet.embedder.embedder.normalization.num_batches_tracked'],
    ['clip', 'text_model.encoder.layers.0.mlp.fc1.weight'],
    ['clip', 'vision_model.embeddings.position_ids'],
    ['clip', 'visual_projection.weight'],
    ['siglip', 'logit_bias'],
  ])('lets %s checkpoints have %s', (model_type, name) => {
    expect(matches(carriedAlongPictures(openImageArchitecture({ model_type })), name)).toBe(true);
  });

  it.each(IMAGE_MODEL_TYPES)('hides no parameter of %s', (model_type) => {
    const encoder = openImageArchitecture({ model_type });
    const patterns = carriedAlongPictures(encoder);
    const names = encoder.parameters.map(({ name }) => encoder.prefix + name);
    expect(names.filter((name) => matches(patterns, name))).toEqual([]);
  });
});
