/** Sums, means and extremes over axes, and running sums along one. */
import { type Dim, showShape } from '../dimensions.ts';
import { graphError } from '../errors.ts';
import { type Builder, defineOp, type ReferenceArray, type Tensor } from '../tensor.ts';
import { expectDType } from './check.ts';
import { build, elementCount, lines } from './reference-array.ts';

/** `axes` in ascending order, each in [0, rank); with `keepDims` they stay as axes of size 1. */
export type ReductionAttributes = { readonly axes: readonly number[]; readonly keepDims: boolean };

type Rule = (x: Tensor, y: Tensor, dy: Tensor, attributes: ReductionAttributes, b: Builder) => Tensor;

function reduction(
  name: string,
  summary: string,
  opType: string,
  fold: (values: readonly number[]) => number,
  rule: Rule,
) {
  return defineOp<ReductionAttributes>({
    summary,
    infer: ([x], { axes, keepDims }) => {
      expectDType(name, 'input', x!, 'float32');
      if (axes.some((axis) => axis < 0 || axis >= x!.shape.length)) {
        throw graphError(
          'graph/bad-argument',
          `The axes of ${name} must be axes of ${showShape(x!.shape)}. Got [${axes}].`,
        );
      }
      const shape = x!.shape
        .map((dim, i) => (axes.includes(i) ? 1 : dim))
        .filter((_, i) => keepDims || !axes.includes(i));
      return [{ dtype: 'float32', shape }];
    },
    gradient: ({ inputs, outputs, attributes, upstream }, b) => {
      const x = inputs[0]!;
      const kept: Dim[] = x.shape.map((dim, i) => (attributes.axes.includes(i) ? 1 : dim));
      return [rule(x, b.reshape(outputs[0]!, kept), b.reshape(upstream[0]!, kept), attributes, b)];
    },
    emit: ([x], { axes, keepDims }, emitter) => [
      emitter.add(opType, [x!, emitter.int64(axes)], { keepdims: keepDims ? 1 : 0 }),
    ],
    evaluate: ([x], { axes, keepDims }) => [evaluateReduction(x!, axes, keepDims, fold)],
    samples: [
      { inputs: [{ shape: [2, 3, 4] }], attributes: { axes: [1], keepDims: false } },
      { inputs: [{ shape: [2, 3, 4] }], attributes: { axes: [0, 2], keepDims: true } },
    ],
  });
}

function evaluateReduction(
  x: ReferenceArray,
  axes: readonly number[],
  keepDims: boolean,
  fold: (values: readonly number[]) => number,
): ReferenceArray {
  const kept = x.shape.map((size, i) => (axes.includes(i) ? 1 : size));
  const groups: number[][] = Array.from({ length: elementCount(kept) }, () => []);
  build(x.shape, (index, flat) => {
    let group = 0;
    for (const [i, size] of kept.entries()) group = group * size + (size === 1 ? 0 : index[i]!);
    groups[group]!.push(x.data[flat]!);
    return 0;
  });
  return {
    shape: keepDims ? kept : kept.filter((_, i) => !axes.includes(i)),
    data: Float64Array.from(groups, fold),
  };
}

const total = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);

/** Equal extremes share the gradient evenly, as PyTorch's amax and amin. */
const extremeRule: Rule = (x, y, dy, { axes }, b) => {
  const ties = b.cast(b.equal(x, b.broadcastTo(y, x.shape)), 'float32');
  return b.multiply(ties, b.divide(dy, b.sum(ties, axes, true)));
};

const cumulativeSum = defineOp<{ axis: number; reverse: boolean }>({
  summary: 'running sum along an axis, from the front, or from the back when reversed',
  infer: ([x]) => {
    expectDType('cumulativeSum', 'input', x!, 'float32');
    return [{ dtype: 'float32', shape: x!.shape }];
  },
  gradient: ({ attributes, upstream }, b) => [
    b.cumulativeSum(upstream[0]!, attributes.axis, { reverse: !attributes.reverse }),
  ],
  emit: ([x], { axis, reverse }, emitter) => [
    emitter.add('CumSum', [x!, emitter.int32(axis)], { reverse: reverse ? 1 : 0 }),
  ],
  evaluate: ([x], { axis, reverse }) => {
    const data = Float64Array.from(x!.data);
    lines(x!.shape, axis, (positions) => {
      let running = 0;
      for (const at of reverse ? [...positions].reverse() : positions) {
        running += data[at]!;
        data[at] = running;
      }
    });
    return [{ shape: x!.shape, data }];
  },
  samples: [
    { inputs: [{ shape: [2, 4] }], attributes: { axis: 1, reverse: false } },
    { inputs: [{ shape: [3, 2] }], attributes: { axis: 0, reverse: true } },
  ],
});

export const reductionOps = {
  sum: reduction('sum', 'sum over axes', 'ReduceSum', total, (x, _y, dy, _a, b) =>
    b.broadcastTo(dy, x.shape),
  ),
  mean: reduction(
    'mean',
    'mean over axes',
    'ReduceMean',
    (v) => total(v) / v.length,
    (x, _y, dy, { axes }, b) => b.broadcastTo(b.divide(dy, b.size(x, axes)), x.shape),
  ),
  max: reduction(
    'max',
    'largest over axes; equals share the gradient evenly',
    'ReduceMax',
    (v) => Math.max(...v),
    extremeRule,
  ),
  min: reduction(
    'min',
    'smallest over axes; equals share the gradient evenly',
    'ReduceMin',
    (v) => Math.min(...v),
    extremeRule,
  ),
  cumulativeSum,
} as const;
