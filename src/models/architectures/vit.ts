/**
 * ViT: patches as tokens, a class token before them, pre-norm layers; Dosovitskiy et al. 2021,
 * https://arxiv.org/abs/2010.11929. DeiT has a second token, which a teacher trained; Touvron et al. 2021,
 * https://arxiv.org/abs/2012.12877. Parameter names and defaults are those of the checkpoints of transformers' `ViTModel`
 * and `DeiTModel`. The pooler (a dense layer on the class token) is not part of it: a picture's vector is the class token.
 */
import { z } from 'zod';
import { reshape, slice } from '../../graph/builder.ts';
import type { Rows } from '../layers/rows.ts';
import {
  parseConfig,
  positive,
  probability,
  type RawConfig,
  readActivation,
  requireEvenHeads,
  size,
} from './config.ts';
import type { ImageEncoder } from './encoder.ts';
import { bothSizes, patchesOf } from './image-config.ts';
import { belowLast, lastLayer, type VitPlan, vitParameters } from './vit-layers.ts';

const VIT_CONFIG = z.looseObject({
  hidden_size: size.default(768),
  num_hidden_layers: size.default(12),
  num_attention_heads: size.default(12),
  intermediate_size: size.default(3072),
  hidden_dropout_prob: probability.default(0),
  attention_probs_dropout_prob: probability.default(0),
  initializer_range: positive.default(0.02),
  layer_norm_eps: positive.default(1e-12),
  image_size: bothSizes.default([224, 224]),
  patch_size: bothSizes.default([16, 16]),
  num_channels: size.default(3),
  qkv_bias: z.boolean().default(true),
});

/** Learned tokens before the patches, the class token first. */
const TOKENS = { vit: ['cls_token'], deit: ['cls_token', 'distillation_token'] } as const;

export function vit(config: RawConfig, modelType: 'vit' | 'deit'): ImageEncoder {
  const parsed = parseConfig(VIT_CONFIG, config);
  requireEvenHeads(config, parsed.hidden_size, parsed.num_attention_heads);
  const [rows, columns] = patchesOf(config, parsed.image_size, parsed.patch_size);
  const bias = parsed.qkv_bias;
  const plan: VitPlan = {
    layer: {
      width: parsed.hidden_size,
      heads: parsed.num_attention_heads,
      intermediate: parsed.intermediate_size,
      activation: readActivation(config, 'hidden_act', 'gelu'),
      epsilon: parsed.layer_norm_eps,
      hiddenDropout: parsed.hidden_dropout_prob,
      attentionDropout: parsed.attention_probs_dropout_prob,
      biases: { query: bias, key: bias, value: bias },
    },
    layers: parsed.num_hidden_layers,
    channels: parsed.num_channels,
    patch: parsed.patch_size,
    stride: parsed.patch_size,
    patches: rows * columns,
    tokens: TOKENS[modelType],
    std: parsed.initializer_range,
  };
  return {
    modelType,
    prefix: `${modelType}.`,
    width: parsed.hidden_size,
    layers: plan.layers,
    channels: parsed.num_channels,
    height: parsed.image_size[0],
    imageWidth: parsed.image_size[1],
    parameters: vitParameters(plan),
    encode: (parameters, pixels, dropout) => {
      const below = belowLast(plan, parameters, pixels, dropout);
      const last = (rows: Rows) => lastLayer(plan, parameters, below, dropout, rows);
      const first = plan.tokens.length;
      return {
        tokens: slice(last('all'), 1, first, first + plan.patches),
        pooled: reshape(last('first'), [pixels.shape[0]!, plan.layer.width]),
      };
    },
  };
}
