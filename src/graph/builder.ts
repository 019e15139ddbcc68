/**
 * The operations by name, as plain functions from tensors to tensors. Shapes and dtypes are checked here, when a
 * graph is built. Letters in the comments: B batch, L tokens, D width.
 */
import { broadcast, type Dim, product, type Shape, sameShape } from './dimensions.ts';
import { graphError } from './errors.ts';
import { normaliseAxis } from './ops/check.ts';
import type { Fill } from './ops/leaf.ts';
import { flattened } from './ops/matmul.ts';
import { zeroPointOf } from './ops/quantised.ts';
import { type AttributesOf, definitionOf, type OpKind } from './ops/table.ts';
import type { Pair, Window } from './ops/window.ts';
import type { Attributes, Builder, DType, Node, Tensor, TensorData } from './tensor.ts';

/** Applies an operation: infers types, freezes the record, returns one tensor an output. */
function apply<K extends OpKind>(
  kind: K,
  inputs: readonly Tensor[],
  attributes: AttributesOf<K>,
): readonly Tensor[] {
  const outputs = definitionOf(kind).infer(inputs, attributes as Attributes);
  const node: Node = Object.freeze({
    kind,
    inputs: Object.freeze([...inputs]),
    attributes: attributes as Attributes,
    outputs,
  });
  return outputs.map((type, index) => Object.freeze({ ...type, node, index }));
}

function one<K extends OpKind>(kind: K, inputs: readonly Tensor[], attributes: AttributesOf<K>): Tensor {
  return apply(kind, inputs, attributes)[0]!;
}

// ---- leaves

/** What a caller hands in at each run. Named dimensions of a graph get their sizes from its inputs. */
export const input = (name: string, dtype: DType, shape: Shape, fill?: Fill): Tensor =>
  one('input', [], { name, dtype, shape, fill });
/** A float32 tensor that training changes, under its checkpoint name. */
export const parameter = (name: string, shape: readonly number[]): Tensor =>
  one('parameter', [], { name, dtype: 'float32', shape });
export const constant = (dtype: DType, shape: readonly number[], data: TensorData): Tensor =>
  one('constant', [], { dtype, shape, data });
/** A float32 constant without axes. */
export const scalar = (value: number): Tensor => constant('float32', [], Float32Array.of(value));
/** An int32 constant without axes. */
export const integer = (value: number): Tensor => constant('int32', [], Int32Array.of(value));
/** Zeros of a float32 tensor's shape. */
export const zerosLike = (x: Tensor): Tensor => broadcastTo(scalar(0), x.shape);

// ---- arithmetic with broadcasting

export const add = (a: Tensor, b: Tensor): Tensor => one('add', [a, b], {});
export const subtract = (a: Tensor, b: Tensor): Tensor => one('subtract', [a, b], {});
export const multiply = (a: Tensor, b: Tensor): Tensor => one('multiply', [a, b], {});
export const divide = (a: Tensor, b: Tensor): Tensor => one('divide', [a, b], {});
/** a to the power b; a must be positive where the gradient by b is asked. */
export const power = (a: Tensor, b: Tensor): Tensor => one('power', [a, b], {});
export const maximum = (a: Tensor, b: Tensor): Tensor => one('maximum', [a, b], {});
export const minimum = (a: Tensor, b: Tensor): Tensor => one('minimum', [a, b], {});
/** x times a number; exactly x when the number is 1. */
export const scale = (x: Tensor, by: number): Tensor => (by === 1 ? x : multiply(x, scalar(by)));

export const equal = (a: Tensor, b: Tensor): Tensor => one('equal', [a, b], {});
export const less = (a: Tensor, b: Tensor): Tensor => one('less', [a, b], {});
export const greater = (a: Tensor, b: Tensor): Tensor => one('greater', [a, b], {});
export const and = (a: Tensor, b: Tensor): Tensor => one('and', [a, b], {});
export const or = (a: Tensor, b: Tensor): Tensor => one('or', [a, b], {});
export const not = (x: Tensor): Tensor => one('not', [x], {});
export const where = (condition: Tensor, a: Tensor, b: Tensor): Tensor => one('where', [condition, a, b], {});
export const cast = (x: Tensor, to: DType): Tensor => (x.dtype === to ? x : one('cast', [x], { to }));

// ---- functions of one element

export const negate = (x: Tensor): Tensor => one('negate', [x], {});
export const exp = (x: Tensor): Tensor => one('exp', [x], {});
export const log = (x: Tensor): Tensor => one('log', [x], {});
export const sqrt = (x: Tensor): Tensor => one('sqrt', [x], {});
export const tanh = (x: Tensor): Tensor => one('tanh', [x], {});
export const sigmoid = (x: Tensor): Tensor => one('sigmoid', [x], {});
/** log(1 + exp(x)) without overflow. */
export const softplus = (x: Tensor): Tensor => one('softplus', [x], {});
export const erf = (x: Tensor): Tensor => one('erf', [x], {});
export const relu = (x: Tensor): Tensor => one('relu', [x], {});
export const abs = (x: Tensor): Tensor => one('abs', [x], {});
export const sign = (x: Tensor): Tensor => one('sign', [x], {});
export const sin = (x: Tensor): Tensor => one('sin', [x], {});
export const cos = (x: Tensor): Tensor => one('cos', [x], {});
/** x σ(x), also called swish; Elfwing et al. 2017. */
export const silu = (x: Tensor): Tensor => multiply(x, sigmoid(x));
/** GELU: `none` is exact (erf), `tanh` the approximation of GPT-2 (`gelu_new`). */
export const gelu = (x: Tensor, approximate: 'none' | 'tanh' = 'none'): Tensor =>
  apply('gelu', [x], { approximate })[0]!;

// ---- products

/** alpha * a b over the last two axes; leading axes broadcast. */
export function matmul(
  a: Tensor,
  b: Tensor,
  options: { transposeA?: boolean; transposeB?: boolean; alpha?: number } = {},
): Tensor {
  const { transposeA = false, transposeB = false, alpha = 1 } = options;
  return one('matmul', [a, b], { transposeA, transposeB, alpha });
}

/**
 * x W + bias over the last axis, whatever axes come before it.
 * @param x - `[..., in]`; @param weight - `[out, in]`, or `[in, out]` with layout `in-out`; @param bias - `[out]`
 * @returns `[..., out]`
 */
export function linear(
  x: Tensor,
  weight: Tensor,
  bias?: Tensor,
  layout: 'out-in' | 'in-out' = 'out-in',
): Tensor {
  const flat = x.shape.length === 2 ? x : reshape(x, flattened(x.shape));
  const y = bias
    ? one('linear', [flat, weight, bias], { layout })
    : matmul(flat, weight, { transposeB: layout === 'out-in' });
  return x.shape.length === 2 ? y : reshape(y, [...x.shape.slice(0, -1), y.shape[1]!]);
}

/** A matrix in eight bits: codes, uint8 `[rows, width]`, and the scale of each row, float32 `[rows, 1]`. */
export type QuantisedRows = { readonly codes: Tensor; readonly scale: Tensor; readonly zeroPoint: number };

/**
 * Quantises each row of x `[rows, width]` by its own largest element.
 * @param lowest - what no element of x is below (at most 0), when that is known: 0 after a ReLU
 */
export function quantiseRows(x: Tensor, lowest?: number): QuantisedRows {
  const [codes, scale] = apply('quantiseRows', [x], { lowest });
  return { codes: codes!, scale: scale!, zeroPoint: zeroPointOf(lowest) };
}

/**
 * x W + bias in eight bits.
 * @param weight - uint8 `[in, out]`: int8 values kept as bytes; @param columns - float32 `[out]`, the scales of its columns
 * @returns float32 `[rows, out]`
 */
export const quantisedLinear = (x: QuantisedRows, weight: Tensor, columns: Tensor, bias?: Tensor): Tensor =>
  one('quantisedLinear', [x.codes, x.scale, weight, columns, ...(bias ? [bias] : [])], {
    zeroPoint: x.zeroPoint,
  });

// ---- shape

export const transpose = (x: Tensor, permutation: readonly number[]): Tensor =>
  one('transpose', [x], { permutation });
/** The same elements in row-major order; exactly x when nothing changes. */
export const reshape = (x: Tensor, shape: Shape): Tensor =>
  sameShape(x.shape, shape) ? x : one('reshape', [x], { shape });
export const broadcastTo = (x: Tensor, shape: Shape): Tensor =>
  sameShape(x.shape, shape) ? x : one('broadcastTo', [x], { shape });
export const concat = (parts: readonly Tensor[], axis: number): Tensor =>
  one('concat', parts, { axis: normaliseAxis('concat', axis, parts[0]!.shape) });
export const split = (x: Tensor, axis: number, sizes: readonly number[]): readonly Tensor[] =>
  apply('split', [x], { axis: normaliseAxis('split', axis, x.shape), sizes });
/** Elements start to end (exclusive) along an axis; `end` may be a named dimension when start is 0. */
export function slice(x: Tensor, axis: number, start: number, end: Dim): Tensor {
  const at = normaliseAxis('slice', axis, x.shape);
  return start === 0 && end === x.shape[at] ? x : one('slice', [x], { axis: at, start, end });
}
/** x at place `before` of zeros that are `size` long along an axis. */
export const pad = (x: Tensor, axis: number, before: number, size: Dim): Tensor =>
  one('pad', [x], { axis: normaliseAxis('pad', axis, x.shape), before, size });
/** How many elements some axes span, as a float32 scalar. */
export function size(x: Tensor, axes: readonly number[]): Tensor {
  const count = product(axes.map((axis) => x.shape[axis]!));
  return typeof count === 'number' ? scalar(count) : one('size', [x], { axes });
}
/** 0, 1, 2, ... as int32, as many as an axis of x is long. */
export const range = (x: Tensor, axis: number): Tensor => one('range', [x], { axis });
/** x as a constant for the gradient. */
export const stopGradient = (x: Tensor): Tensor => one('stopGradient', [x], {});
/** An axis of size 1 put in. */
export const expandDims = (x: Tensor, axis: number): Tensor =>
  reshape(x, [...x.shape.slice(0, axis), 1, ...x.shape.slice(axis)]);

// ---- indexing

/** Rows of a table. @param table - `[rows, ...]`; @param ids - int32 of any shape; @returns `[ids..., ...]` */
export const gather = (table: Tensor, ids: Tensor): Tensor => one('gather', [table, ids], {});
/** Zeros `[rows, ...]` with `updates` `[ids..., ...]` added at `ids`; duplicates add up. */
export const scatterAdd = (ids: Tensor, updates: Tensor, rows: Dim): Tensor =>
  one('scatterAdd', [ids, updates], { rows });
export const takeAlong = (x: Tensor, indices: Tensor, axis: number): Tensor =>
  one('takeAlong', [x, indices], { axis: normaliseAxis('takeAlong', axis, x.shape) });
export const scatterAlong = (indices: Tensor, updates: Tensor, axis: number, size: Dim): Tensor =>
  one('scatterAlong', [indices, updates], { axis, size });
export const oneHot = (ids: Tensor, depth: number): Tensor => one('oneHot', [ids], { depth });
/** The k largest along an axis, largest first, and their places (int32). */
export function topK(x: Tensor, k: number, axis = -1): { readonly values: Tensor; readonly indices: Tensor } {
  const [values, indices] = apply('topK', [x], { k, axis: normaliseAxis('topK', axis, x.shape) });
  return { values: values!, indices: indices! };
}

// ---- reductions

function reduce(
  kind: 'sum' | 'mean' | 'max' | 'min',
  x: Tensor,
  axes: readonly number[],
  keepDims: boolean,
): Tensor {
  if (axes.length === 0) return x;
  const normal = axes.map((axis) => normaliseAxis(kind, axis, x.shape)).sort((a, b) => a - b);
  return one(kind, [x], { axes: normal, keepDims });
}
const allAxes = (x: Tensor): number[] => x.shape.map((_, i) => i);
export const sum = (x: Tensor, axes: readonly number[] = allAxes(x), keepDims = false): Tensor =>
  reduce('sum', x, axes, keepDims);
export const mean = (x: Tensor, axes: readonly number[] = allAxes(x), keepDims = false): Tensor =>
  reduce('mean', x, axes, keepDims);
export const max = (x: Tensor, axes: readonly number[] = allAxes(x), keepDims = false): Tensor =>
  reduce('max', x, axes, keepDims);
export const min = (x: Tensor, axes: readonly number[] = allAxes(x), keepDims = false): Tensor =>
  reduce('min', x, axes, keepDims);
export const cumulativeSum = (x: Tensor, axis: number, options: { reverse?: boolean } = {}): Tensor =>
  one('cumulativeSum', [x], {
    axis: normaliseAxis('cumulativeSum', axis, x.shape),
    reverse: options.reverse ?? false,
  });

/** Sums x down to `shape`, undoing a broadcast from it. */
export function reduceTo(x: Tensor, shape: Shape): Tensor {
  if (sameShape(x.shape, shape)) return x;
  if (broadcast(x.shape, shape) === undefined) {
    throw graphError('graph/shape-mismatch', `Cannot sum [${x.shape}] down to [${shape}].`);
  }
  const extra = x.shape.length - shape.length;
  const axes = x.shape
    .map((_, i) => i)
    .filter((i) => i < extra || (shape[i - extra] === 1 && x.shape[i] !== 1));
  // What is smaller than `shape` was itself broadcast on the way up.
  return broadcastTo(
    reshape(
      sum(x, axes),
      x.shape.slice(extra).map((dim, i) => (axes.includes(i + extra) ? 1 : dim)),
    ),
    shape,
  );
}

// ---- normalisation

export const softmax = (x: Tensor, axis = -1): Tensor =>
  one('softmax', [x], { axis: normaliseAxis('softmax', axis, x.shape) });
export const logSoftmax = (x: Tensor, axis = -1): Tensor =>
  one('logSoftmax', [x], { axis: normaliseAxis('logSoftmax', axis, x.shape) });
/**
 * (x - μ) / √(σ² + ε) * γ + β over the last axis, σ² biased.
 * @param x - `[..., D]`; @param gamma - `[D]`; @param beta - `[D]` or undefined for none
 */
export const layerNorm = (x: Tensor, gamma: Tensor, beta: Tensor | undefined, epsilon: number): Tensor =>
  apply('layerNorm', beta ? [x, gamma, beta] : [x, gamma], { epsilon })[0]!;
/** x / √(mean(x²) + ε) * γ over the last axis. */
export const rmsNorm = (x: Tensor, gamma: Tensor, epsilon: number): Tensor =>
  apply('rmsNorm', [x, gamma], { epsilon })[0]!;
/** x / (1 - p) where the mask (uint8, x's shape) is 1, else 0. */
export const dropout = (x: Tensor, mask: Tensor, probability: number): Tensor =>
  one('dropout', [x, mask], { probability });

// ---- pictures: x is [batch, channels, height, width], all but batch in numbers

/** One number for height and width, or one each. */
type Both = number | Pair;
const both = (value: Both): Pair => (typeof value === 'number' ? [value, value] : value);

export type SlideOptions = {
  /** Pixels from a window to the next; 1 unless told otherwise. */
  readonly stride?: Both;
  /** Zeros on either side, or top, left, bottom, right; none unless told otherwise. */
  readonly padding?: Both | Window['pads'];
};

function slide({ stride = 1, padding = 0 }: SlideOptions): Pick<Window, 'strides' | 'pads'> {
  const pads =
    typeof padding === 'number' || padding.length === 2 ? [...both(padding), ...both(padding)] : padding;
  return { strides: both(stride), pads: pads as Window['pads'] };
}

/**
 * Cross-correlation, as every framework's convolution is.
 * @param weight - `[out, channels / groups, kernel height, kernel width]`; @param bias - `[out]` or undefined
 * @returns `[batch, out, height', width']`, height' = ⌊(height + padding - dilation (kernel - 1) - 1) / stride⌋ + 1
 */
export const convolution = (
  x: Tensor,
  weight: Tensor,
  bias: Tensor | undefined,
  options: SlideOptions & { readonly dilation?: Both; readonly groups?: number } = {},
): Tensor =>
  one('convolution', bias ? [x, weight, bias] : [x, weight], {
    ...slide(options),
    dilations: both(options.dilation ?? 1),
    groups: options.groups ?? 1,
  });

/** The largest of each window of `kernel` pixels. @returns `[batch, channels, height', width']` */
export const maxPool = (x: Tensor, kernel: Both, options: SlideOptions = {}): Tensor =>
  one('maxPool', [x], { kernel: both(kernel), ...slide(options), dilations: [1, 1] });
/** The mean of each window, padding counted as zeros. @returns `[batch, channels, height', width']` */
export const averagePool = (x: Tensor, kernel: Both, options: SlideOptions = {}): Tensor =>
  one('averagePool', [x], { kernel: both(kernel), ...slide(options), dilations: [1, 1] });

/** Each row by itself, over the pixels and channels of a group. @param gamma, beta - `[channels]` */
export const groupNorm = (x: Tensor, gamma: Tensor, beta: Tensor, groups: number, epsilon: number): Tensor =>
  apply('groupNorm', [x, gamma, beta], { groups, epsilon })[0]!;
/** Each channel over the batch and the pixels, with its mean and biased variance `[channels]`. */
export function batchNorm(
  x: Tensor,
  gamma: Tensor,
  beta: Tensor,
  epsilon: number,
): { readonly y: Tensor; readonly mean: Tensor; readonly variance: Tensor } {
  const [y, mean, variance] = apply('batchNorm', [x, gamma, beta], { epsilon });
  return { y: y!, mean: mean!, variance: variance! };
}
/** As batchNorm with a given mean and variance `[channels]`. */
export const frozenBatchNorm = (
  x: Tensor,
  [gamma, beta]: readonly [Tensor, Tensor],
  [mean, variance]: readonly [Tensor, Tensor],
  epsilon: number,
): Tensor => one('frozenBatchNorm', [x, gamma, beta, mean, variance], { epsilon });

/** What gradient rules are written with. */
export const builder: Builder = {
  scalar,
  zerosLike,
  add,
  subtract,
  multiply,
  divide,
  power,
  negate,
  scale,
  exp,
  log,
  sqrt,
  tanh,
  sigmoid,
  erf,
  sign,
  sin,
  cos,
  equal,
  less,
  greater,
  where,
  cast,
  matmul,
  transpose,
  reshape,
  broadcastTo,
  reduceTo,
  concat,
  split,
  slice,
  pad,
  scatterAdd,
  gather,
  takeAlong,
  scatterAlong,
  sum,
  mean,
  size,
  softmax,
  cumulativeSum,
  dropout,
  convolution: (x, weight, attributes) =>
    one('convolution', [x, weight], attributes as AttributesOf<'convolution'>),
  convolutionInputGradient: (dy, weight, attributes, size) =>
    one('convolutionInputGradient', [dy, weight], {
      ...attributes,
      size,
    } as AttributesOf<'convolutionInputGradient'>),
  convolutionWeightGradient: (x, dy, attributes, kernel) =>
    one('convolutionWeightGradient', [x, dy], {
      ...attributes,
      kernel,
    } as AttributesOf<'convolutionWeightGradient'>),
};
