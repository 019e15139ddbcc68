/** Maximum and mean over windows of [batch, channels, height, width], each channel by itself. */
import { product } from '../dimensions.ts';
import { defineOp } from '../tensor.ts';
import { expectDType } from './check.ts';
import { onnxWindow } from './convolution-forms.ts';
import { build, stridesOf } from './reference-array.ts';
import { knownSize, type Pair, placeOf, type Window, windowsOver } from './window.ts';

/**
 * Outputs y and where each maximum stands in x, as a place in all of x's elements. Padding is never the maximum. Of equals
 * the first in reading order is it and gets all of the gradient, as in PyTorch.
 */
const maxPool = defineOp<Window>({
  summary: 'the largest element of each window, and its place',
  infer: ([x], window) => {
    expectDType('maxPool', 'input', x!, 'float32');
    const shape = [...x!.shape.slice(0, 2), ...windowsOver('maxPool', x!.shape, window)];
    return [
      { dtype: 'float32', shape },
      { dtype: 'int32', shape },
    ];
  },
  gradient: ({ inputs, outputs, upstream }, b) => {
    const x = inputs[0]!;
    const elements = product(x.shape);
    return [upstream[0] && b.reshape(b.scatterAdd(outputs[1]!, upstream[0], elements), x.shape)];
  },
  emit: ([x], window, emitter, node) => {
    const { group: _, ...attributes } = onnxWindow(window, 1);
    if (!emitter.isUsed(node, 1)) return [emitter.add('MaxPool', [x!], attributes), ''];
    const [y, places] = emitter.addMany('MaxPool', [x!], 2, attributes);
    return [y!, emitter.add('Cast', [places!], { to: 6 })];
  },
  evaluate: ([x], window) => {
    const shape = [...x!.shape.slice(0, 2), ...windowsOver('maxPool', x!.shape, window)];
    const strides = stridesOf(x!.shape);
    const places = build(shape, ([n, c, row, column]) => {
      const plane = n! * strides[0]! + c! * strides[1]!;
      const inside = placesOf(window, x!.shape, row!, column!).map((at) => plane + at);
      return inside.reduce((best, at) => (x!.data[at]! > x!.data[best]! ? at : best));
    });
    return [{ shape, data: places.data.map((at) => x!.data[at]!) }, places];
  },
  samples: [
    {
      inputs: [{ shape: [2, 3, 4, 6] }],
      attributes: { kernel: [2, 2], strides: [2, 2], pads: [0, 0, 0, 0], dilations: [1, 1] },
    },
    {
      inputs: [{ shape: [1, 2, 5, 6] }],
      attributes: { kernel: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1], dilations: [1, 1] },
    },
  ],
});

/** The mean counts padding as zeros, as PyTorch's does unless told otherwise. */
const averagePool = defineOp<Window>({
  summary: 'the mean of each window, zeros around counted',
  infer: ([x], window) => {
    expectDType('averagePool', 'input', x!, 'float32');
    return [
      { dtype: 'float32', shape: [...x!.shape.slice(0, 2), ...windowsOver('averagePool', x!.shape, window)] },
    ];
  },
  gradient: ({ inputs, attributes: { kernel, ...window }, upstream }, b) => {
    const [batch, channels, ...size] = inputs[0]!.shape;
    if (isTiled(knownSize('averagePool', inputs[0]!.shape), { ...window, kernel })) {
      const share = b.scale(upstream[0]!, 1 / (kernel[0] * kernel[1]));
      const [rows, columns] = knownSize('averagePool', upstream[0]!.shape);
      const planes = product([batch!, channels!]);
      const apart = b.reshape(share, [planes, rows, 1, columns, 1]);
      const spread = b.broadcastTo(apart, [planes, rows, kernel[0], columns, kernel[1]]);
      return [b.reshape(spread, [batch!, channels!, ...size])];
    }
    const planes = product([batch!, channels!]);
    const weight = b.broadcastTo(b.scalar(1 / (kernel[0] * kernel[1])), [1, 1, ...kernel]);
    const dy = b.reshape(upstream[0]!, [planes, 1, ...upstream[0]!.shape.slice(2)]);
    const dx = b.convolutionInputGradient(
      dy,
      weight,
      { ...window, groups: 1 },
      knownSize('averagePool', inputs[0]!.shape),
    );
    return [b.reshape(dx, [batch!, channels!, ...size])];
  },
  emit: ([x], window, emitter) => {
    const { group: _, ...attributes } = onnxWindow(window, 1);
    return [emitter.add('AveragePool', [x!], { ...attributes, count_include_pad: 1 })];
  },
  evaluate: ([x], window) => {
    const shape = [...x!.shape.slice(0, 2), ...windowsOver('averagePool', x!.shape, window)];
    const strides = stridesOf(x!.shape);
    const count = window.kernel[0] * window.kernel[1];
    return [
      build(shape, ([n, c, row, column]) => {
        const plane = n! * strides[0]! + c! * strides[1]!;
        return (
          placesOf(window, x!.shape, row!, column!).reduce((total, at) => total + x!.data[plane + at]!, 0) /
          count
        );
      }),
    ];
  },
  samples: [
    {
      inputs: [{ shape: [2, 3, 4, 6] }],
      attributes: { kernel: [2, 2], strides: [2, 2], pads: [0, 0, 0, 0], dilations: [1, 1] },
    },
    {
      inputs: [{ shape: [1, 2, 5, 6] }],
      attributes: { kernel: [3, 2], strides: [1, 2], pads: [1, 0, 1, 1], dilations: [1, 1] },
    },
  ],
});

/** Whether windows lie side by side and cover all of it. */
function isTiled(size: Pair, { kernel, strides, pads, dilations }: Window): boolean {
  return (
    pads.every((n) => n === 0) &&
    dilations.every((n) => n === 1) &&
    size.every((n, axis) => kernel[axis] === strides[axis] && n % kernel[axis]! === 0)
  );
}

/** Places of one window inside a plane of height and width, in reading order. */
function placesOf(window: Window, x: readonly number[], row: number, column: number): number[] {
  const [height, width] = x.slice(2) as [number, number];
  const places: number[] = [];
  for (let i = 0; i < window.kernel[0] * window.kernel[1]; i++) {
    const y = placeOf(window, 0, row, Math.floor(i / window.kernel[1]));
    const z = placeOf(window, 1, column, i % window.kernel[1]);
    if (y >= 0 && y < height && z >= 0 && z < width) places.push(y * width + z);
  }
  return places;
}

export const poolingOps = { maxPool, averagePool } as const;
