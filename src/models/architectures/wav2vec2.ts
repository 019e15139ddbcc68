/**
 * Wav2Vec2: convolutions that halve a wave down to 50 steps a second, positions by convolution, transformer layers; Baevski et
 * al. 2020, https://arxiv.org/abs/2006.11477. Parameter names and defaults are those of transformers' `Wav2Vec2Model`. It takes a
 * wave of 16 kHz, of mean 0 and variance 1, as a picture of one channel and one row. A clip's vector is the mean over time.
 * Steps are not masked in training, and layers never left out: clips are altered before they come here.
 */
import { z } from 'zod';
import {
  add,
  cast,
  constant,
  convolution,
  divide,
  expandDims,
  gather,
  matmul,
  maximum,
  mean,
  multiply,
  reshape,
  scalar,
  slice,
  sqrt,
  sum,
  transpose,
} from '../../graph/builder.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { ACTIVATIONS, type ActivationName } from '../layers/activation.ts';
import { attend, splitHeads } from '../layers/attention.ts';
import { convolutionParameters, convolveRow, normByGroup } from '../layers/convolution.ts';
import { dense, norm } from '../layers/dense.ts';
import type { Dropout } from '../layers/dropout.ts';
import { paddingBias } from '../layers/mask.ts';
import {
  biasParameter,
  type Initial,
  linearParameters,
  normParameters,
  type ParameterSpec,
} from '../layers/parameters.ts';
import { pixelsAsTokens } from '../layers/patches.ts';
import type { Scope } from '../layers/scope.ts';
import {
  configError,
  parseConfig,
  positive,
  probability,
  type RawConfig,
  readActivation,
  requireEvenHeads,
  requireValues,
  size,
} from './config.ts';
import type { ImageEncoder } from './encoder.ts';

const WAV2VEC2_CONFIG = z.looseObject({
  hidden_size: size.default(768),
  num_hidden_layers: size.default(12),
  num_attention_heads: size.default(12),
  intermediate_size: size.default(3072),
  hidden_dropout: probability.default(0.1),
  activation_dropout: probability.default(0.1),
  attention_dropout: probability.default(0.1),
  feat_proj_dropout: probability.default(0),
  initializer_range: positive.default(0.02),
  layer_norm_eps: positive.default(1e-5),
  feat_extract_norm: z.enum(['group', 'layer']).default('group'),
  conv_dim: z.array(size).min(1).default([512, 512, 512, 512, 512, 512, 512]),
  conv_stride: z.array(size).min(1).default([5, 2, 2, 2, 2, 2, 2]),
  conv_kernel: z.array(size).min(1).default([10, 3, 3, 3, 3, 2, 2]),
  conv_bias: z.boolean().default(false),
  num_conv_pos_embeddings: size.default(128),
  num_conv_pos_embedding_groups: size.default(16),
  do_stable_layer_norm: z.boolean().default(false),
  /** No keys of transformers': checkpoints take waves of any length. Five seconds. */
  clip_samples: size.default(80_000),
  /** Whether a second row of the wave says by 1 and 0 which samples are no padding: what `attention_mask` is in transformers. */
  clip_mask: z.boolean().default(false),
});

type Wav2Vec2Config = z.output<typeof WAV2VEC2_CONFIG> & {
  readonly act: ActivationName;
  readonly featureAct: ActivationName;
};

/** Of the convolutions' norms. */
const EPSILON = 1e-5;
const POSITIONS = 'encoder.pos_conv_embed.conv';
/** A weight as a length and a direction, under the names that PyTorch gives them. */
const [LENGTH, DIRECTION] = [
  'parametrizations.weight.original0',
  'parametrizations.weight.original1',
] as const;

export function wav2vec2(raw: RawConfig): ImageEncoder {
  const parsed = parseConfig(WAV2VEC2_CONFIG, raw);
  requireValues(raw, { add_adapter: false });
  requireEvenHeads(raw, parsed.hidden_size, parsed.num_attention_heads);
  const { conv_dim, conv_stride, conv_kernel } = parsed;
  if (conv_stride.length !== conv_dim.length || conv_kernel.length !== conv_dim.length) {
    throw configError(raw, 'conv_dim, conv_stride and conv_kernel must have one value a convolution', {
      conv_dim,
      conv_stride,
      conv_kernel,
    });
  }
  const config: Wav2Vec2Config = {
    ...parsed,
    act: readActivation(raw, 'hidden_act', 'gelu'),
    featureAct: readActivation(raw, 'feat_extract_activation', 'gelu'),
  };
  return {
    modelType: 'wav2vec2',
    prefix: 'wav2vec2.',
    width: config.hidden_size,
    layers: config.num_hidden_layers,
    channels: 1,
    height: config.clip_mask ? 2 : 1,
    imageWidth: config.clip_samples,
    parameters: parametersOf(config),
    encode: (parameters, clip, dropout) => {
      const wave = config.clip_mask ? slice(clip, 2, 0, 1) : clip;
      const heard = config.clip_mask ? heardSteps(config, clip) : undefined;
      const tokens = encode(config, parameters, wave, dropout, heard);
      return { tokens, pooled: heard ? meanOfHeard(tokens, heard) : mean(tokens, [1]) };
    },
  };
}

const hasNorm = (config: Wav2Vec2Config, i: number) => config.feat_extract_norm === 'layer' || i === 0;

function parametersOf(config: Wav2Vec2Config): ParameterSpec[] {
  const { hidden_size: width, conv_dim, conv_kernel, num_hidden_layers: layers } = config;
  const initial: Initial = { kind: 'normal', std: config.initializer_range };
  const start = { depth: 0, initial };
  const position = (name: string, shape: readonly number[], first: Initial): ParameterSpec => ({
    name: `${POSITIONS}.${name}`,
    shape,
    role: 'weight',
    depth: 0,
    initial: first,
  });
  const length = config.num_conv_pos_embeddings;
  const group = width / config.num_conv_pos_embedding_groups;
  const std = 2 * Math.sqrt(1 / (length * width));
  return [
    ...conv_dim.flatMap((out, i) => {
      const name = `feature_extractor.conv_layers.${i}`;
      const inner = i === 0 ? 1 : conv_dim[i - 1]!;
      const kaiming: Initial = { kind: 'normal', std: Math.sqrt(2 / (inner * conv_kernel[i]!)) };
      return [
        ...convolutionParameters(
          `${name}.conv`,
          [out, inner, conv_kernel[i]!],
          { depth: 0, initial: kaiming },
          { bias: config.conv_bias },
        ),
        ...(hasNorm(config, i) ? normParameters(`${name}.layer_norm`, out, 0) : []),
      ];
    }),
    ...normParameters('feature_projection.layer_norm', conv_dim.at(-1)!, 0),
    ...linearParameters('feature_projection.projection', conv_dim.at(-1)!, width, start),
    position(LENGTH, [1, 1, length], { kind: 'constant', value: std * Math.sqrt(width * group) }),
    position(DIRECTION, [width, group, length], { kind: 'normal', std }),
    biasParameter(`${POSITIONS}.bias`, width, 0),
    ...normParameters('encoder.layer_norm', width, config.do_stable_layer_norm ? layers : 0),
    ...Array.from({ length: layers }, (_, i) => layerParameters(config, `encoder.layers.${i}`, i + 1)).flat(),
  ];
}

function layerParameters(config: Wav2Vec2Config, name: string, depth: number): ParameterSpec[] {
  const { hidden_size: width, intermediate_size: inner, initializer_range: std } = config;
  const plan = { depth, initial: { kind: 'normal', std } } as const;
  return [
    ...['q_proj', 'k_proj', 'v_proj', 'out_proj'].flatMap((each) =>
      linearParameters(`${name}.attention.${each}`, width, width, plan),
    ),
    ...normParameters(`${name}.layer_norm`, width, depth),
    ...linearParameters(`${name}.feed_forward.intermediate_dense`, width, inner, plan),
    ...linearParameters(`${name}.feed_forward.output_dense`, inner, width, plan),
    ...normParameters(`${name}.final_layer_norm`, width, depth),
  ];
}

/** Steps that hear no padding: int32 [batch, steps] of 1 and 0, from the clip's second row. A step hears up to its last sample. */
function heardSteps({ conv_kernel, conv_stride, clip_samples }: Wav2Vec2Config, clip: Tensor): Tensor {
  let reach = 1;
  let stride = 1;
  for (const [i, kernel] of conv_kernel.entries()) {
    reach += (kernel - 1) * stride;
    stride *= conv_stride[i]!;
  }
  const steps = Math.floor((clip_samples - reach) / stride) + 1;
  const last = Int32Array.from({ length: steps }, (_, t) => t * stride + reach - 1);
  const row = reshape(slice(clip, 2, 1, 2), [clip.shape[0]!, clip_samples]);
  const heard = gather(transpose(row, [1, 0]), constant('int32', [steps], last));
  return cast(transpose(heard, [1, 0]), 'int32');
}

/** [batch, width]; 0 for a clip that is shorter than a step. */
function meanOfHeard(tokens: Tensor, heard: Tensor): Tensor {
  const [batch, , width] = tokens.shape;
  const shares = cast(heard, 'float32');
  const total = reshape(matmul(expandDims(shares, 1), tokens), [batch!, width!]);
  return divide(total, maximum(sum(shares, [1], true), scalar(1)));
}

/** [batch, 1, 1, samples] to [batch, steps, width]. @param heard - int32 [batch, steps]; all when left out */
function encode(
  config: Wav2Vec2Config,
  parameters: Scope,
  wave: Tensor,
  dropout: Dropout,
  heard: Tensor | undefined,
): Tensor {
  const { layer_norm_eps: epsilon, hidden_dropout } = config;
  const projection = parameters.within('feature_projection');
  const features = pixelsAsTokens(extract(config, parameters.within('feature_extractor.conv_layers'), wave));
  const normal = norm(features, projection.within('layer_norm'), epsilon);
  const projected = dropout(dense(normal, projection.within('projection')), config.feat_proj_dropout);
  const steps = heard ? multiply(projected, expandDims(cast(heard, 'float32'), 2)) : projected;
  const bias = heard && paddingBias(heard);
  const placed = add(steps, positions(config, parameters.within(POSITIONS), steps));
  const ends = (x: Tensor) => norm(x, parameters.within('encoder.layer_norm'), epsilon);
  const stable = config.do_stable_layer_norm;
  let hidden = dropout(stable ? placed : ends(placed), hidden_dropout);
  for (let i = 0; i < config.num_hidden_layers; i++)
    hidden = layer(config, parameters.within(`encoder.layers.${i}`), hidden, bias, dropout);
  return stable ? ends(hidden) : hidden;
}

function extract(config: Wav2Vec2Config, layers: Scope, wave: Tensor): Tensor {
  let features = wave;
  for (const [i, stride] of config.conv_stride.entries()) {
    const scope = layers.within(`${i}`);
    const made = convolveRow(features, scope.within('conv'), { stride, bias: config.conv_bias });
    features = ACTIVATIONS[config.featureAct](hasNorm(config, i) ? normOf(config, made, scope) : made);
  }
  return features;
}

/** Of each channel over time, or of each step over the channels. */
function normOf(config: Wav2Vec2Config, x: Tensor, scope: Scope): Tensor {
  const own = scope.within('layer_norm');
  if (config.feat_extract_norm === 'group') return normByGroup(x, own, x.shape[1] as number, EPSILON);
  return transpose(norm(transpose(x, [0, 2, 3, 1]), own, EPSILON), [0, 3, 1, 2]);
}

/** A convolution over the steps, whose weight has a length of its own at each place; Salimans and Kingma 2016. */
function positions(config: Wav2Vec2Config, scope: Scope, steps: Tensor): Tensor {
  const [batch, count, width] = steps.shape;
  const direction = scope.get(DIRECTION);
  const size = sqrt(sum(multiply(direction, direction), [0, 1], true));
  const weight = multiply(divide(direction, size), scope.get(LENGTH));
  const [out, inner, length] = weight.shape as readonly [number, number, number];
  const row = reshape(transpose(steps, [0, 2, 1]), [batch!, width!, 1, count!]);
  const before = Math.floor(length / 2);
  const placed = convolution(row, reshape(weight, [out, inner, 1, length]), scope.get('bias'), {
    // One step less after than before where the length is even: as many come out as go in.
    padding: [0, before, 0, before - (length % 2 === 0 ? 1 : 0)],
    groups: config.num_conv_pos_embedding_groups,
  });
  return pixelsAsTokens(ACTIVATIONS[config.featureAct](placed));
}

function layer(
  config: Wav2Vec2Config,
  scope: Scope,
  hidden: Tensor,
  bias: Tensor | undefined,
  dropout: Dropout,
): Tensor {
  const { num_attention_heads: heads, hidden_size: width, hidden_dropout, layer_norm_eps: epsilon } = config;
  const [first, last] = ['layer_norm', 'final_layer_norm'].map(
    (name) => (x: Tensor) => norm(x, scope.within(name), epsilon),
  ) as [(x: Tensor) => Tensor, (x: Tensor) => Tensor];
  const attention = (x: Tensor) => {
    const project = (name: string) => splitHeads(dense(x, scope.within(`attention.${name}`)), heads);
    const context = attend(project('q_proj'), project('k_proj'), project('v_proj'), {
      bias,
      scale: 1 / Math.sqrt(width / heads),
      dropout,
      probability: config.attention_dropout,
    });
    return dropout(dense(context, scope.within('attention.out_proj')), hidden_dropout);
  };
  const feed = (x: Tensor) => {
    const inner = ACTIVATIONS[config.act](dense(x, scope.within('feed_forward.intermediate_dense')));
    const outer = dense(dropout(inner, config.activation_dropout), scope.within('feed_forward.output_dense'));
    return dropout(outer, hidden_dropout);
  };
  if (config.do_stable_layer_norm) {
    const middle = add(hidden, attention(first(hidden)));
    return add(middle, feed(last(middle)));
  }
  const middle = first(add(hidden, attention(hidden)));
  return last(add(middle, feed(middle)));
}
