/** Arithmetic and comparison of two tensors, with NumPy's broadcasting. */
import {
  type Attributes,
  type Builder,
  type DType,
  defineOp,
  type OpDefinition,
  type Tensor,
} from '../tensor.ts';
import { broadcastOf, expectDType, expectSameDType } from './check.ts';
import { broadcastShapes, build, read } from './reference-array.ts';

type Pair = { readonly a: Tensor; readonly b: Tensor; readonly y: Tensor; readonly dy: Tensor };
type PairRule = (pair: Pair, b: Builder) => readonly [Tensor | undefined, Tensor | undefined];

const SAMPLE_SHAPES: readonly (readonly [readonly number[], readonly number[]])[] = [
  [
    [2, 3],
    [2, 3],
  ],
  [
    [2, 1, 3],
    [4, 1],
  ],
  [[3], []],
];

function binary(
  name: string,
  summary: string,
  opType: string,
  apply: (x: number, y: number) => number,
  rule: PairRule,
  range: readonly [number, number] = [-2, 2],
): OpDefinition<Attributes> {
  return defineOp({
    summary,
    infer: ([a, b]) => {
      expectDType(name, 'first input', a!, 'float32', 'int32');
      expectSameDType(name, a!, b!);
      return [{ dtype: a!.dtype, shape: broadcastOf(name, a!.shape, b!.shape) }];
    },
    gradient: ({ inputs, outputs, upstream, needs }, b) => {
      const [x, y] = rule({ a: inputs[0]!, b: inputs[1]!, y: outputs[0]!, dy: upstream[0]! }, b);
      return [
        needs(0) && x ? b.reduceTo(x, inputs[0]!.shape) : undefined,
        needs(1) && y ? b.reduceTo(y, inputs[1]!.shape) : undefined,
      ];
    },
    emit: (inputs, _, emitter) => [emitter.add(opType, inputs)],
    evaluate: ([a, b]) => [
      build(broadcastShapes(a!.shape, b!.shape), (index) => apply(read(a!, index), read(b!, index))),
    ],
    samples: SAMPLE_SHAPES.map(([x, y]) => ({
      inputs: [
        { shape: x, range },
        { shape: y, range },
      ],
      attributes: {},
    })),
  });
}

function comparison(
  name: string,
  summary: string,
  opType: string,
  apply: (x: number, y: number) => boolean,
  dtypes: readonly DType[],
) {
  return defineOp<Attributes>({
    summary,
    infer: ([a, b]) => {
      expectDType(name, 'first input', a!, ...dtypes);
      expectSameDType(name, a!, b!);
      return [{ dtype: 'bool', shape: broadcastOf(name, a!.shape, b!.shape) }];
    },
    gradient: 'none',
    emit: (inputs, _, emitter) => [emitter.add(opType, inputs)],
    evaluate: ([a, b]) => [
      build(broadcastShapes(a!.shape, b!.shape), (index) =>
        apply(read(a!, index), read(b!, index)) ? 1 : 0,
      ),
    ],
    samples: dtypes.map((dtype) => ({
      inputs: [
        { shape: [2, 3], dtype, values: dtype === 'bool' ? [0, 1, 1, 0, 1, 0] : [0, 1, 2, 3, -1, 2] },
        { shape: [3], dtype, values: dtype === 'bool' ? [1, 1, 0] : [0, 2, 2] },
      ],
      attributes: {},
    })),
  });
}

export const arithmeticOps = {
  add: binary(
    'add',
    'a + b',
    'Add',
    (x, y) => x + y,
    ({ dy }) => [dy, dy],
  ),
  subtract: binary(
    'subtract',
    'a - b',
    'Sub',
    (x, y) => x - y,
    ({ dy }, b) => [dy, b.negate(dy)],
  ),
  multiply: binary(
    'multiply',
    'a * b',
    'Mul',
    (x, y) => x * y,
    ({ a, b: c, dy }, b) => [b.multiply(dy, c), b.multiply(dy, a)],
  ),
  divide: binary(
    'divide',
    'a / b',
    'Div',
    (x, y) => x / y,
    ({ b: c, y, dy }, b) => {
      const da = b.divide(dy, c);
      return [da, b.negate(b.multiply(da, y))];
    },
    [0.5, 2],
  ),
  power: binary(
    'power',
    'a to the power b, for a > 0 where the gradient by b is asked',
    'Pow',
    (x, y) => x ** y,
    ({ a, b: c, y, dy }, b) => [
      b.multiply(dy, b.multiply(c, b.power(a, b.subtract(c, b.scalar(1))))),
      b.multiply(dy, b.multiply(y, b.log(a))),
    ],
    [0.5, 2],
  ),
  // A tie gives each side half of the gradient, as PyTorch does.
  maximum: binary(
    'maximum',
    'the larger of a and b; a tie shares its gradient evenly',
    'Max',
    Math.max,
    extremum,
  ),
  minimum: binary(
    'minimum',
    'the smaller of a and b; a tie shares its gradient evenly',
    'Min',
    Math.min,
    extremum,
  ),
  equal: comparison('equal', 'a = b', 'Equal', (x, y) => x === y, ['float32', 'int32', 'bool']),
  less: comparison('less', 'a < b', 'Less', (x, y) => x < y, ['float32', 'int32']),
  greater: comparison('greater', 'a > b', 'Greater', (x, y) => x > y, ['float32', 'int32']),
  and: comparison('and', 'a and b', 'And', (x, y) => x === 1 && y === 1, ['bool']),
  or: comparison('or', 'a or b', 'Or', (x, y) => x === 1 || y === 1, ['bool']),
} as const;

function extremum({ a, b: c, y, dy }: Pair, b: Builder): readonly [Tensor, Tensor] {
  const half = b.multiply(dy, b.subtract(b.scalar(1), b.scale(b.cast(b.equal(a, c), 'float32'), 0.5)));
  return [
    b.multiply(half, b.cast(b.equal(a, y), 'float32')),
    b.multiply(half, b.cast(b.equal(c, y), 'float32')),
  ];
}
