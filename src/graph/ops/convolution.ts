/**
 * Convolution over [batch, channels, height, width] and its two gradients. Each is linear in both inputs, and the
 * gradients of each are the other two, so the three close under differentiation.
 */
import { type Shape, showShape } from '../dimensions.ts';
import { graphError } from '../errors.ts';
import { defineOp, type ReferenceArray, type Tensor } from '../tensor.ts';
import { expectDType, mismatch } from './check.ts';
import { byInput, byWeight, convolve } from './convolution-forms.ts';
import { stridesOf } from './reference-array.ts';
import { knownSize, type Pair, placeOf, type Window, windowsOver } from './window.ts';

/** `kernel` belongs to the weight [out, in / groups, kernel height, kernel width]. */
export type ConvolutionAttributes = {
  readonly strides: Window['strides'];
  readonly pads: Window['pads'];
  readonly dilations: Window['dilations'];
  /** Channels are divided into so many parts, each with weights of its own; as many as channels is depthwise. */
  readonly groups: number;
};

const convolution = defineOp<ConvolutionAttributes>({
  summary:
    'weights slid over height and width (cross-correlation), in groups of channels, with an optional bias',
  infer: ([x, weight, bias], attributes) => {
    for (const [role, tensor] of [
      ['input', x],
      ['weight', weight],
      ['bias', bias],
    ] as const)
      if (tensor) expectDType('convolution', role, tensor, 'float32');
    const kernel = kernelOf('convolution', weight!.shape);
    const [out, inner] = weight!.shape as readonly number[];
    const [batch, channels] = x!.shape;
    const { groups } = attributes;
    if (
      channels !== inner! * groups ||
      out! % groups !== 0 ||
      (bias && (bias.shape.length !== 1 || bias.shape[0] !== out))
    ) {
      throw mismatch(
        'convolution',
        `convolution in ${groups} groups needs x [batch, in, height, width], weight [out, in / ${groups}, height, width] and bias [out]. Got ${showShape(x!.shape)}, ${showShape(weight!.shape)}${bias ? ` and ${showShape(bias.shape)}` : ''}.`,
        [x!.shape, weight!.shape],
      );
    }
    return [
      {
        dtype: 'float32',
        shape: [batch!, out!, ...windowsOver('convolution', x!.shape, { ...attributes, kernel })],
      },
    ];
  },
  gradient: ({ inputs, attributes, upstream, needs }, b) => {
    const [x, weight, bias] = inputs;
    const dy = upstream[0]!;
    return [
      needs(0)
        ? b.convolutionInputGradient(dy, weight!, attributes, knownSize('convolution', x!.shape))
        : undefined,
      needs(1)
        ? b.convolutionWeightGradient(x!, dy, attributes, kernelOf('convolution', weight!.shape))
        : undefined,
      ...(bias ? [needs(2) ? b.sum(dy, [0, 2, 3]) : undefined] : []),
    ];
  },
  emit: (inputs, { groups, ...attributes }, emitter, node) => {
    const weight = node.inputs[1]!;
    const window: Window = { ...attributes, kernel: kernelOf('convolution', weight.shape) };
    const windows = knownSize('convolution', node.outputs[0]!.shape);
    const sizes = { weightShape: weight.shape, windows };
    return [convolve(inputs, window, groups, sizes, emitter, emitter.isStored(weight))];
  },
  evaluate: ([x, weight, bias], attributes) => {
    const kernel = kernelOf('convolution', weight!.shape);
    const y = zeros([
      x!.shape[0]!,
      weight!.shape[0]!,
      ...windowsOver('convolution', x!.shape, { ...attributes, kernel }),
    ]);
    visit(x!.shape, weight!.shape, y.shape, attributes, (i, j, k) => {
      y.data[k] = y.data[k]! + x!.data[i]! * weight!.data[j]!;
    });
    const plane = y.shape[2]! * y.shape[3]!;
    if (bias)
      y.data.forEach((value, k) => {
        y.data[k] = value + bias.data[Math.floor(k / plane) % bias.data.length]!;
      });
    return [y];
  },
  samples: [
    {
      inputs: [{ shape: [1, 2, 9, 8] }, { shape: [2, 2, 3, 3] }, { shape: [2] }],
      attributes: { strides: [1, 1], pads: [1, 1, 1, 1], dilations: [1, 1], groups: 1 },
    },
    {
      inputs: [{ shape: [2, 3, 5, 4] }, { shape: [2, 3, 3, 3] }, { shape: [2] }],
      attributes: { strides: [1, 1], pads: [1, 1, 1, 1], dilations: [1, 1], groups: 1 },
    },
    {
      inputs: [{ shape: [1, 4, 7, 6] }, { shape: [6, 2, 3, 2] }],
      attributes: { strides: [2, 3], pads: [1, 0, 0, 1], dilations: [2, 1], groups: 2 },
    },
  ],
});

const convolutionInputGradient = defineOp<ConvolutionAttributes & { readonly size: Pair }>({
  summary: 'the gradient of a convolution by its input of height and width `size`; a transposed convolution',
  infer: ([dy, weight], { groups, size, ...attributes }) => {
    expectDType('convolutionInputGradient', 'gradient', dy!, 'float32');
    expectDType('convolutionInputGradient', 'weight', weight!, 'float32');
    const kernel = kernelOf('convolutionInputGradient', weight!.shape);
    const shape = [dy!.shape[0]!, (weight!.shape[1] as number) * groups, ...size];
    expectWindows('convolutionInputGradient', dy!, weight!.shape[0]!, shape, { ...attributes, kernel });
    return [{ dtype: 'float32', shape }];
  },
  gradient: ({ inputs, attributes, upstream, needs }, b) => {
    const { size: _, ...forward } = attributes;
    const [dy, weight] = inputs;
    return [
      needs(0) ? b.convolution(upstream[0]!, weight!, forward) : undefined,
      needs(1)
        ? b.convolutionWeightGradient(upstream[0]!, dy!, forward, kernelOf('convolution', weight!.shape))
        : undefined,
    ];
  },
  emit: ([dy, weight], { size, groups, ...attributes }, emitter, node) => {
    const weightShape = node.inputs[1]!.shape;
    const window: Window = { ...attributes, kernel: kernelOf('convolution', weightShape) };
    const windows = knownSize('convolution', node.inputs[0]!.shape);
    const sizes = { size, windows, weightShape };
    return [byInput({ dy: dy!, weight: weight! }, window, groups, sizes, emitter)];
  },
  evaluate: ([dy, weight], attributes) => {
    const x = zeros([dy!.shape[0]!, weight!.shape[1]! * attributes.groups, ...attributes.size]);
    visit(x.shape, weight!.shape, dy!.shape, attributes, (i, j, k) => {
      x.data[i] = x.data[i]! + weight!.data[j]! * dy!.data[k]!;
    });
    return [x];
  },
  samples: [
    {
      inputs: [{ shape: [1, 2, 9, 8] }, { shape: [2, 3, 3, 3] }],
      attributes: { strides: [1, 1], pads: [1, 1, 1, 1], dilations: [1, 1], groups: 1, size: [9, 8] },
    },
    {
      inputs: [{ shape: [2, 2, 5, 4] }, { shape: [2, 3, 3, 3] }],
      attributes: { strides: [1, 1], pads: [1, 1, 1, 1], dilations: [1, 1], groups: 1, size: [5, 4] },
    },
    {
      inputs: [{ shape: [2, 2, 4, 4] }, { shape: [2, 3, 1, 1] }],
      attributes: { strides: [1, 1], pads: [0, 0, 0, 0], dilations: [1, 1], groups: 1, size: [4, 4] },
    },
    {
      inputs: [{ shape: [1, 2, 4, 3] }, { shape: [2, 3, 1, 2] }],
      attributes: { strides: [2, 3], pads: [0, 0, 0, 0], dilations: [1, 1], groups: 1, size: [8, 10] },
    },
    {
      inputs: [{ shape: [1, 6, 2, 2] }, { shape: [6, 2, 3, 2] }],
      attributes: { strides: [2, 3], pads: [1, 0, 0, 1], dilations: [2, 1], groups: 2, size: [7, 6] },
    },
  ],
});

const convolutionWeightGradient = defineOp<ConvolutionAttributes & { readonly kernel: Pair }>({
  summary: 'the gradient of a convolution by its weight of height and width `kernel`',
  infer: ([x, dy], { kernel, groups, ...attributes }) => {
    expectDType('convolutionWeightGradient', 'input', x!, 'float32');
    expectDType('convolutionWeightGradient', 'gradient', dy!, 'float32');
    expectWindows('convolutionWeightGradient', dy!, dy!.shape[1]!, x!.shape, { ...attributes, kernel });
    return [{ dtype: 'float32', shape: [dy!.shape[1]!, (x!.shape[1] as number) / groups, ...kernel] }];
  },
  gradient: ({ inputs, attributes, upstream, needs }, b) => {
    const { kernel: _, ...forward } = attributes;
    const [x, dy] = inputs;
    return [
      needs(0)
        ? b.convolutionInputGradient(dy!, upstream[0]!, forward, knownSize('convolution', x!.shape))
        : undefined,
      needs(1) ? b.convolution(x!, upstream[0]!, forward) : undefined,
    ];
  },
  emit: ([x, dy], { kernel, groups, ...attributes }, emitter, node) => {
    const [xShape, dyShape] = node.inputs.map((input) => input.shape) as [Shape, Shape];
    const sides = { x: { name: x!, shape: xShape }, dy: { name: dy!, shape: dyShape } };
    return [byWeight(sides, { ...attributes, kernel }, groups, emitter)];
  },
  evaluate: ([x, dy], attributes) => {
    const weight = zeros([dy!.shape[1]!, x!.shape[1]! / attributes.groups, ...attributes.kernel]);
    visit(x!.shape, weight.shape, dy!.shape, attributes, (i, j, k) => {
      weight.data[j] = weight.data[j]! + x!.data[i]! * dy!.data[k]!;
    });
    return [weight];
  },
  samples: [
    {
      inputs: [{ shape: [2, 3, 5, 4] }, { shape: [2, 2, 5, 4] }],
      attributes: { strides: [1, 1], pads: [1, 1, 1, 1], dilations: [1, 1], groups: 1, kernel: [3, 3] },
    },
    {
      inputs: [{ shape: [2, 20, 6, 5] }, { shape: [2, 2, 2, 2] }],
      attributes: { strides: [2, 2], pads: [0, 1, 0, 0], dilations: [1, 1], groups: 1, kernel: [3, 3] },
    },
    {
      inputs: [{ shape: [2, 3, 4, 4] }, { shape: [2, 2, 4, 4] }],
      attributes: { strides: [1, 1], pads: [0, 0, 0, 0], dilations: [1, 1], groups: 1, kernel: [1, 1] },
    },
    {
      inputs: [{ shape: [2, 4, 7, 6] }, { shape: [2, 6, 2, 2] }],
      attributes: { strides: [2, 3], pads: [1, 0, 0, 1], dilations: [2, 1], groups: 2, kernel: [3, 2] },
    },
    {
      inputs: [{ shape: [2, 3, 4, 4] }, { shape: [2, 3, 4, 4] }],
      attributes: { strides: [1, 1], pads: [1, 1, 1, 1], dilations: [1, 1], groups: 3, kernel: [3, 3] },
    },
  ],
});

export const convolutionOps = { convolution, convolutionInputGradient, convolutionWeightGradient } as const;

function kernelOf(op: string, weight: Shape): Pair {
  const [, , height, width] = weight;
  if (weight.length === 4 && weight.every((dim) => typeof dim === 'number'))
    return [height as number, width as number];
  throw graphError(
    'graph/bad-argument',
    `The weight of ${op} must be [out, in / groups, height, width] in numbers. Got ${showShape(weight)}.`,
  );
}

/** Checks that `dy` is what a convolution over `x` would give. */
function expectWindows(op: string, dy: Tensor, out: Shape[number], x: Shape, window: Window): void {
  const expected: Shape = [x[0]!, out, ...windowsOver(op, x, window)];
  if (dy.shape.length === 4 && dy.shape.every((dim, i) => dim === expected[i])) return;
  throw mismatch(
    op,
    `The gradient given to ${op} must be ${showShape(expected)}. Got ${showShape(dy.shape)}.`,
    [dy.shape, expected],
  );
}

function zeros(shape: readonly number[]): ReferenceArray {
  return { shape, data: new Float64Array(shape.reduce((a, b) => a * b, 1)) };
}

/** Calls `term` for each product of a convolution with the flat places of x, weight and y. */
function visit(
  x: readonly number[],
  weight: readonly number[],
  y: readonly number[],
  { groups, ...attributes }: ConvolutionAttributes,
  term: (x: number, weight: number, y: number) => void,
): void {
  const window: Window = { ...attributes, kernel: [weight[2]!, weight[3]!] };
  const [xs, ws, ys] = [stridesOf(x), stridesOf(weight), stridesOf(y)];
  const [batch, out, rows, columns] = y as readonly [number, number, number, number];
  const [, inner, height, width] = weight as readonly [number, number, number, number];
  for (let n = 0; n < batch; n++)
    for (let o = 0; o < out; o++)
      for (let c = 0; c < inner; c++) {
        const channel = Math.floor(o / (out / groups)) * inner + c;
        for (let i = 0; i < rows * columns; i++)
          for (let k = 0; k < height * width; k++) {
            const [r, q] = [Math.floor(i / columns), i % columns];
            const [u, v] = [Math.floor(k / width), k % width];
            const [row, column] = [placeOf(window, 0, r, u), placeOf(window, 1, q, v)];
            if (row < 0 || row >= x[2]! || column < 0 || column >= x[3]!) continue;
            term(
              n * xs[0]! + channel * xs[1]! + row * xs[2]! + column,
              o * ws[0]! + c * ws[1]! + u * ws[2]! + v,
              n * ys[0]! + o * ys[1]! + r * ys[2]! + q,
            );
          }
      }
}
