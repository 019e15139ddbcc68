/**
 * ConvNeXt: depthwise 7 x 7 convolutions, each followed by a feed-forward of the channels; Liu et al. 2022,
 * https://arxiv.org/abs/2201.03545. Parameter names and defaults are those of transformers' `ConvNextModel`. Whole blocks
 * are never left out in training (stochastic depth): the checkpoints' configs have it at 0.
 */
import { z } from 'zod';
import { add, mean, multiply, transpose } from '../../graph/builder.ts';
import type { Tensor } from '../../graph/tensor.ts';
import type { ActivationName } from '../layers/activation.ts';
import { convolutionParameters, convolve } from '../layers/convolution.ts';
import { norm } from '../layers/dense.ts';
import { feedForward } from '../layers/feed-forward.ts';
import { type Initial, linearParameters, normParameters, type ParameterSpec } from '../layers/parameters.ts';
import { pixelsAsTokens } from '../layers/patches.ts';
import type { Scope } from '../layers/scope.ts';
import {
  configError,
  parseConfig,
  positive,
  type RawConfig,
  readActivation,
  requireValues,
  size,
} from './config.ts';
import type { ImageEncoder } from './encoder.ts';
import { bothSizes } from './image-config.ts';

const CONVNEXT_CONFIG = z.looseObject({
  num_channels: size.default(3),
  patch_size: bothSizes.default([4, 4]),
  hidden_sizes: z.array(size).min(1).default([96, 192, 384, 768]),
  depths: z.array(size).min(1).default([3, 3, 9, 3]),
  initializer_range: positive.default(0.02),
  layer_norm_eps: positive.default(1e-12),
  layer_scale_init_value: z.number().min(0).default(1e-6),
  image_size: bothSizes.default([224, 224]),
});

/** Of all norms but the last. */
const EPSILON = 1e-6;
const EXPANSION = 4;

type Plan = {
  readonly channels: number;
  readonly patch: readonly [number, number];
  readonly widths: readonly number[];
  readonly depths: readonly number[];
  readonly activation: ActivationName;
  readonly std: number;
  readonly epsilon: number;
  /** What each block's scale of channels starts at; 0 where there is none. */
  readonly scale: number;
};

export function convnext(config: RawConfig): ImageEncoder {
  const parsed = parseConfig(CONVNEXT_CONFIG, config);
  requireValues(config, { drop_path_rate: 0 });
  const plan: Plan = {
    channels: parsed.num_channels,
    patch: parsed.patch_size,
    widths: parsed.hidden_sizes,
    depths: parsed.depths,
    activation: readActivation(config, 'hidden_act', 'gelu'),
    std: parsed.initializer_range,
    epsilon: parsed.layer_norm_eps,
    scale: parsed.layer_scale_init_value,
  };
  if (plan.widths.length !== plan.depths.length) {
    throw configError(
      config,
      `hidden_sizes has ${plan.widths.length} stages and depths ${plan.depths.length}`,
      { hidden_sizes: plan.widths, depths: plan.depths },
    );
  }
  return {
    modelType: 'convnext',
    prefix: 'convnext.',
    width: plan.widths.at(-1)!,
    layers: plan.depths.reduce((total, blocks) => total + blocks, 0),
    channels: parsed.num_channels,
    height: parsed.image_size[0],
    imageWidth: parsed.image_size[1],
    parameters: parametersOf(plan),
    encode: (parameters, pixels) => {
      const features = encode(plan, parameters, pixels);
      const pooled = norm(mean(features, [2, 3]), parameters.within('layernorm'), plan.epsilon);
      return { tokens: pixelsAsTokens(features), pooled };
    },
  };
}

const stageOf = (stage: number) => `encoder.stages.${stage}`;

function parametersOf({ channels, patch, widths, depths, std, scale }: Plan): ParameterSpec[] {
  const initial: Initial = { kind: 'normal', std };
  const first = widths[0]!;
  const specs = [
    ...convolutionParameters('embeddings.patch_embeddings', [first, channels, ...patch], {
      depth: 0,
      initial,
    }),
    ...normParameters('embeddings.layernorm', first, 0),
  ];
  let depth = 1;
  for (const [stage, width] of widths.entries()) {
    const plan = () => ({ depth, initial });
    if (stage > 0) {
      const name = `${stageOf(stage)}.downsampling_layer`;
      const below = widths[stage - 1]!;
      specs.push(
        ...normParameters(`${name}.0`, below, depth),
        ...convolutionParameters(`${name}.1`, [width, below, 2, 2], plan()),
      );
    }
    for (let i = 0; i < depths[stage]!; i++) {
      const name = `${stageOf(stage)}.layers.${i}`;
      specs.push(
        ...convolutionParameters(`${name}.dwconv`, [width, 1, 7, 7], plan()),
        ...normParameters(`${name}.layernorm`, width, depth),
        ...linearParameters(`${name}.pwconv1`, width, EXPANSION * width, plan()),
        ...linearParameters(`${name}.pwconv2`, EXPANSION * width, width, plan()),
        ...(scale === 0 ? [] : [scaleParameter(`${name}.layer_scale_parameter`, width, depth, scale)]),
      );
      depth += 1;
    }
  }
  return [...specs, ...normParameters('layernorm', widths.at(-1)!, depth - 1)];
}

function scaleParameter(name: string, width: number, depth: number, value: number): ParameterSpec {
  return { name, shape: [width], role: 'norm', depth, initial: { kind: 'constant', value } };
}

/** [batch, channels, height, width] to [batch, width, rows, columns]. */
function encode(plan: Plan, parameters: Scope, pixels: Tensor): Tensor {
  const embeddings = parameters.within('embeddings');
  const patches = convolve(pixels, embeddings.within('patch_embeddings'), { stride: plan.patch });
  let features = normChannels(patches, embeddings.within('layernorm'));
  for (const [stage, depth] of plan.depths.entries()) {
    const scope = parameters.within(stageOf(stage));
    if (stage > 0) {
      const normal = normChannels(features, scope.within('downsampling_layer.0'));
      features = convolve(normal, scope.within('downsampling_layer.1'), { stride: 2 });
    }
    for (let i = 0; i < depth; i++) features = block(plan, features, scope.within(`layers.${i}`));
  }
  return features;
}

function block(plan: Plan, features: Tensor, scope: Scope): Tensor {
  const groups = features.shape[1] as number;
  const mixed = convolve(features, scope.within('dwconv'), { padding: 3, groups });
  const normal = norm(channelsLast(mixed), scope.within('layernorm'), EPSILON);
  const fed = feedForward(normal, scope.within('pwconv1'), scope.within('pwconv2'), plan.activation);
  const scaled = plan.scale === 0 ? fed : multiply(fed, scope.get('layer_scale_parameter'));
  return add(features, channelsFirst(scaled));
}

const channelsLast = (x: Tensor) => transpose(x, [0, 2, 3, 1]);
const channelsFirst = (x: Tensor) => transpose(x, [0, 3, 1, 2]);

/** Layer norm of each pixel over its channels. */
function normChannels(x: Tensor, parameters: Scope): Tensor {
  return channelsFirst(norm(channelsLast(x), parameters, EPSILON));
}
