/** Normalisations of [batch, channels, height, width], whose scale and shift belong to a channel. */
import { type Dim, type Shape, showShape } from '../dimensions.ts';
import { graphError } from '../errors.ts';
import { type Builder, defineOp, type Emitter, type ReferenceArray, type Tensor } from '../tensor.ts';
import { expectDType, mismatch } from './check.ts';
import { build } from './reference-array.ts';

const ROLES = ['input', 'scale', 'shift', 'mean', 'variance'] as const;
/** Axes of [batch, channels, height, width] that a channel's numbers lie along. */
const OF_CHANNEL = [0, 2, 3];

/** Checks [batch, channels, height, width] and vectors [channels]. */
function expectChannels(
  op: string,
  [x, ...vectors]: readonly Tensor[],
): readonly [Dim, number, number, number] {
  for (const [i, tensor] of [x!, ...vectors].entries()) expectDType(op, ROLES[i]!, tensor, 'float32');
  const [, channels, ...size] = x!.shape;
  const known = [channels, ...size].every((dim) => typeof dim === 'number');
  if (
    x!.shape.length !== 4 ||
    !known ||
    vectors.some(({ shape }) => shape.length !== 1 || shape[0] !== channels)
  ) {
    throw mismatch(
      op,
      `${op} needs x [batch, channels, height, width], all but batch in numbers, and vectors [channels]. Got ${[x!, ...vectors].map(({ shape }) => showShape(shape)).join(', ')}.`,
      [x!.shape, ...vectors.map(({ shape }) => shape)],
    );
  }
  return x!.shape as readonly [Dim, number, number, number];
}

/** A vector [channels] beside [batch, channels, height, width]. */
const perChannel = (b: Builder, vector: Tensor) => b.reshape(vector, [1, vector.shape[0]!, 1, 1]);

/**
 * Outputs y, x̂ (before scale and shift) and 1/√(σ² + ε) of each row and group, [batch, groups, 1], which the backward
 * pass reuses.
 */
const groupNorm = defineOp<{ groups: number; epsilon: number }>({
  summary: 'y = (x - μ) / √(σ² + ε) * γ + β, μ and σ² of a row over some channels; Wu and He 2018',
  infer: (inputs, { groups }) => {
    const shape = expectChannels('groupNorm', inputs);
    if (shape[1] % groups !== 0) {
      throw graphError(
        'graph/bad-argument',
        `The groups of groupNorm must divide the channels evenly. Got ${groups} for ${showShape(shape)}.`,
      );
    }
    return [
      { dtype: 'float32', shape },
      { dtype: 'float32', shape },
      { dtype: 'float32', shape: [shape[0], groups, 1] },
    ];
  },
  gradient: ({ inputs, outputs, attributes: { groups }, upstream, needs }, b) => {
    const [x, gamma] = inputs;
    const [, normal, inverse] = outputs;
    const [batch, channels, height, width] = x!.shape as readonly [Dim, number, number, number];
    const dy = upstream[0]!;
    const byGroup: Shape = [batch, groups, channels / groups];
    const count = (channels / groups) * height * width;
    // Sums over each channel's pixels are all that the rest needs of dy and x̂ together.
    const plain = b.sum(dy, [2, 3]);
    const along = b.sum(b.multiply(dy, normal!), [2, 3]);
    const dx = () => {
      const scale = b.reshape(gamma!, [1, groups, channels / groups]);
      const meanOf = (sums: Tensor) =>
        b.scale(b.sum(b.multiply(b.reshape(sums, byGroup), scale), [2], true), 1 / count);
      const spread = (values: Tensor) => b.reshape(b.broadcastTo(values, byGroup), [batch, channels, 1, 1]);
      const slope = spread(b.negate(b.multiply(inverse!, meanOf(along))));
      const offset = spread(b.negate(b.multiply(inverse!, meanOf(plain))));
      const factor = b.reshape(b.multiply(inverse!, scale), [batch, channels, 1, 1]);
      return b.add(b.add(b.multiply(dy, factor), offset), b.multiply(normal!, slope));
    };
    return [
      needs(0) ? dx() : undefined,
      needs(1) ? b.sum(along, [0]) : undefined,
      needs(2) ? b.sum(plain, [0]) : undefined,
    ];
  },
  emit: ([x, gamma, beta], { groups, epsilon }, emitter, node) => {
    const [, channels, height, width] = node.inputs[0]!.shape as readonly [Dim, number, number, number];
    const across = (channels / groups) * height * width;
    const rows = emitter.add('Reshape', [x!, emitter.int64([-1, groups, across])]);
    const back = (name: string) =>
      emitter.add('Reshape', [name, emitter.int64([-1, channels, height, width])]);
    const ones = filled(across, 1, emitter);
    const attributes = { axis: -1, epsilon: { float: epsilon } };
    const reused = emitter.isUsed(node, 2);
    const [normal, , inverse] = reused
      ? emitter.addMany('LayerNormalization', [rows, ones], 3, attributes)
      : [emitter.add('LayerNormalization', [rows, ones], attributes), '', ''];
    const shaped = back(normal!);
    return [affine(shaped, gamma!, beta!, channels, emitter), shaped, inverse!];
  },
  evaluate: ([x, gamma, beta], { groups, epsilon }) => {
    const [batch, channels, height, width] = x!.shape as [number, number, number, number];
    const across = (channels / groups) * height * width;
    const statistics = Array.from({ length: batch * groups }, (_, g) =>
      momentsOf(x!.data.subarray(g * across, (g + 1) * across)),
    );
    const inverses = statistics.map(({ variance }) => 1 / Math.sqrt(variance + epsilon));
    const normal = build(x!.shape, (_, flat) => {
      const g = Math.floor(flat / across);
      return (x!.data[flat]! - statistics[g]!.mean) * inverses[g]!;
    });
    return [
      scaled(normal, gamma!, beta!),
      normal,
      { shape: [batch, groups, 1], data: Float64Array.from(inverses) },
    ];
  },
  samples: [
    {
      inputs: [{ shape: [2, 4, 3, 2] }, { shape: [4] }, { shape: [4] }],
      attributes: { groups: 2, epsilon: 1e-5 },
    },
    {
      inputs: [{ shape: [2, 3, 2, 2] }, { shape: [3] }, { shape: [3] }],
      attributes: { groups: 1, epsilon: 1e-2 },
    },
  ],
});

/** Outputs y, and the mean and the biased variance of each channel over the batch, which a caller may keep averages of. */
const batchNorm = defineOp<{ epsilon: number }>({
  summary: 'y = (x - μ) / √(σ² + ε) * γ + β, μ and σ² of a channel over the batch; Ioffe and Szegedy 2015',
  infer: (inputs) => {
    const shape = expectChannels('batchNorm', inputs);
    const channel = { dtype: 'float32', shape: [shape[1]] } as const;
    return [{ dtype: 'float32', shape }, channel, channel];
  },
  gradient: ({ inputs, outputs, attributes: { epsilon }, upstream, needs }, b) => {
    const [x, gamma] = inputs;
    const [, mean, variance] = outputs;
    const dy = upstream[0]!;
    const inverse = b.divide(b.scalar(1), b.sqrt(b.add(variance!, b.scalar(epsilon))));
    const centred = b.subtract(x!, perChannel(b, mean!));
    const plain = b.sum(dy, OF_CHANNEL);
    const along = b.multiply(b.sum(b.multiply(dy, centred), OF_CHANNEL), inverse);
    const dx = () => {
      const factor = b.multiply(gamma!, inverse);
      const share = b.negate(b.divide(factor, b.size(x!, OF_CHANNEL)));
      const offset = b.multiply(share, plain);
      const slope = b.multiply(b.multiply(share, along), inverse);
      return b.add(
        b.add(b.multiply(dy, perChannel(b, factor)), perChannel(b, offset)),
        b.multiply(centred, perChannel(b, slope)),
      );
    };
    return [needs(0) ? dx() : undefined, needs(1) ? along : undefined, needs(2) ? plain : undefined];
  },
  emit: ([x, gamma, beta], { epsilon }, emitter, node) => {
    // Not the operator's training mode, which writes its statistics over the constants given to it (onnxruntime 1.30).
    const axes = emitter.int64(OF_CHANNEL);
    const kept = emitter.add('ReduceMean', [x!, axes], { keepdims: 1 });
    const centred = emitter.add('Sub', [x!, kept]);
    const squares = emitter.add('Mul', [centred, centred]);
    const vector = emitter.int64([node.inputs[0]!.shape[1] as number]);
    const mean = emitter.add('Reshape', [kept, vector]);
    const variance = emitter.add('ReduceMean', [squares, axes], { keepdims: 0 });
    const attributes = { epsilon: { float: epsilon } };
    const y = emitter.add('BatchNormalization', [x!, gamma!, beta!, mean, variance], attributes);
    return [y, mean, variance];
  },
  evaluate: ([x, gamma, beta], { epsilon }) => {
    const channels = x!.shape[1]!;
    const plane = x!.shape[2]! * x!.shape[3]!;
    const statistics = Array.from({ length: channels }, (_, c) =>
      momentsOf(x!.data.filter((_, flat) => Math.floor(flat / plane) % channels === c)),
    );
    const normal = build(x!.shape, ([, c], flat) => {
      const { mean, variance } = statistics[c!]!;
      return (x!.data[flat]! - mean) / Math.sqrt(variance + epsilon);
    });
    const vector = (of: (moments: Moments) => number) => ({
      shape: [channels],
      data: Float64Array.from(statistics, of),
    });
    return [scaled(normal, gamma!, beta!), vector(({ mean }) => mean), vector(({ variance }) => variance)];
  },
  samples: [
    { inputs: [{ shape: [3, 2, 2, 3] }, { shape: [2] }, { shape: [2] }], attributes: { epsilon: 1e-5 } },
    { inputs: [{ shape: [2, 3, 1, 2] }, { shape: [3] }, { shape: [3] }], attributes: { epsilon: 0.1 } },
  ],
});

/** The form for prediction, and for training that leaves the statistics alone. */
const frozenBatchNorm = defineOp<{ epsilon: number }>({
  summary: 'y = (x - μ) / √(σ² + ε) * γ + β with a given μ and σ² of each channel',
  infer: (inputs) => [{ dtype: 'float32', shape: expectChannels('frozenBatchNorm', inputs) }],
  gradient: ({ inputs, attributes: { epsilon }, upstream, needs }, b) => {
    const [x, gamma, , mean, variance] = inputs;
    const dy = upstream[0]!;
    const inverse = b.divide(b.scalar(1), b.sqrt(b.add(variance!, b.scalar(epsilon))));
    const plain = b.sum(dy, OF_CHANNEL);
    const along = b.multiply(
      b.sum(b.multiply(dy, b.subtract(x!, perChannel(b, mean!))), OF_CHANNEL),
      inverse,
    );
    const factor = b.multiply(gamma!, inverse);
    return [
      needs(0) ? b.multiply(dy, perChannel(b, factor)) : undefined,
      needs(1) ? along : undefined,
      needs(2) ? plain : undefined,
      needs(3) ? b.negate(b.multiply(factor, plain)) : undefined,
      needs(4) ? b.scale(b.multiply(b.multiply(factor, inverse), along), -0.5) : undefined,
    ];
  },
  emit: (inputs, { epsilon }, emitter) => [
    emitter.add('BatchNormalization', inputs, { epsilon: { float: epsilon } }),
  ],
  evaluate: ([x, gamma, beta, mean, variance], { epsilon }) => {
    const normal = build(
      x!.shape,
      ([, c], flat) => (x!.data[flat]! - mean!.data[c!]!) / Math.sqrt(variance!.data[c!]! + epsilon),
    );
    return [scaled(normal, gamma!, beta!)];
  },
  samples: [
    {
      inputs: [
        { shape: [2, 2, 2, 3] },
        { shape: [2] },
        { shape: [2] },
        { shape: [2], values: [0.5, -1] },
        { shape: [2], values: [0.25, 2] },
      ],
      attributes: { epsilon: 1e-5 },
    },
  ],
});

export const channelNormalisationOps = { groupNorm, batchNorm, frozenBatchNorm } as const;

/** x γ + β by channel in one pass over memory: a batch norm with mean 0 and variance 1. */
function affine(x: string, gamma: string, beta: string, channels: number, emitter: Emitter): string {
  const statistics = [filled(channels, 0, emitter), filled(channels, 1, emitter)];
  return emitter.add('BatchNormalization', [x, gamma, beta, ...statistics], { epsilon: { float: 0 } });
}

function filled(length: number, value: number, emitter: Emitter): string {
  return emitter.tensor('float32', [length], new Float32Array(length).fill(value));
}

function scaled(normal: ReferenceArray, gamma: ReferenceArray, beta: ReferenceArray): ReferenceArray {
  return build(normal.shape, ([, c], flat) => normal.data[flat]! * gamma.data[c!]! + beta.data[c!]!);
}

type Moments = { readonly mean: number; readonly variance: number };

function momentsOf(values: Float64Array): Moments {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  return { mean, variance: values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length };
}
