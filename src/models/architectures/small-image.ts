/**
 * A small residual network for pictures of 64 to 160 pixels, or spectrograms of one channel, that trains from nothing on a
 * processor: He et al. 2016 (https://arxiv.org/abs/1512.03385) with the stem of two convolutions and the averaging short
 * cuts of He et al. 2019 (https://arxiv.org/abs/1812.01187).
 *
 * Batch norm, which learns far more in few passes than group norm does: docs/decisions/0016. Nearly all the work is 3 x 3
 * convolutions of at least 48 channels, which onnxruntime does, gradients included, at three quarters of the speed of a matrix
 * product; the picture is a quarter of its height and width by then.
 */
import { z } from 'zod';
import { add, averagePool, mean, relu, reshape } from '../../graph/builder.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { type BatchNorm, batchNormParameters, keptStatistics } from '../layers/batch-norm.ts';
import { convolutionParameters, convolve } from '../layers/convolution.ts';
import type { ParameterSpec } from '../layers/parameters.ts';
import { pixelsAsTokens } from '../layers/patches.ts';
import type { Scope } from '../layers/scope.ts';
import { configError, parseConfig, probability, type RawConfig, size } from './config.ts';
import type { ImageEncoder } from './encoder.ts';

export const SMALL_IMAGE = 'attune-image-small';

const SMALL_IMAGE_CONFIG = z.looseObject({
  num_channels: size.default(3),
  image_height: size.default(64),
  image_width: size.default(64),
  /** Channels after the first convolution. */
  stem_size: size.default(32),
  /** Channels of each stage; height and width are halved from a stage to the next. */
  hidden_sizes: z.array(size).min(1).default([48, 96, 192, 384]),
  /** Residual blocks of each stage. */
  depths: z.array(size).min(1).default([1, 1, 1, 1]),
  /** The vector has a mean for each row, as for the bands of a spectrogram, which tell high from low; else one for all. */
  keep_rows: z.boolean().default(false),
  /** Of the numbers that leave the encoder. */
  hidden_dropout_prob: probability.default(0),
});

type Plan = {
  readonly channels: number;
  readonly stem: number;
  readonly widths: readonly number[];
  readonly depths: readonly number[];
};

const EPSILON = 1e-5;
const ONCE = { padding: 1, bias: false } as const;
const HALVED = { padding: 1, stride: 2, bias: false } as const;

export function smallImage(config: RawConfig): ImageEncoder {
  const parsed = parseConfig(SMALL_IMAGE_CONFIG, config);
  const plan: Plan = {
    channels: parsed.num_channels,
    stem: parsed.stem_size,
    widths: parsed.hidden_sizes,
    depths: parsed.depths,
  };
  requireFitting(config, plan);
  const channels = plan.widths.at(-1)!;
  const rows = parsed.keep_rows ? rowsAtTheEnd(parsed.image_height, plan) : 1;
  return {
    modelType: SMALL_IMAGE,
    prefix: '',
    width: channels * rows,
    layers: plan.depths.reduce((total, blocks) => total + blocks, 0),
    channels: parsed.num_channels,
    height: parsed.image_height,
    imageWidth: parsed.image_width,
    parameters: parametersOf(plan),
    encode: (parameters, pixels, dropout, batchNorm = keptStatistics) => {
      const features = dropout(encode(plan, parameters, pixels, batchNorm), parsed.hidden_dropout_prob);
      const pooled = parsed.keep_rows
        ? reshape(mean(features, [3]), [features.shape[0]!, channels * rows])
        : mean(features, [2, 3]);
      return { tokens: pixelsAsTokens(features), pooled };
    },
  };
}

/** Twice halved by the stem, and once by each stage but the first. */
function rowsAtTheEnd(height: number, { widths }: Plan): number {
  let rows = height;
  for (let i = 0; i < widths.length + 1; i++) rows = Math.ceil(rows / 2);
  return rows;
}

function requireFitting(config: RawConfig, { widths, depths }: Plan): void {
  if (widths.length === depths.length) return;
  throw configError(config, `hidden_sizes has ${widths.length} stages and depths ${depths.length}`, {
    widths,
    depths,
  });
}

/** Called for each block in the order of the forward pass. */
type Block = { readonly name: string; readonly from: number; readonly to: number; readonly halves: boolean };

function blocksOf({ widths, depths }: Plan): Block[] {
  return widths.flatMap((to, stage) =>
    Array.from({ length: depths[stage]! }, (_, i) => ({
      name: `stages.${stage}.blocks.${i}`,
      from: i > 0 || stage === 0 ? to : widths[stage - 1]!,
      to,
      halves: i === 0 && stage > 0,
    })),
  );
}

function parametersOf(plan: Plan): ParameterSpec[] {
  const first = plan.widths[0]!;
  return [
    ...convolutionAndNorm('stem.0', plan.stem, plan.channels, 3, 0),
    ...convolutionAndNorm('stem.1', first, plan.stem, 3, 0),
    ...blocksOf(plan).flatMap(({ name, from, to }, i) => [
      ...convolutionAndNorm(`${name}.0`, to, from, 3, i + 1),
      ...startingAtZero(convolutionAndNorm(`${name}.1`, to, to, 3, i + 1)),
      ...(from === to ? [] : convolutionAndNorm(`${name}.shortcut`, to, from, 1, i + 1)),
    ]),
  ];
}

function convolutionAndNorm(
  name: string,
  out: number,
  inner: number,
  kernel: number,
  depth: number,
): ParameterSpec[] {
  // What keeps the variance of a ReLU network; He et al. 2015, https://arxiv.org/abs/1502.01852.
  const initial = { kind: 'normal', std: Math.sqrt(2 / (inner * kernel * kernel)) } as const;
  return [
    ...convolutionParameters(
      `${name}.convolution`,
      [out, inner, kernel, kernel],
      { depth, initial },
      { bias: false },
    ),
    ...batchNormParameters(`${name}.norm`, out, depth),
  ];
}

/** With a scale of zero at first a block is its short cut; Goyal et al. 2017, https://arxiv.org/abs/1706.02677. */
function startingAtZero(specs: readonly ParameterSpec[]): ParameterSpec[] {
  return specs.map((spec) =>
    spec.role === 'norm' && !spec.fixed ? { ...spec, initial: { kind: 'zeros' as const } } : spec,
  );
}

/** [batch, channels, height, width] to [batch, width, rows, columns]. */
function encode(plan: Plan, parameters: Scope, pixels: Tensor, batchNorm: BatchNorm): Tensor {
  const layer = (
    x: Tensor,
    name: string,
    options: typeof ONCE | typeof HALVED | { readonly bias: false },
  ) => {
    const y = convolve(x, parameters.within(`${name}.convolution`), options);
    return batchNorm(y, parameters.within(`${name}.norm`), EPSILON);
  };
  const started = relu(layer(pixels, 'stem.0', HALVED));
  let features = relu(layer(started, 'stem.1', HALVED));
  for (const { name, from, to, halves } of blocksOf(plan)) {
    const inner = relu(layer(features, `${name}.0`, halves ? HALVED : ONCE));
    const smaller = halves ? averagedPairs(features) : features;
    const shortcut = from === to ? smaller : layer(smaller, `${name}.shortcut`, { bias: false });
    features = relu(add(layer(inner, `${name}.1`, ONCE), shortcut));
  }
  return features;
}

/** Means of 2 x 2 pixels; an odd last row or column is averaged with zeros. */
function averagedPairs(x: Tensor): Tensor {
  const [height, width] = x.shape.slice(2) as [number, number];
  return averagePool(x, 2, { stride: 2, padding: [0, 0, height % 2, width % 2] });
}
