/**
 * The symbolic tensor and what an operation must say of itself. This file knows no operation: `ops/` imports it, the
 * table in `ops/table.ts` gathers them, `builder.ts` gives them their names.
 */
import type { Dim, Shape } from './dimensions.ts';

/** Element types of the engine. `int64` appears only where ONNX asks for it, inside emitted forms. */
export type DType = 'float32' | 'int32' | 'uint8' | 'bool';

/** A typed array that holds elements of a dtype; `bool` and `uint8` share bytes. */
export type TensorData = Float32Array | Int32Array | Uint8Array;

export type Attributes = Readonly<Record<string, unknown>>;

/** One application of an operation. */
export type Node = {
  readonly kind: string;
  readonly inputs: readonly Tensor[];
  readonly attributes: Attributes;
  readonly outputs: readonly TensorType[];
};

export type TensorType = { readonly dtype: DType; readonly shape: Shape };

/** A frozen record: the `index`-th output of `node`. */
export type Tensor = TensorType & { readonly node: Node; readonly index: number };

/** An array of the slow float64 reference; integers and booleans (0 or 1) are kept as numbers too. */
export type ReferenceArray = { readonly shape: readonly number[]; readonly data: Float64Array };

/** What an operation's ONNX form may do; `onnx/emit.ts` implements it. */
export interface Emitter {
  /** True for files meant for any runtime: standard operators only. */
  readonly standard: boolean;
  /** Whether anything reads this output of the node. */
  isUsed(node: Node, output: number): boolean;
  /** Whether the values of this tensor, a parameter, stand in the file. */
  isStored(tensor: Tensor): boolean;
  /** Adds an ONNX node and returns its first output's name. */
  add(
    opType: string,
    inputs: readonly string[],
    attributes?: OnnxAttributes,
    options?: { domain?: string; outputs?: number },
  ): string;
  /** As `add`, for operators with several outputs. */
  addMany(
    opType: string,
    inputs: readonly string[],
    outputs: number,
    attributes?: OnnxAttributes,
    domain?: string,
  ): readonly string[];
  /** A constant of any dtype. */
  tensor(dtype: DType, shape: readonly number[], data: TensorData): string;
  /** A constant of int64 elements, 1-D unless `scalar`. */
  int64(values: readonly number[], scalar?: boolean): string;
  /** A constant float32 scalar. */
  float32(value: number): string;
  /** A constant int32 scalar. */
  int32(value: number): string;
  /** A 1-D int64 tensor with the sizes of `shape`; a constant where all are numbers. */
  shapeTensor(shape: Shape): string;
}

export type OnnxAttributes = Readonly<
  Record<string, number | string | readonly number[] | { readonly float: number }>
>;

/** What a gradient rule is given. */
export type GradientContext<A extends Attributes> = {
  readonly inputs: readonly Tensor[];
  readonly attributes: A;
  readonly outputs: readonly Tensor[];
  /** The loss's gradient by each output; undefined where the loss does not depend on it. */
  readonly upstream: readonly (Tensor | undefined)[];
  /** Whether anybody wants the gradient by this input. */
  needs(index: number): boolean;
};

/** A complete row of the table: an operation that lacks one of these does not compile. */
export type OpDefinition<A extends Attributes> = {
  /** One line for the reference pages. */
  readonly summary: string;
  /** Types of the outputs, or an error that names the operation and the shapes. */
  infer(inputs: readonly Tensor[], attributes: A): readonly TensorType[];
  /** Gradients by each input (undefined for none), or "none" where the operation is not differentiable. */
  readonly gradient: 'none' | ((context: GradientContext<A>, b: Builder) => readonly (Tensor | undefined)[]);
  /** Adds the ONNX form; returns the names of its outputs. */
  emit(inputs: readonly string[], attributes: A, emitter: Emitter, node: Node): readonly string[];
  /** Slow, clear, in float64; `size` gives named dimensions their sizes. */
  evaluate(
    inputs: readonly ReferenceArray[],
    attributes: A,
    size: (dim: Dim) => number,
  ): readonly ReferenceArray[];
  /** Small legal applications, for the test that loops over the whole table. */
  readonly samples: readonly OpSample<A>[];
};

/** Inputs of a sample: a shape, a dtype and where to draw values from; `values` fixes them. */
export type OpSample<A extends Attributes> = {
  readonly inputs: readonly SampleInput[];
  readonly attributes: A;
};
export type SampleInput = {
  readonly shape: readonly number[];
  readonly dtype?: DType;
  readonly range?: readonly [number, number];
  readonly values?: readonly number[];
};

/** Checks that `A` is what the definition's functions take, and keeps the literal type. */
export function defineOp<A extends Attributes>(definition: OpDefinition<A>): OpDefinition<A> {
  return definition;
}

/** The operations that gradient rules are written with; `builder.ts` provides them. */
export interface Builder {
  scalar(value: number): Tensor;
  zerosLike(x: Tensor): Tensor;
  add(a: Tensor, b: Tensor): Tensor;
  subtract(a: Tensor, b: Tensor): Tensor;
  multiply(a: Tensor, b: Tensor): Tensor;
  divide(a: Tensor, b: Tensor): Tensor;
  power(a: Tensor, b: Tensor): Tensor;
  negate(x: Tensor): Tensor;
  scale(x: Tensor, by: number): Tensor;
  exp(x: Tensor): Tensor;
  log(x: Tensor): Tensor;
  sqrt(x: Tensor): Tensor;
  tanh(x: Tensor): Tensor;
  sigmoid(x: Tensor): Tensor;
  erf(x: Tensor): Tensor;
  sign(x: Tensor): Tensor;
  sin(x: Tensor): Tensor;
  cos(x: Tensor): Tensor;
  equal(a: Tensor, b: Tensor): Tensor;
  less(a: Tensor, b: Tensor): Tensor;
  greater(a: Tensor, b: Tensor): Tensor;
  where(condition: Tensor, a: Tensor, b: Tensor): Tensor;
  cast(x: Tensor, to: DType): Tensor;
  matmul(
    a: Tensor,
    b: Tensor,
    options?: { transposeA?: boolean; transposeB?: boolean; alpha?: number },
  ): Tensor;
  transpose(x: Tensor, permutation: readonly number[]): Tensor;
  reshape(x: Tensor, shape: Shape): Tensor;
  broadcastTo(x: Tensor, shape: Shape): Tensor;
  /** Sums `x` down to `shape`, undoing a broadcast. */
  reduceTo(x: Tensor, shape: Shape): Tensor;
  concat(parts: readonly Tensor[], axis: number): Tensor;
  split(x: Tensor, axis: number, sizes: readonly number[]): readonly Tensor[];
  slice(x: Tensor, axis: number, start: number, end: Dim): Tensor;
  pad(x: Tensor, axis: number, before: number, size: Dim): Tensor;
  scatterAdd(ids: Tensor, updates: Tensor, rows: Dim): Tensor;
  gather(table: Tensor, ids: Tensor): Tensor;
  takeAlong(x: Tensor, indices: Tensor, axis: number): Tensor;
  scatterAlong(indices: Tensor, updates: Tensor, axis: number, size: Dim): Tensor;
  sum(x: Tensor, axes: readonly number[], keepDims?: boolean): Tensor;
  mean(x: Tensor, axes: readonly number[], keepDims?: boolean): Tensor;
  size(x: Tensor, axes: readonly number[]): Tensor;
  softmax(x: Tensor, axis: number): Tensor;
  cumulativeSum(x: Tensor, axis: number, options?: { reverse?: boolean }): Tensor;
  dropout(x: Tensor, mask: Tensor, probability: number): Tensor;
  convolution(x: Tensor, weight: Tensor, attributes: Attributes): Tensor;
  convolutionInputGradient(
    dy: Tensor,
    weight: Tensor,
    attributes: Attributes,
    size: readonly number[],
  ): Tensor;
  convolutionWeightGradient(x: Tensor, dy: Tensor, attributes: Attributes, kernel: readonly number[]): Tensor;
}
