/**
 * ResNet: convolutions with batch norms and short cuts around them; He et al. 2016, https://arxiv.org/abs/1512.03385. The
 * stride of a bottleneck is in its 3 x 3 convolution ("ResNet 1.5") unless the config says otherwise. Parameter names and
 * defaults are those of transformers' `ResNetModel`.
 */
import { z } from 'zod';
import { add, maxPool, mean } from '../../graph/builder.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { ACTIVATIONS, type ActivationName } from '../layers/activation.ts';
import { type BatchNorm, batchNormParameters, keptStatistics } from '../layers/batch-norm.ts';
import { convolutionParameters, convolve } from '../layers/convolution.ts';
import type { ParameterSpec } from '../layers/parameters.ts';
import { pixelsAsTokens } from '../layers/patches.ts';
import type { Scope } from '../layers/scope.ts';
import { configError, parseConfig, type RawConfig, readActivation, size } from './config.ts';
import type { ImageEncoder } from './encoder.ts';
import { bothSizes } from './image-config.ts';

const RESNET_CONFIG = z.looseObject({
  num_channels: size.default(3),
  embedding_size: size.default(64),
  hidden_sizes: z.array(size).min(1).default([256, 512, 1024, 2048]),
  depths: z.array(size).min(1).default([3, 4, 6, 3]),
  layer_type: z.enum(['basic', 'bottleneck']).default('bottleneck'),
  downsample_in_first_stage: z.boolean().default(false),
  downsample_in_bottleneck: z.boolean().default(false),
  /** No key of transformers': checkpoints take pictures of any size, and were trained with this one. */
  image_size: bothSizes.default([224, 224]),
});

/** PyTorch's default, which transformers does not change. */
const EPSILON = 1e-5;
/** Channels of a bottleneck's inner convolutions are so many times fewer. */
const REDUCTION = 4;
const STEM = 'embedder.embedder';

/** One convolution with its batch norm. */
type Convolution = {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  readonly kernel: number;
  readonly stride: number;
};
type Block = { readonly layers: readonly Convolution[]; readonly shortcut: Convolution | undefined };
type Plan = {
  readonly stem: Convolution;
  readonly blocks: readonly Block[];
  readonly activation: ActivationName;
};

export function resnet(config: RawConfig): ImageEncoder {
  const parsed = parseConfig(RESNET_CONFIG, config);
  if (parsed.hidden_sizes.length !== parsed.depths.length) {
    throw configError(
      config,
      `hidden_sizes has ${parsed.hidden_sizes.length} stages and depths ${parsed.depths.length}`,
      { hidden_sizes: parsed.hidden_sizes, depths: parsed.depths },
    );
  }
  const plan: Plan = {
    stem: { name: STEM, from: parsed.num_channels, to: parsed.embedding_size, kernel: 7, stride: 2 },
    blocks: blocksOf(parsed),
    activation: readActivation(config, 'hidden_act', 'relu'),
  };
  return {
    modelType: 'resnet',
    prefix: 'resnet.',
    width: parsed.hidden_sizes.at(-1)!,
    layers: plan.blocks.length,
    channels: parsed.num_channels,
    height: parsed.image_size[0],
    imageWidth: parsed.image_size[1],
    parameters: parametersOf(plan),
    encode: (parameters, pixels, _, batchNorm = keptStatistics) => {
      const features = encode(plan, parameters, pixels, batchNorm);
      return { tokens: pixelsAsTokens(features), pooled: mean(features, [2, 3]) };
    },
  };
}

function blocksOf(config: z.output<typeof RESNET_CONFIG>): Block[] {
  const widths = [config.embedding_size, ...config.hidden_sizes];
  return config.depths.flatMap((depth, stage) =>
    Array.from({ length: depth }, (_, i): Block => {
      const name = `encoder.stages.${stage}.layers.${i}`;
      const to = widths[stage + 1]!;
      const from = i === 0 ? widths[stage]! : to;
      const stride = i === 0 && (stage > 0 || config.downsample_in_first_stage) ? 2 : 1;
      const shortcut = { name: `${name}.shortcut`, from, to, kernel: 1, stride };
      return {
        layers: layersOf(name, from, to, stride, config),
        shortcut: from === to && stride === 1 ? undefined : shortcut,
      };
    }),
  );
}

function layersOf(
  name: string,
  from: number,
  to: number,
  stride: number,
  config: z.output<typeof RESNET_CONFIG>,
): Convolution[] {
  const at = (i: number) => `${name}.layer.${i}`;
  if (config.layer_type === 'basic') {
    return [
      { name: at(0), from, to, kernel: 3, stride },
      { name: at(1), from: to, to, kernel: 3, stride: 1 },
    ];
  }
  const inner = Math.floor(to / REDUCTION);
  const early = config.downsample_in_bottleneck;
  return [
    { name: at(0), from, to: inner, kernel: 1, stride: early ? stride : 1 },
    { name: at(1), from: inner, to: inner, kernel: 3, stride: early ? 1 : stride },
    { name: at(2), from: inner, to, kernel: 1, stride: 1 },
  ];
}

function parametersOf({ stem, blocks }: Plan): ParameterSpec[] {
  const each = ({ name, from, to, kernel }: Convolution, depth: number) => {
    // Kaiming's for what goes out, as transformers starts them.
    const initial = { kind: 'normal', std: Math.sqrt(2 / (to * kernel * kernel)) } as const;
    return [
      ...convolutionParameters(
        `${name}.convolution`,
        [to, from, kernel, kernel],
        { depth, initial },
        { bias: false },
      ),
      ...batchNormParameters(`${name}.normalization`, to, depth),
    ];
  };
  return [
    ...each(stem, 0),
    ...blocks.flatMap(({ layers, shortcut }, i) =>
      [...(shortcut ? [shortcut] : []), ...layers].flatMap((layer) => each(layer, i + 1)),
    ),
  ];
}

/** [batch, channels, height, width] to [batch, width, rows, columns]. */
function encode(plan: Plan, parameters: Scope, pixels: Tensor, batchNorm: BatchNorm): Tensor {
  const activate = ACTIVATIONS[plan.activation];
  const layer = (x: Tensor, { name, kernel, stride }: Convolution) => {
    const options = { stride, padding: Math.floor(kernel / 2), bias: false };
    const y = convolve(x, parameters.within(`${name}.convolution`), options);
    return batchNorm(y, parameters.within(`${name}.normalization`), EPSILON);
  };
  let features = maxPool(activate(layer(pixels, plan.stem)), 3, { stride: 2, padding: 1 });
  for (const { layers, shortcut } of plan.blocks) {
    const inner = layers.slice(0, -1).reduce((x, each) => activate(layer(x, each)), features);
    const past = shortcut ? layer(features, shortcut) : features;
    features = activate(add(layer(inner, layers.at(-1)!), past));
  }
  return features;
}
