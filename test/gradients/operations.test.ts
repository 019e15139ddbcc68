/**
 * Every row of the table of operations: its gradient against central differences along a random direction in float64,
 * and its ONNX form (fused and standard) against the reference.
 */
import { describe, expect, it } from 'vitest';
import { Random } from '../../src/base/random.ts';
import { add, input, multiply, sum } from '../../src/graph/builder.ts';
import { gradient } from '../../src/graph/gradient.ts';
import { definitionOf, OPS, type OpKind } from '../../src/graph/ops/table.ts';
import { evaluate } from '../../src/graph/reference.ts';
import { Session, type Value } from '../../src/graph/session.ts';
import type {
  Node,
  OpSample,
  ReferenceArray,
  SampleInput,
  Tensor,
  TensorData,
} from '../../src/graph/tensor.ts';
import { verify } from '../../src/graph/verify.ts';

/** Largest accepted |difference| / (1 + |expected|), by what is compared. */
const TOLERANCE = { gradient: 1e-6, float32: 2e-5 } as const;
const STEP = 1e-5;

/** Operations whose further outputs, such as the statistics of a normalisation, are for their own rule alone. */
const FIRST_ALONE: readonly OpKind[] = ['layerNorm', 'rmsNorm', 'groupNorm', 'batchNorm', 'gelu', 'topK'];

const kinds = (Object.keys(OPS) as OpKind[]).filter((kind) => definitionOf(kind).samples.length > 0);

function draw({ shape, dtype, range = [-2, 2], values }: SampleInput, random: Random): ReferenceArray {
  const length = shape.reduce((a, b) => a * b, 1);
  const data = Float64Array.from({ length }, (_, i) =>
    values
      ? values[i]!
      : dtype && dtype !== 'float32'
        ? random.below(2)
        : Math.fround(range[0] + (range[1] - range[0]) * random.uniform()),
  );
  return { shape, data };
}

/** The outputs of one application of an operation to inputs `x0`, `x1`, ... */
function applied(
  kind: OpKind,
  sample: OpSample<Record<string, unknown>>,
): { inputs: Tensor[]; outputs: Tensor[] } {
  const inputs = sample.inputs.map(({ shape, dtype = 'float32' }, i) => input(`x${i}`, dtype, shape));
  const types = definitionOf(kind).infer(inputs, sample.attributes);
  const node: Node = { kind, inputs, attributes: sample.attributes, outputs: types };
  return { inputs, outputs: types.map((type, index) => ({ ...type, node, index })) };
}

const named = (arrays: readonly ReferenceArray[]) =>
  Object.fromEntries(arrays.map((array, i) => [`x${i}`, array]));

function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): void {
  expect(actual.length).toBe(expected.length);
  for (let i = 0; i < actual.length; i++) {
    const error = Math.abs(actual[i]! - expected[i]!) / (1 + Math.abs(expected[i]!));
    expect(error, `element ${i}: ${actual[i]} against ${expected[i]}`).toBeLessThan(tolerance);
  }
}

function toValue(array: ReferenceArray, { dtype = 'float32' }: SampleInput): Value {
  const data: TensorData =
    dtype === 'float32'
      ? Float32Array.from(array.data)
      : dtype === 'int32'
        ? Int32Array.from(array.data)
        : Uint8Array.from(array.data);
  return { dtype, dims: array.shape, data };
}

describe.each(kinds)('%s', (kind) => {
  const definition = definitionOf(kind);
  definition.samples.forEach((sample, number) => {
    const random = new Random(7, number);
    const { inputs, outputs } = applied(kind, sample);
    const arrays = sample.inputs.map((spec) => draw(spec, random));

    it(`has a legal graph (${number})`, () => verify(outputs));

    if (definition.gradient !== 'none') {
      it(`has the gradient of its reference (${number})`, () => {
        const wanted = inputs.filter((tensor) => tensor.dtype === 'float32');
        const weights = outputs.map((tensor, i) => ({
          tensor: input(`w${i}`, 'float32', tensor.shape),
          array: draw({ shape: tensor.shape as number[] }, random),
        }));
        const exposed = FIRST_ALONE.includes(kind)
          ? outputs.slice(0, 1)
          : outputs.filter((y) => y.dtype === 'float32');
        if (exposed.length === 0) return;
        const loss = exposed.map((y, i) => sum(multiply(y, weights[i]!.tensor))).reduce(add);
        const values = {
          ...named(arrays),
          ...Object.fromEntries(weights.map(({ array }, i) => [`w${i}`, array])),
        };
        const gradients = evaluate(gradient(loss, wanted), values);
        const lossAt = (shifted: readonly ReferenceArray[]) =>
          evaluate([loss], { ...values, ...named(shifted) })[0]!.data[0]!;
        for (const [k, tensor] of wanted.entries()) {
          const at = inputs.indexOf(tensor);
          const direction = arrays[at]!.data.map(() => random.normal());
          const shift = (sign: number) =>
            arrays.map((array, i) =>
              i === at
                ? { shape: array.shape, data: array.data.map((v, j) => v + sign * STEP * direction[j]!) }
                : array,
            );
          const numeric = (lossAt(shift(1)) - lossAt(shift(-1))) / (2 * STEP);
          const analytic = gradients[k]!.data.reduce((total, v, j) => total + v * direction[j]!, 0);
          expectClose([analytic], [numeric], TOLERANCE.gradient);
        }
      });
    }

    it.each([true, false])(
      `runs as its reference says, standard operators only: %s (${number})`,
      async (standard) => {
        const graph = Object.fromEntries(outputs.map((tensor, i) => [`y${i}`, tensor]));
        const session = await Session.create(graph, { standard, threads: 1 });
        const results = await session.run(
          Object.fromEntries(
            arrays
              .map((array, i) => [`x${i}`, toValue(array, sample.inputs[i]!)])
              .filter(([name]) => session.inputs.some((leaf) => leaf.name === name)),
          ),
        );
        const expected = evaluate(outputs, named(arrays));
        outputs.forEach((tensor, i) => {
          expect(results[`y${i}`]!.dims).toEqual(expected[i]!.shape);
          expect(results[`y${i}`]!.dtype).toBe(tensor.dtype);
          expectClose(results[`y${i}`]!.data, expected[i]!.data, TOLERANCE.float32);
        });
        await session.close();
      },
    );
  });
});
