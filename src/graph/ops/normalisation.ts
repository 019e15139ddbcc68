/** Softmax and the normalisations over the last axis, each one fused operator forward. */
import { showShape } from '../dimensions.ts';
import { defineOp, type ReferenceArray } from '../tensor.ts';
import { expectDType, mismatch } from './check.ts';
import { lines } from './reference-array.ts';

function alongAxis(x: ReferenceArray, axis: number, apply: (line: number[]) => number[]): ReferenceArray {
  const data = Float64Array.from(x.data);
  lines(x.shape, axis, (positions) => {
    const result = apply(positions.map((at) => data[at]!));
    positions.forEach((at, i) => {
      data[at] = result[i]!;
    });
  });
  return { shape: x.shape, data };
}

function logSumExp(line: readonly number[]): number {
  const largest = Math.max(...line);
  return largest + Math.log(line.reduce((total, v) => total + Math.exp(v - largest), 0));
}

const softmax = defineOp<{ axis: number }>({
  summary: 'exp(x) / sum(exp(x)) along an axis, without overflow',
  infer: ([x]) => {
    expectDType('softmax', 'input', x!, 'float32');
    return [{ dtype: 'float32', shape: x!.shape }];
  },
  gradient: ({ outputs, attributes, upstream }, b) => {
    const y = outputs[0]!;
    const weighted = b.multiply(upstream[0]!, y);
    return [b.subtract(weighted, b.multiply(y, b.sum(weighted, [attributes.axis], true)))];
  },
  emit: (inputs, { axis }, emitter) => [emitter.add('Softmax', inputs, { axis })],
  evaluate: ([x], { axis }) => [
    alongAxis(x!, axis, (line) => {
      const total = logSumExp(line);
      return line.map((v) => Math.exp(v - total));
    }),
  ],
  samples: [
    { inputs: [{ shape: [2, 3, 4] }], attributes: { axis: 2 } },
    { inputs: [{ shape: [3, 2] }], attributes: { axis: 0 } },
  ],
});

const logSoftmax = defineOp<{ axis: number }>({
  summary: 'logarithm of softmax along an axis, computed without taking the logarithm of a small number',
  infer: ([x]) => {
    expectDType('logSoftmax', 'input', x!, 'float32');
    return [{ dtype: 'float32', shape: x!.shape }];
  },
  gradient: ({ outputs, attributes, upstream }, b) => {
    const dy = upstream[0]!;
    return [b.subtract(dy, b.multiply(b.exp(outputs[0]!), b.sum(dy, [attributes.axis], true)))];
  },
  emit: (inputs, { axis }, emitter) => [emitter.add('LogSoftmax', inputs, { axis })],
  evaluate: ([x], { axis }) => [
    alongAxis(x!, axis, (line) => {
      const total = logSumExp(line);
      return line.map((v) => v - total);
    }),
  ],
  samples: [{ inputs: [{ shape: [2, 4] }], attributes: { axis: 1 } }],
});

/**
 * Outputs y, the mean and 1/√(σ² + ε) of each row (the last axis kept as 1), which the backward pass reuses. The
 * third input (shift) may be left out.
 */
const layerNorm = defineOp<{ epsilon: number }>({
  summary: 'y = (x - μ) / √(σ² + ε) * γ + β over the last axis, σ² biased; Ba et al. 2016',
  infer: ([x, gamma, beta], _) => {
    for (const [role, t] of [
      ['input', x],
      ['scale', gamma],
      ['shift', beta],
    ] as const)
      if (t) expectDType('layerNorm', role, t, 'float32');
    const width = x!.shape[x!.shape.length - 1];
    if (
      width === undefined ||
      [gamma, beta].some((t) => t && (t.shape.length !== 1 || t.shape[0] !== width))
    ) {
      throw mismatch(
        'layerNorm',
        `The scale and shift of layerNorm must be [${width}], the last axis of ${showShape(x!.shape)}. Got ${showShape(gamma!.shape)}${beta ? ` and ${showShape(beta.shape)}` : ''}.`,
        [x!.shape, gamma!.shape],
      );
    }
    const row = x!.shape.with(-1, 1);
    return [
      { dtype: 'float32', shape: x!.shape },
      { dtype: 'float32', shape: row },
      { dtype: 'float32', shape: row },
    ];
  },
  gradient: ({ inputs, outputs, upstream, needs }, b) => {
    const [x, gamma] = inputs;
    const [, mean, inverse] = outputs;
    const dy = upstream[0]!;
    const last = x!.shape.length - 1;
    const outer = Array.from({ length: last }, (_, i) => i);
    const normal = b.multiply(b.subtract(x!, mean!), inverse!);
    const weighted = b.multiply(dy, gamma!);
    const dx = () => {
      const slope = b.mean(b.multiply(weighted, normal), [last], true);
      const centred = b.subtract(weighted, b.mean(weighted, [last], true));
      return b.multiply(b.subtract(centred, b.multiply(normal, slope)), inverse!);
    };
    return [
      needs(0) ? dx() : undefined,
      needs(1) ? b.sum(b.multiply(dy, normal), outer) : undefined,
      ...(inputs[2] ? [needs(2) ? b.sum(dy, outer) : undefined] : []),
    ];
  },
  emit: (inputs, { epsilon }, emitter, node) => {
    const attributes = { axis: -1, epsilon: { float: epsilon } };
    const statistics = emitter.isUsed(node, 1) || emitter.isUsed(node, 2);
    if (statistics) return emitter.addMany('LayerNormalization', inputs, 3, attributes);
    return [emitter.add('LayerNormalization', inputs, attributes), '', ''];
  },
  evaluate: ([x, gamma, beta], { epsilon }) => {
    const rows = x!.shape.with(-1, 1);
    const means: number[] = [];
    const inverses: number[] = [];
    const y = alongAxis(x!, x!.shape.length - 1, (line) => {
      const mean = line.reduce((a, b) => a + b, 0) / line.length;
      const variance = line.reduce((a, b) => a + (b - mean) ** 2, 0) / line.length;
      const inverse = 1 / Math.sqrt(variance + epsilon);
      means.push(mean);
      inverses.push(inverse);
      return line.map((v, i) => (v - mean) * inverse * gamma!.data[i]! + (beta?.data[i] ?? 0));
    });
    return [
      y,
      { shape: rows, data: Float64Array.from(means) },
      { shape: rows, data: Float64Array.from(inverses) },
    ];
  },
  samples: [
    { inputs: [{ shape: [2, 3, 5] }, { shape: [5] }, { shape: [5] }], attributes: { epsilon: 1e-5 } },
    { inputs: [{ shape: [3, 5] }, { shape: [5] }], attributes: { epsilon: 1e-2 } },
  ],
});

/** Outputs y and 1/√(mean(x²) + ε) of each row. */
const rmsNorm = defineOp<{ epsilon: number }>({
  summary: 'y = x / √(mean(x²) + ε) * γ over the last axis; Zhang and Sennrich 2019',
  infer: ([x, gamma]) => {
    expectDType('rmsNorm', 'input', x!, 'float32');
    const width = x!.shape[x!.shape.length - 1];
    if (gamma!.shape.length !== 1 || gamma!.shape[0] !== width) {
      throw mismatch(
        'rmsNorm',
        `The scale of rmsNorm must be [${width}], the last axis of ${showShape(x!.shape)}. Got ${showShape(gamma!.shape)}.`,
        [x!.shape, gamma!.shape],
      );
    }
    return [
      { dtype: 'float32', shape: x!.shape },
      { dtype: 'float32', shape: x!.shape.with(-1, 1) },
    ];
  },
  gradient: ({ inputs, outputs, upstream, needs }, b) => {
    const [x, gamma] = inputs;
    const inverse = outputs[1]!;
    const dy = upstream[0]!;
    const last = x!.shape.length - 1;
    const normal = b.multiply(x!, inverse);
    const weighted = b.multiply(dy, gamma!);
    const dx = () => {
      const slope = b.mean(b.multiply(weighted, normal), [last], true);
      return b.multiply(b.subtract(weighted, b.multiply(normal, slope)), inverse);
    };
    return [
      needs(0) ? dx() : undefined,
      needs(1)
        ? b.sum(
            b.multiply(dy, normal),
            Array.from({ length: last }, (_, i) => i),
          )
        : undefined,
    ];
  },
  emit: ([x, gamma], { epsilon }, emitter, node) => {
    const square = emitter.add('Mul', [x!, x!]);
    const mean = emitter.add('ReduceMean', [square, emitter.int64([node.inputs[0]!.shape.length - 1])], {
      keepdims: 1,
    });
    const inverse = emitter.add('Reciprocal', [
      emitter.add('Sqrt', [emitter.add('Add', [mean, emitter.float32(epsilon)])]),
    ]);
    return [emitter.add('Mul', [emitter.add('Mul', [x!, inverse]), gamma!]), inverse];
  },
  evaluate: ([x, gamma], { epsilon }) => {
    const inverses: number[] = [];
    const y = alongAxis(x!, x!.shape.length - 1, (line) => {
      const inverse = 1 / Math.sqrt(line.reduce((a, b) => a + b * b, 0) / line.length + epsilon);
      inverses.push(inverse);
      return line.map((v, i) => v * inverse * gamma!.data[i]!);
    });
    return [y, { shape: x!.shape.with(-1, 1), data: Float64Array.from(inverses) }];
  },
  samples: [{ inputs: [{ shape: [3, 5] }, { shape: [5] }], attributes: { epsilon: 1e-6 } }],
});

/**
 * The mask is data (1 keeps, 0 drops), drawn by the session from (seed, step), because the runtime's random operators
 * keep hidden state.
 */
const dropout = defineOp<{ probability: number }>({
  summary: 'x / (1 - p) where the mask is 1, else 0; Srivastava et al. 2014',
  infer: ([x, mask]) => {
    expectDType('dropout', 'input', x!, 'float32');
    expectDType('dropout', 'mask', mask!, 'uint8');
    if (x!.shape.length !== mask!.shape.length || x!.shape.some((dim, i) => dim !== mask!.shape[i])) {
      throw mismatch(
        'dropout',
        `The mask of dropout must have the shape of its input. Got ${showShape(x!.shape)} and ${showShape(mask!.shape)}.`,
        [x!.shape, mask!.shape],
      );
    }
    return [{ dtype: 'float32', shape: x!.shape }];
  },
  gradient: ({ inputs, attributes, upstream }, b) => [
    b.dropout(upstream[0]!, inputs[1]!, attributes.probability),
    undefined,
  ],
  emit: ([x, mask], { probability }, emitter) => {
    const factor = emitter.add('DequantizeLinear', [mask!, emitter.float32(1 / (1 - probability))]);
    return [emitter.add('Mul', [x!, factor])];
  },
  evaluate: ([x, mask], { probability }) => [
    { shape: x!.shape, data: x!.data.map((v, i) => (v * mask!.data[i]!) / (1 - probability)) },
  ],
  samples: [
    {
      inputs: [{ shape: [2, 3] }, { shape: [2, 3], dtype: 'uint8', values: [1, 0, 1, 1, 0, 1] }],
      attributes: { probability: 0.25 },
    },
  ],
});

export const normalisationOps = { softmax, logSoftmax, layerNorm, rmsNorm, dropout } as const;
