/**
 * AST: a ViT over overlapping patches of a spectrogram; Gong et al. 2021, https://arxiv.org/abs/2104.01778. Parameter names and
 * defaults are those of transformers' `ASTModel`. A spectrogram is a picture of one channel, mels high and frames wide: the
 * transpose of what transformers takes.
 */
import { z } from 'zod';
import { mean, slice } from '../../graph/builder.ts';
import {
  configError,
  parseConfig,
  positive,
  probability,
  type RawConfig,
  readActivation,
  requireEvenHeads,
  size,
} from './config.ts';
import type { ImageEncoder } from './encoder.ts';
import { bothSizes } from './image-config.ts';
import { belowLast, lastLayer, type VitPlan, vitParameters } from './vit-layers.ts';

const AST_CONFIG = z.looseObject({
  hidden_size: size.default(768),
  num_hidden_layers: size.default(12),
  num_attention_heads: size.default(12),
  intermediate_size: size.default(3072),
  hidden_dropout_prob: probability.default(0),
  attention_probs_dropout_prob: probability.default(0),
  initializer_range: positive.default(0.02),
  layer_norm_eps: positive.default(1e-12),
  patch_size: bothSizes.default([16, 16]),
  qkv_bias: z.boolean().default(true),
  frequency_stride: size.default(10),
  time_stride: size.default(10),
  max_length: size.default(1024),
  num_mel_bins: size.default(128),
});

const TOKENS = ['cls_token', 'distillation_token'] as const;

export function ast(config: RawConfig): ImageEncoder {
  const parsed = parseConfig(AST_CONFIG, config);
  requireEvenHeads(config, parsed.hidden_size, parsed.num_attention_heads);
  const [height, width] = [parsed.num_mel_bins, parsed.max_length];
  const stride = [parsed.frequency_stride, parsed.time_stride] as const;
  const rows = Math.floor((height - parsed.patch_size[0]) / stride[0]) + 1;
  const columns = Math.floor((width - parsed.patch_size[1]) / stride[1]) + 1;
  if (rows < 1 || columns < 1) {
    throw configError(config, `a spectrogram of ${height} x ${width} is smaller than a patch`, {
      height,
      width,
    });
  }
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
    channels: 1,
    patch: parsed.patch_size,
    stride,
    patches: rows * columns,
    tokens: TOKENS,
    std: parsed.initializer_range,
  };
  return {
    modelType: 'audio-spectrogram-transformer',
    prefix: 'audio_spectrogram_transformer.',
    width: parsed.hidden_size,
    layers: plan.layers,
    channels: 1,
    height,
    imageWidth: width,
    parameters: vitParameters(plan),
    encode: (parameters, pixels, dropout) => {
      const below = belowLast(plan, parameters, pixels, dropout);
      const states = lastLayer(plan, parameters, below, dropout, 'all');
      const first = TOKENS.length;
      return {
        tokens: slice(states, 1, first, first + plan.patches),
        pooled: mean(slice(states, 1, 0, first), [1]),
      };
    },
  };
}
