/** Operations that move elements without changing them. */
import { type Dim, product, type Shape, sameShape, showShape, sum } from '../dimensions.ts';
import { graphError } from '../errors.ts';
import { type Attributes, defineOp, type Tensor } from '../tensor.ts';
import { broadcastOf, mismatch } from './check.ts';
import { build, elementCount, read } from './reference-array.ts';

const transpose = defineOp<{ permutation: readonly number[] }>({
  summary: 'axes in another order: output axis i is input axis permutation[i]',
  infer: ([x], { permutation }) => {
    const sorted = [...permutation].sort((a, b) => a - b);
    if (sorted.length !== x!.shape.length || sorted.some((axis, i) => axis !== i)) {
      throw graphError(
        'graph/bad-argument',
        `The permutation of transpose must hold each axis of ${showShape(x!.shape)} once. Got [${permutation}].`,
      );
    }
    return [{ dtype: x!.dtype, shape: permutation.map((axis) => x!.shape[axis]!) }];
  },
  gradient: ({ attributes, upstream }, b) => {
    const inverse = attributes.permutation.map((_, axis) => attributes.permutation.indexOf(axis));
    return [b.transpose(upstream[0]!, inverse)];
  },
  emit: (inputs, { permutation }, emitter) => [emitter.add('Transpose', inputs, { perm: permutation })],
  evaluate: ([x], { permutation }) => [
    build(
      permutation.map((axis) => x!.shape[axis]!),
      (index) => {
        const source = new Array<number>(index.length);
        for (const [i, axis] of permutation.entries()) source[axis] = index[i]!;
        return read(x!, source);
      },
    ),
  ],
  samples: [{ inputs: [{ shape: [2, 3, 4] }], attributes: { permutation: [2, 0, 1] } }],
});

const reshape = defineOp<{ shape: Shape }>({
  summary: 'the same elements in row-major order under another shape',
  infer: ([x], { shape }) => {
    if (product(x!.shape) !== product(shape)) {
      throw mismatch(
        'reshape',
        `reshape must keep the number of elements. Got ${showShape(x!.shape)} to ${showShape(shape)}.`,
        [x!.shape, shape],
      );
    }
    return [{ dtype: x!.dtype, shape }];
  },
  gradient: ({ inputs, upstream }, b) => [b.reshape(upstream[0]!, inputs[0]!.shape)],
  emit: ([x], { shape }, emitter, node) => {
    const named = shape.filter((dim) => typeof dim === 'string');
    if (named.length <= 1)
      return [
        emitter.add('Reshape', [x!, emitter.int64(shape.map((dim) => (typeof dim === 'string' ? -1 : dim)))]),
      ];
    // 0 copies the size at the same place of the input.
    const from = node.inputs[0]!.shape;
    const rest = shape.map((dim, i) => (typeof dim === 'number' ? dim : dim === from[i] ? 0 : -1));
    if (rest.filter((dim) => dim === -1).length <= 1 && !shape.includes(0))
      return [emitter.add('Reshape', [x!, emitter.int64(rest)])];
    return [emitter.add('Reshape', [x!, emitter.shapeTensor(shape)])];
  },
  evaluate: ([x], { shape }, size) => [{ shape: shape.map(size), data: x!.data }],
  samples: [{ inputs: [{ shape: [2, 6] }], attributes: { shape: [3, 4] } }],
});

const broadcastTo = defineOp<{ shape: Shape }>({
  summary: 'axes of size 1 (and missing leading axes) repeated up to a shape',
  infer: ([x], { shape }) => {
    if (!sameShape(broadcastOf('broadcastTo', x!.shape, shape), shape)) {
      throw mismatch('broadcastTo', `${showShape(x!.shape)} does not broadcast to ${showShape(shape)}.`, [
        x!.shape,
        shape,
      ]);
    }
    return [{ dtype: x!.dtype, shape }];
  },
  gradient: ({ inputs, upstream }, b) => [b.reduceTo(upstream[0]!, inputs[0]!.shape)],
  emit: ([x], { shape }, emitter) => [emitter.add('Expand', [x!, emitter.shapeTensor(shape)])],
  evaluate: ([x], { shape }, size) => [build(shape.map(size), (index) => read(x!, index))],
  samples: [{ inputs: [{ shape: [3, 1] }], attributes: { shape: [2, 3, 4] } }],
});

const concat = defineOp<{ axis: number }>({
  summary: 'tensors one after another along an axis',
  infer: (parts, { axis }) => {
    const first = parts[0]!;
    for (const part of parts) {
      const fits =
        part.dtype === first.dtype &&
        part.shape.length === first.shape.length &&
        part.shape.every((dim, i) => i === axis || dim === first.shape[i]);
      if (!fits) {
        throw mismatch(
          'concat',
          `The parts of concat must have one dtype and agree off axis ${axis}. Got ${parts.map((p) => `${p.dtype} ${showShape(p.shape)}`).join(', ')}.`,
          parts.map((p) => p.shape),
        );
      }
    }
    return [
      {
        dtype: first.dtype,
        shape: first.shape.map((dim, i) => (i === axis ? sum(parts.map((p) => p.shape[axis]!)) : dim)),
      },
    ];
  },
  gradient: ({ inputs, attributes, upstream }, b) =>
    b.split(upstream[0]!, attributes.axis, fixedSizes('concat', inputs, attributes.axis)),
  emit: (inputs, { axis }, emitter) => [emitter.add('Concat', inputs, { axis })],
  evaluate: (parts, { axis }) => {
    const total = parts.reduce((n, part) => n + part.shape[axis]!, 0);
    return [
      build(
        parts[0]!.shape.map((size, i) => (i === axis ? total : size)),
        (index) => {
          let at = index[axis]!;
          for (const part of parts) {
            if (at < part.shape[axis]!) return read(part, index.with(axis, at));
            at -= part.shape[axis]!;
          }
          return 0;
        },
      ),
    ];
  },
  samples: [{ inputs: [{ shape: [2, 3] }, { shape: [2, 1] }], attributes: { axis: 1 } }],
});

function fixedSizes(op: string, parts: readonly Tensor[], axis: number): number[] {
  return parts.map((part) => {
    const size = part.shape[axis];
    if (typeof size === 'number') return size;
    throw graphError(
      'graph/not-differentiable',
      `The gradient of ${op} needs known sizes along axis ${axis}. Got ${showShape(part.shape)}.`,
    );
  });
}

const split = defineOp<{ axis: number; sizes: readonly number[] }>({
  summary: 'consecutive parts of the given sizes along an axis',
  infer: ([x], { axis, sizes }) => {
    const total = sizes.reduce((a, b) => a + b, 0);
    if (x!.shape[axis] !== total) {
      throw mismatch(
        'split',
        `The sizes of split must add up to axis ${axis} of ${showShape(x!.shape)}. Got [${sizes}].`,
        [x!.shape],
      );
    }
    return sizes.map((size) => ({ dtype: x!.dtype, shape: x!.shape.with(axis, size) }));
  },
  gradient: ({ outputs, attributes, upstream }, b) => [
    b.concat(
      upstream.map((part, i) => part ?? b.zerosLike(outputs[i]!)),
      attributes.axis,
    ),
  ],
  emit: ([x], { axis, sizes }, emitter) =>
    emitter.addMany('Split', [x!, emitter.int64(sizes)], sizes.length, { axis }),
  evaluate: ([x], { axis, sizes }) => {
    let offset = 0;
    return sizes.map((size) => {
      const start = offset;
      offset += size;
      return build(x!.shape.with(axis, size), (index) => read(x!, index.with(axis, index[axis]! + start)));
    });
  },
  samples: [{ inputs: [{ shape: [2, 6] }], attributes: { axis: 1, sizes: [1, 2, 3] } }],
});

/** `start` and `end` count from the front; an end beyond the axis means its end. */
const slice = defineOp<{ axis: number; start: number; end: number | Dim }>({
  summary: 'elements start (inclusive) to end (exclusive) along an axis',
  infer: ([x], { axis, start, end }) => {
    const size = x!.shape[axis];
    const fits =
      typeof end === 'string' || typeof size === 'string'
        ? start >= 0
        : start >= 0 && start <= end && end <= size!;
    if (size === undefined || !fits) {
      throw graphError(
        'graph/bad-argument',
        `slice of axis ${axis} needs 0 <= start <= end <= size. Got ${start} to ${end} of ${showShape(x!.shape)}.`,
      );
    }
    if (typeof end === 'string' && start !== 0) {
      throw graphError(
        'graph/bad-argument',
        `slice up to a named size must start at 0. Got ${start} to ${end}.`,
      );
    }
    return [{ dtype: x!.dtype, shape: x!.shape.with(axis, typeof end === 'string' ? end : end - start) }];
  },
  gradient: ({ inputs, attributes, upstream }, b) => [
    b.pad(upstream[0]!, attributes.axis, attributes.start, inputs[0]!.shape[attributes.axis]!),
  ],
  emit: ([x], { axis, start, end }, emitter) => [
    emitter.add('Slice', [x!, emitter.int64([start]), emitter.shapeTensor([end]), emitter.int64([axis])]),
  ],
  evaluate: ([x], { axis, start, end }, size) => [
    build(x!.shape.with(axis, size(end) - start), (index) =>
      read(x!, index.with(axis, index[axis]! + start)),
    ),
  ],
  samples: [{ inputs: [{ shape: [3, 5] }], attributes: { axis: 1, start: 1, end: 4 } }],
});

const pad = defineOp<{ axis: number; before: number; size: Dim }>({
  summary: 'zeros before and after along an axis, up to a size',
  infer: ([x], { axis, before, size }) => {
    const length = x!.shape[axis];
    if (typeof length === 'number' && typeof size === 'number' && (before < 0 || before + length > size)) {
      throw graphError(
        'graph/bad-argument',
        `pad cannot fit axis ${axis} of ${showShape(x!.shape)} at ${before} into ${size}.`,
      );
    }
    return [{ dtype: x!.dtype, shape: x!.shape.with(axis, size) }];
  },
  gradient: ({ inputs, attributes, upstream }, b) => {
    const length = inputs[0]!.shape[attributes.axis]!;
    const end = typeof length === 'number' ? attributes.before + length : length;
    return [b.slice(upstream[0]!, attributes.axis, attributes.before, end)];
  },
  emit: ([x], { axis, before, size }, emitter, node) => {
    const length = node.inputs[0]!.shape[axis]!;
    const start = emitter.int64([before]);
    const after = emitter.add('Sub', [
      emitter.add('Sub', [emitter.shapeTensor([size]), emitter.shapeTensor([length])]),
      start,
    ]);
    const pads = emitter.add('Concat', [start, after], { axis: 0 });
    return [emitter.add('Pad', [x!, pads, '', emitter.int64([axis])])];
  },
  evaluate: ([x], { axis, before, size }, sizeOf) => {
    const length = x!.shape[axis]!;
    return [
      build(x!.shape.with(axis, sizeOf(size)), (index) => {
        const at = index[axis]! - before;
        return at < 0 || at >= length ? 0 : read(x!, index.with(axis, at));
      }),
    ];
  },
  samples: [{ inputs: [{ shape: [2, 3] }], attributes: { axis: 1, before: 1, size: 6 } }],
});

/** The product of the sizes of some axes, as a float32 scalar; sizes are known only when the graph runs. */
const size = defineOp<{ axes: readonly number[] }>({
  summary: 'how many elements some axes span, as a float32 scalar',
  infer: () => [{ dtype: 'float32', shape: [] }],
  gradient: 'none',
  emit: (_, { axes }, emitter, node) => {
    const sizes = emitter.shapeTensor(axes.map((axis) => node.inputs[0]!.shape[axis]!));
    return [emitter.add('Cast', [emitter.add('ReduceProd', [sizes], { keepdims: 0 })], { to: 1 })];
  },
  evaluate: ([x], { axes }) => [
    { shape: [], data: Float64Array.of(elementCount(axes.map((axis) => x!.shape[axis]!))) },
  ],
  samples: [{ inputs: [{ shape: [2, 3, 4] }], attributes: { axes: [0, 2] } }],
});

/** 0, 1, 2, ... as many as an axis of the input is long; int32. */
const range = defineOp<{ axis: number }>({
  summary: '0, 1, 2, ... along an axis, as int32',
  infer: ([x], { axis }) => [{ dtype: 'int32', shape: [x!.shape[axis]!] }],
  gradient: 'none',
  emit: (_, { axis }, emitter, node) => {
    const length = emitter.add('Squeeze', [emitter.shapeTensor([node.inputs[0]!.shape[axis]!])]);
    return [
      emitter.add('Range', [emitter.int32(0), emitter.add('Cast', [length], { to: 6 }), emitter.int32(1)]),
    ];
  },
  evaluate: ([x], { axis }) => [build([x!.shape[axis]!], ([i]) => i!)],
  samples: [{ inputs: [{ shape: [2, 3] }], attributes: { axis: 1 } }],
});

const stopGradient = defineOp<Attributes>({
  summary: 'x itself, a constant for the gradient',
  infer: ([x]) => [{ dtype: x!.dtype, shape: x!.shape }],
  gradient: 'none',
  emit: (inputs) => inputs,
  evaluate: ([x]) => [x!],
  samples: [{ inputs: [{ shape: [2, 3] }], attributes: {} }],
});

export const shapeOps = {
  transpose,
  reshape,
  broadcastTo,
  concat,
  split,
  slice,
  pad,
  size,
  range,
  stopGradient,
} as const;
