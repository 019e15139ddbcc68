/** Tensors that no operation makes: what a caller hands in at each run, what training changes, and what never changes. */
import { type Shape, showShape } from '../dimensions.ts';
import { graphError } from '../errors.ts';
import { type DType, defineOp, type TensorData } from '../tensor.ts';

/**
 * How a session fills an input that no caller gives: `bernoulli` draws 1 with probability `keep`, else 0, as a
 * function of (seed, step, name).
 */
export type Fill = { readonly kind: 'bernoulli'; readonly keep: number };

type LeafAttributes = { readonly name: string; readonly dtype: DType; readonly shape: Shape };

function leaf<A extends LeafAttributes>(summary: string) {
  return defineOp<A>({
    summary,
    infer: (_, { dtype, shape }) => [{ dtype, shape }],
    gradient: 'none',
    emit: (_, { name }) => [name],
    evaluate: (_, { name }) => {
      throw graphError('graph/missing-input', `The graph needs a value for "${name}".`);
    },
    samples: [],
  });
}

const constant = defineOp<{ dtype: DType; shape: readonly number[]; data: TensorData }>({
  summary: 'fixed values inside the graph',
  infer: (_, { dtype, shape, data }) => {
    const expected = shape.reduce((a, b) => a * b, 1);
    if (data.length !== expected) {
      throw graphError(
        'graph/shape-mismatch',
        `A constant of shape ${showShape(shape)} needs ${expected} elements. Got ${data.length}.`,
      );
    }
    return [{ dtype, shape }];
  },
  gradient: 'none',
  emit: (_, attributes, emitter) => [emitter.tensor(attributes.dtype, attributes.shape, attributes.data)],
  evaluate: (_, { shape, data }) => [{ shape, data: Float64Array.from(data) }],
  samples: [],
});

export const leafOps = {
  input: leaf<LeafAttributes & { readonly fill: Fill | undefined }>('what a caller gives at each run'),
  parameter: leaf<LeafAttributes>('what training changes and a checkpoint holds'),
  constant,
} as const;
