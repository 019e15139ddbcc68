/** Functions of one element: y[i] = f(x[i]), and the ones that choose between elements. */
import {
  type Attributes,
  type Builder,
  type DType,
  defineOp,
  type OpDefinition,
  type Tensor,
} from '../tensor.ts';
import { broadcastOf, expectDType, expectSameDType } from './check.ts';
import { erf } from './erf.ts';
import { broadcastShapes, build, read } from './reference-array.ts';

type Rule = (x: Tensor, y: Tensor, dy: Tensor, b: Builder) => Tensor;

function unary(
  name: string,
  summary: string,
  opType: string,
  apply: (x: number) => number,
  rule: Rule,
  range: readonly [number, number] = [-2, 2],
): OpDefinition<Attributes> {
  return defineOp({
    summary,
    infer: ([x]) => {
      expectDType(name, 'input', x!, 'float32');
      return [{ dtype: 'float32', shape: x!.shape }];
    },
    gradient: ({ inputs, outputs, upstream }, b) => [rule(inputs[0]!, outputs[0]!, upstream[0]!, b)],
    emit: (inputs, _, emitter) => [emitter.add(opType, inputs)],
    evaluate: ([x]) => [{ shape: x!.shape, data: x!.data.map(apply) }],
    samples: [{ inputs: [{ shape: [3, 4], range }], attributes: {} }],
  });
}

const SQRT_HALF = Math.SQRT1_2;
const INVERSE_SQRT_2PI = 1 / Math.sqrt(2 * Math.PI);
const TANH_SCALE = Math.sqrt(2 / Math.PI);
const TANH_CUBE = 0.044715;

/**
 * GELU with two outputs: y = x * c, and c itself (Φ(x), or its tanh approximation), which the backward pass reuses.
 * Where nobody reads c the fused operator is emitted.
 */
const gelu = defineOp<{ approximate: 'none' | 'tanh' }>({
  summary:
    'Gaussian error linear unit, exact (erf) or with the tanh approximation; Hendrycks and Gimpel 2016',
  infer: ([x]) => {
    expectDType('gelu', 'input', x!, 'float32');
    return [
      { dtype: 'float32', shape: x!.shape },
      { dtype: 'float32', shape: x!.shape },
    ];
  },
  gradient: ({ inputs, outputs, attributes, upstream }, b) => {
    const x = inputs[0]!;
    const dy = upstream[0];
    if (dy === undefined) return [undefined];
    const c = outputs[1]!;
    if (attributes.approximate === 'none') {
      // y' = Φ(x) + x φ(x)
      const density = b.exp(b.scale(b.multiply(x, x), -0.5));
      return [b.multiply(dy, b.add(c, b.multiply(b.scale(x, INVERSE_SQRT_2PI), density)))];
    }
    // c = σ(2u), u = √(2/π)(x + k x³): y' = c + 2x c(1 - c) u'
    const slope = b.add(b.scale(b.multiply(x, x), 6 * TANH_SCALE * TANH_CUBE), b.scalar(2 * TANH_SCALE));
    const bell = b.subtract(c, b.multiply(c, c));
    return [b.multiply(dy, b.add(c, b.multiply(b.multiply(x, slope), bell)))];
  },
  emit: ([x], { approximate }, emitter, node) => {
    if (!emitter.isUsed(node, 1)) return [emitter.add('Gelu', [x!], { approximate }), ''];
    let cumulative: string;
    if (approximate === 'none') {
      const raised = emitter.add('Erf', [emitter.add('Mul', [x!, emitter.float32(SQRT_HALF)])]);
      cumulative = emitter.add('Add', [
        emitter.add('Mul', [raised, emitter.float32(0.5)]),
        emitter.float32(0.5),
      ]);
    } else {
      const square = emitter.add('Mul', [x!, x!]);
      const inner = emitter.add('Add', [
        emitter.add('Mul', [square, emitter.float32(2 * TANH_SCALE * TANH_CUBE)]),
        emitter.float32(2 * TANH_SCALE),
      ]);
      cumulative = emitter.add('Sigmoid', [emitter.add('Mul', [x!, inner])]);
    }
    return [emitter.add('Mul', [x!, cumulative]), cumulative];
  },
  evaluate: ([x], { approximate }) => {
    const c = x!.data.map((v) =>
      approximate === 'none'
        ? 0.5 * (1 + erf(v * SQRT_HALF))
        : 0.5 * (1 + Math.tanh(TANH_SCALE * (v + TANH_CUBE * v ** 3))),
    );
    return [
      { shape: x!.shape, data: x!.data.map((v, i) => v * c[i]!) },
      { shape: x!.shape, data: c },
    ];
  },
  samples: [
    { inputs: [{ shape: [3, 4], range: [-3, 3] }], attributes: { approximate: 'none' } },
    { inputs: [{ shape: [3, 4], range: [-3, 3] }], attributes: { approximate: 'tanh' } },
  ],
});

const where = defineOp<Attributes>({
  summary: 'a where the condition holds, b elsewhere',
  infer: ([condition, a, b]) => {
    expectDType('where', 'condition', condition!, 'bool');
    expectSameDType('where', a!, b!);
    return [
      {
        dtype: a!.dtype,
        shape: broadcastOf('where', condition!.shape, broadcastOf('where', a!.shape, b!.shape)),
      },
    ];
  },
  gradient: ({ inputs, upstream, needs }, b) => {
    const [condition, x, y] = inputs;
    const dy = upstream[0]!;
    const zero = b.scalar(0);
    return [
      undefined,
      needs(1) ? b.reduceTo(b.where(condition!, dy, zero), x!.shape) : undefined,
      needs(2) ? b.reduceTo(b.where(condition!, zero, dy), y!.shape) : undefined,
    ];
  },
  emit: (inputs, _, emitter) => [emitter.add('Where', inputs)],
  evaluate: ([condition, a, b]) => {
    const shape = broadcastShapes(condition!.shape, broadcastShapes(a!.shape, b!.shape));
    return [build(shape, (index) => (read(condition!, index) === 1 ? read(a!, index) : read(b!, index)))];
  },
  samples: [
    {
      inputs: [
        { shape: [2, 3], dtype: 'bool', values: [1, 0, 1, 0, 0, 1] },
        { shape: [3] },
        { shape: [2, 1] },
      ],
      attributes: {},
    },
  ],
});

const ONNX_TYPE: Record<DType, number> = { float32: 1, uint8: 2, int32: 6, bool: 9 };

const cast = defineOp<{ to: DType }>({
  summary: 'the same values in another dtype; a float becomes an integer by dropping its fraction',
  infer: ([x], { to }) => [{ dtype: to, shape: x!.shape }],
  gradient: ({ inputs, attributes, upstream }) => [
    inputs[0]!.dtype === 'float32' && attributes.to === 'float32' ? upstream[0] : undefined,
  ],
  emit: (inputs, { to }, emitter) => [emitter.add('Cast', inputs, { to: ONNX_TYPE[to] })],
  evaluate: ([x], { to }) => [
    {
      shape: x!.shape,
      data: x!.data.map((v) => (to === 'float32' ? v : to === 'bool' ? (v !== 0 ? 1 : 0) : Math.trunc(v))),
    },
  ],
  samples: [
    { inputs: [{ shape: [4], dtype: 'int32', values: [0, -3, 7, 1] }], attributes: { to: 'float32' } },
    { inputs: [{ shape: [4], values: [0, 1.7, -1.7, 3] }], attributes: { to: 'int32' } },
  ],
});

const not = defineOp<Attributes>({
  summary: 'true where x is false',
  infer: ([x]) => {
    expectDType('not', 'input', x!, 'bool');
    return [{ dtype: 'bool', shape: x!.shape }];
  },
  gradient: 'none',
  emit: (inputs, _, emitter) => [emitter.add('Not', inputs)],
  evaluate: ([x]) => [{ shape: x!.shape, data: x!.data.map((v) => 1 - v) }],
  samples: [{ inputs: [{ shape: [3], dtype: 'bool', values: [0, 1, 1] }], attributes: {} }],
});

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

export const elementwiseOps = {
  negate: unary(
    'negate',
    '-x',
    'Neg',
    (x) => -x,
    (_x, _y, dy, b) => b.negate(dy),
  ),
  exp: unary('exp', 'e to the power x', 'Exp', Math.exp, (_x, y, dy, b) => b.multiply(dy, y)),
  log: unary(
    'log',
    'natural logarithm of x > 0',
    'Log',
    Math.log,
    (x, _y, dy, b) => b.divide(dy, x),
    [0.2, 3],
  ),
  sqrt: unary(
    'sqrt',
    'square root of x >= 0',
    'Sqrt',
    Math.sqrt,
    (_x, y, dy, b) => b.divide(b.scale(dy, 0.5), y),
    [0.2, 3],
  ),
  tanh: unary('tanh', 'hyperbolic tangent', 'Tanh', Math.tanh, (_x, y, dy, b) =>
    b.multiply(dy, b.subtract(b.scalar(1), b.multiply(y, y))),
  ),
  sigmoid: unary('sigmoid', '1 / (1 + exp(-x))', 'Sigmoid', sigmoid, (_x, y, dy, b) =>
    b.multiply(dy, b.subtract(y, b.multiply(y, y))),
  ),
  softplus: unary(
    'softplus',
    'log(1 + exp(x)), without overflow',
    'Softplus',
    (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
    (x, _y, dy, b) => b.multiply(dy, b.sigmoid(x)),
  ),
  erf: unary('erf', 'error function', 'Erf', erf, (x, _y, dy, b) =>
    b.multiply(dy, b.scale(b.exp(b.negate(b.multiply(x, x))), 2 / Math.sqrt(Math.PI))),
  ),
  relu: unary(
    'relu',
    'max(x, 0); its gradient at 0 is 0',
    'Relu',
    (x) => Math.max(x, 0),
    // By y, not x, which then nobody needs to keep.
    (_x, y, dy, b) => b.multiply(dy, b.cast(b.greater(y, b.scalar(0)), 'float32')),
  ),
  abs: unary('abs', '|x|; its gradient at 0 is 0', 'Abs', Math.abs, (x, _y, dy, b) =>
    b.multiply(dy, b.sign(x)),
  ),
  sin: unary('sin', 'sine of x in radians', 'Sin', Math.sin, (x, _y, dy, b) => b.multiply(dy, b.cos(x))),
  cos: unary('cos', 'cosine of x in radians', 'Cos', Math.cos, (x, _y, dy, b) =>
    b.negate(b.multiply(dy, b.sin(x))),
  ),
  sign: { ...unary('sign', '-1, 0 or 1', 'Sign', Math.sign, (_x, _y, dy) => dy), gradient: 'none' },
  not,
  gelu,
  where,
  cast,
} as const;
