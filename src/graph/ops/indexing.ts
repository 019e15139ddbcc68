/** Reading and adding at places given by integer tensors. Indices are int32 and must lie inside the axis. */
import { type Dim, product, type Shape, showShape } from '../dimensions.ts';
import { graphError } from '../errors.ts';
import { type Attributes, defineOp } from '../tensor.ts';
import { expectDType, mismatch } from './check.ts';
import { build, lines, read } from './reference-array.ts';

const gather = defineOp<Attributes>({
  summary: 'rows of a table: y[i..., :] = table[ids[i...], :]',
  infer: ([table, ids]) => {
    expectDType('gather', 'ids', ids!, 'int32');
    if (table!.shape.length === 0)
      throw mismatch('gather', 'The table of gather needs at least one axis. Got a scalar.', [table!.shape]);
    return [{ dtype: table!.dtype, shape: [...ids!.shape, ...table!.shape.slice(1)] }];
  },
  gradient: ({ inputs, upstream }, b) => [
    b.scatterAdd(inputs[1]!, upstream[0]!, inputs[0]!.shape[0]!),
    undefined,
  ],
  emit: (inputs, _, emitter) => [emitter.add('Gather', inputs, { axis: 0 })],
  evaluate: ([table, ids]) => [
    build([...ids!.shape, ...table!.shape.slice(1)], (index) => {
      const id = read(ids!, index.slice(0, ids!.shape.length));
      return read(table!, [id, ...index.slice(ids!.shape.length)]);
    }),
  ],
  samples: [
    { inputs: [{ shape: [5, 3] }, { shape: [2, 2], dtype: 'int32', values: [4, 0, 4, 1] }], attributes: {} },
    { inputs: [{ shape: [5] }, { shape: [3], dtype: 'int32', values: [1, 1, 3] }], attributes: {} },
  ],
});

/**
 * ScatterElements, not ScatterND: the latter's `add` is wrong with duplicate indices on two threads
 * (onnxruntime 1.30); test/gradients covers 4,096 duplicates.
 */
const scatterAdd = defineOp<{ rows: Dim }>({
  summary: 'a table of zeros with updates[i..., :] added at row ids[i...]; duplicates add up',
  infer: ([ids, updates], { rows }) => {
    expectDType('scatterAdd', 'ids', ids!, 'int32');
    expectDType('scatterAdd', 'updates', updates!, 'float32');
    const prefix = updates!.shape.slice(0, ids!.shape.length);
    if (prefix.some((dim, i) => dim !== ids!.shape[i]) || prefix.length !== ids!.shape.length) {
      throw mismatch(
        'scatterAdd',
        `The updates of scatterAdd must begin with the shape of ids. Got ids ${showShape(ids!.shape)} and updates ${showShape(updates!.shape)}.`,
        [ids!.shape, updates!.shape],
      );
    }
    return [{ dtype: 'float32', shape: [rows, ...updates!.shape.slice(ids!.shape.length)] }];
  },
  gradient: ({ inputs, upstream }, b) => [undefined, b.gather(upstream[0]!, inputs[0]!)],
  emit: ([ids, updates], { rows }, emitter, node) => {
    const [idsShape, updatesShape] = [node.inputs[0]!.shape, node.inputs[1]!.shape];
    const row: Shape = updatesShape.slice(idsShape.length);
    const flatIds = emitter.add('Reshape', [ids!, emitter.int64([-1, ...row.map(() => 1)])]);
    const flatUpdates = emitter.add('Reshape', [
      updates!,
      row.every((d) => typeof d === 'number')
        ? emitter.int64([-1, ...(row as number[])])
        : emitter.shapeTensor([product(idsShape), ...row]),
    ]);
    const indices =
      row.length === 0 ? flatIds : emitter.add('Expand', [flatIds, emitter.shapeTensor([1, ...row])]);
    const zeros = emitter.add('Expand', [emitter.float32(0), emitter.shapeTensor([rows, ...row])]);
    return [emitter.add('ScatterElements', [zeros, indices, flatUpdates], { axis: 0, reduction: 'add' })];
  },
  evaluate: ([ids, updates], { rows }, size) => {
    const row = updates!.shape.slice(ids!.shape.length);
    const width = row.reduce((a, b) => a * b, 1);
    const data = new Float64Array(size(rows) * width);
    ids!.data.forEach((id, i) => {
      for (let j = 0; j < width; j++)
        data[id * width + j] = data[id * width + j]! + updates!.data[i * width + j]!;
    });
    return [{ shape: [size(rows), ...row], data }];
  },
  samples: [
    {
      inputs: [{ shape: [4], dtype: 'int32', values: [2, 0, 2, 2] }, { shape: [4, 3] }],
      attributes: { rows: 5 },
    },
    {
      inputs: [{ shape: [2, 2], dtype: 'int32', values: [2, 0, 2, 1] }, { shape: [2, 2, 2] }],
      attributes: { rows: 3 },
    },
  ],
});

const takeAlong = defineOp<{ axis: number }>({
  summary: 'elements along an axis at given places: y[.., i, ..] = x[.., indices[.., i, ..], ..]',
  infer: ([x, indices], { axis }) => {
    expectDType('takeAlong', 'indices', indices!, 'int32');
    const fits =
      x!.shape.length === indices!.shape.length &&
      x!.shape.every((dim, i) => i === axis || dim === indices!.shape[i]);
    if (!fits)
      throw mismatch(
        'takeAlong',
        `The inputs of takeAlong must agree off axis ${axis}. Got ${showShape(x!.shape)} and ${showShape(indices!.shape)}.`,
        [x!.shape, indices!.shape],
      );
    return [{ dtype: x!.dtype, shape: indices!.shape }];
  },
  gradient: ({ inputs, attributes, upstream }, b) => [
    b.scatterAlong(inputs[1]!, upstream[0]!, attributes.axis, inputs[0]!.shape[attributes.axis]!),
    undefined,
  ],
  emit: (inputs, { axis }, emitter) => [emitter.add('GatherElements', inputs, { axis })],
  evaluate: ([x, indices], { axis }) => [
    build(indices!.shape, (index, flat) => read(x!, index.with(axis, indices!.data[flat]!))),
  ],
  samples: [
    {
      inputs: [{ shape: [2, 4] }, { shape: [2, 3], dtype: 'int32', values: [3, 0, 3, 1, 1, 2] }],
      attributes: { axis: 1 },
    },
  ],
});

const scatterAlong = defineOp<{ axis: number; size: Dim }>({
  summary: 'zeros with updates added along an axis at given places; duplicates add up',
  infer: ([indices, updates], { axis, size }) => {
    expectDType('scatterAlong', 'indices', indices!, 'int32');
    return [{ dtype: 'float32', shape: updates!.shape.with(axis, size) }];
  },
  gradient: ({ inputs, attributes, upstream }, b) => [
    undefined,
    b.takeAlong(upstream[0]!, inputs[0]!, attributes.axis),
  ],
  emit: ([indices, updates], { axis }, emitter, node) => {
    const zeros = emitter.add('Expand', [emitter.float32(0), emitter.shapeTensor(node.outputs[0]!.shape)]);
    return [emitter.add('ScatterElements', [zeros, indices!, updates!], { axis, reduction: 'add' })];
  },
  evaluate: ([indices, updates], { axis, size }, sizeOf) => {
    const shape = updates!.shape.with(axis, sizeOf(size));
    const y = build(shape, () => 0);
    const from: (readonly number[])[] = [];
    lines(updates!.shape, axis, (positions) => from.push(positions));
    let line = 0;
    lines(shape, axis, (positions) => {
      for (const source of from[line++]!) {
        const to = positions[indices!.data[source]!]!;
        y.data[to] = y.data[to]! + updates!.data[source]!;
      }
    });
    return [y];
  },
  samples: [
    {
      inputs: [{ shape: [2, 3], dtype: 'int32', values: [3, 0, 3, 1, 1, 2] }, { shape: [2, 3] }],
      attributes: { axis: 1, size: 4 },
    },
  ],
});

const oneHot = defineOp<{ depth: number }>({
  summary:
    '1 at each id and 0 elsewhere along a new last axis, as float32; an id outside [0, depth) gives zeros',
  infer: ([ids], { depth }) => {
    expectDType('oneHot', 'ids', ids!, 'int32');
    return [{ dtype: 'float32', shape: [...ids!.shape, depth] }];
  },
  gradient: 'none',
  emit: ([ids], { depth }, emitter, node) => {
    const column = emitter.add('Unsqueeze', [ids!, emitter.int64([node.inputs[0]!.shape.length])]);
    const classes = emitter.add('Range', [emitter.int32(0), emitter.int32(depth), emitter.int32(1)]);
    return [emitter.add('Cast', [emitter.add('Equal', [column, classes])], { to: 1 })];
  },
  evaluate: ([ids], { depth }) => [
    build([...ids!.shape, depth], (index) =>
      read(ids!, index.slice(0, -1)) === index[index.length - 1] ? 1 : 0,
    ),
  ],
  samples: [{ inputs: [{ shape: [3], dtype: 'int32', values: [2, 0, -1] }], attributes: { depth: 4 } }],
});

const topK = defineOp<{ k: number; axis: number }>({
  summary: 'the k largest along an axis, largest first, and their places; of equals the lower place first',
  infer: ([x], { k, axis }) => {
    expectDType('topK', 'input', x!, 'float32');
    const size = x!.shape[axis];
    if (k < 1 || (typeof size === 'number' && k > size)) {
      throw graphError(
        'graph/bad-argument',
        `The k of topK must be in [1, ${size}]. Got ${k} for shape ${showShape(x!.shape)}.`,
      );
    }
    return [
      { dtype: 'float32', shape: x!.shape.with(axis, k) },
      { dtype: 'int32', shape: x!.shape.with(axis, k) },
    ];
  },
  gradient: ({ inputs, outputs, attributes, upstream }, b) => [
    upstream[0] &&
      b.scatterAlong(outputs[1]!, upstream[0], attributes.axis, inputs[0]!.shape[attributes.axis]!),
  ],
  emit: ([x], { k, axis }, emitter) => {
    const [values, places] = emitter.addMany('TopK', [x!, emitter.int64([k])], 2, { axis });
    return [values!, emitter.add('Cast', [places!], { to: 6 })];
  },
  evaluate: ([x], { k, axis }) => {
    const shape = x!.shape.with(axis, k);
    const values = build(shape, () => 0);
    const places = build(shape, () => 0);
    const sources: (readonly number[])[] = [];
    lines(x!.shape, axis, (positions) => sources.push(positions));
    let line = 0;
    lines(shape, axis, (positions) => {
      const source = sources[line++]!;
      const order = source
        .map((_, i) => i)
        .sort((a, b) => x!.data[source[b]!]! - x!.data[source[a]!]! || a - b);
      positions.forEach((to, rank) => {
        values.data[to] = x!.data[source[order[rank]!]!]!;
        places.data[to] = order[rank]!;
      });
    });
    return [values, places];
  },
  samples: [{ inputs: [{ shape: [2, 5] }], attributes: { k: 2, axis: 1 } }],
});

export const indexingOps = { gather, scatterAdd, takeAlong, scatterAlong, oneHot, topK } as const;
