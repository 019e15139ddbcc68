/**
 * ViT: patches as tokens, a class token before them, pre-norm layers; Dosovitskiy et al. 2021,
 * https://arxiv.org/abs/2010.11929. DeiT has a second token, which a teacher trained; Touvron et al. 2021,
 * https://arxiv.org/abs/2012.12877. Parameter names and defaults are those of the checkpoints of transformers' `ViTModel`
 * and `DeiTModel`. The pooler (a dense layer on the class token) is not part of it: a picture's vector is the class token.
 */
import { z } from 'zod';
import { add, reshape, slice } from '../../graph/builder.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { convolutionParameters } from '../layers/convolution.ts';
import { norm } from '../layers/dense.ts';
import type { Dropout } from '../layers/dropout.ts';
import { type Initial, normParameters, type ParameterSpec } from '../layers/parameters.ts';
import { patchTokens, withTokensBefore } from '../layers/patches.ts';
import { type PreNormNames, type PreNormShape, preNormLayer, preNormParameters } from '../layers/pre-norm.ts';
import type { Rows } from '../layers/rows.ts';
import type { Scope } from '../layers/scope.ts';
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

const LAYER: PreNormNames = {
  normBefore: 'layernorm_before',
  query: 'attention.attention.query',
  key: 'attention.attention.key',
  value: 'attention.attention.value',
  output: 'attention.output.dense',
  normAfter: 'layernorm_after',
  inner: 'intermediate.dense',
  outer: 'output.dense',
};

/** Learned tokens before the patches, the class token first. */
const TOKENS = { vit: ['cls_token'], deit: ['cls_token', 'distillation_token'] } as const;

type Plan = {
  readonly layer: PreNormShape;
  readonly layers: number;
  readonly channels: number;
  readonly patch: readonly [number, number];
  readonly patches: number;
  readonly tokens: readonly string[];
  readonly std: number;
};

export function vit(config: RawConfig, modelType: 'vit' | 'deit'): ImageEncoder {
  const parsed = parseConfig(VIT_CONFIG, config);
  requireEvenHeads(config, parsed.hidden_size, parsed.num_attention_heads);
  const [rows, columns] = patchesOf(config, parsed.image_size, parsed.patch_size);
  const bias = parsed.qkv_bias;
  const plan: Plan = {
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
    parameters: parametersOf(plan),
    encode: (parameters, pixels, dropout) => {
      const below = encode(plan, parameters, pixels, dropout);
      const last = (rows: Rows) => lastLayer(plan, parameters, below, dropout, rows);
      const first = plan.tokens.length;
      return {
        tokens: slice(last('all'), 1, first, first + plan.patches),
        pooled: reshape(last('first'), [pixels.shape[0]!, plan.layer.width]),
      };
    },
  };
}

function parametersOf({ layer, layers, channels, patch, patches, tokens, std }: Plan): ParameterSpec[] {
  const { width } = layer;
  const initial: Initial = { kind: 'truncated-normal', std, cutoff: 2 };
  const embedding = (name: string, rows: number): ParameterSpec => ({
    name: `embeddings.${name}`,
    shape: [1, rows, width],
    role: 'embedding',
    depth: 0,
    initial,
  });
  return [
    ...tokens.map((name) => embedding(name, 1)),
    embedding('position_embeddings', tokens.length + patches),
    ...convolutionParameters('embeddings.patch_embeddings.projection', [width, channels, ...patch], {
      depth: 0,
      initial,
    }),
    ...Array.from({ length: layers }, (_, i) =>
      preNormParameters(`encoder.layer.${i}`, layer, LAYER, { depth: i + 1, initial }),
    ).flat(),
    ...normParameters('layernorm', width, layers),
  ];
}

/** All layers but the last: [batch, tokens and patches, width]. */
function encode(plan: Plan, parameters: Scope, pixels: Tensor, dropout: Dropout): Tensor {
  const embeddings = parameters.within('embeddings');
  const patches = patchTokens(pixels, embeddings.within('patch_embeddings.projection'), plan.patch);
  const learned = plan.tokens.map((name) => embeddings.get(name));
  const placed = add(withTokensBefore(learned, patches), embeddings.get('position_embeddings'));
  let hidden = dropout(placed, plan.layer.hiddenDropout);
  for (let i = 0; i < plan.layers - 1; i++) {
    hidden = preNormLayer(hidden, parameters.within(`encoder.layer.${i}`), plan.layer, LAYER, { dropout });
  }
  return hidden;
}

function lastLayer(plan: Plan, parameters: Scope, below: Tensor, dropout: Dropout, rows: Rows): Tensor {
  const scope = parameters.within(`encoder.layer.${plan.layers - 1}`);
  const hidden = preNormLayer(below, scope, plan.layer, LAYER, { dropout, rows });
  return norm(hidden, parameters.within('layernorm'), plan.layer.epsilon);
}
