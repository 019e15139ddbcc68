/**
 * Products in eight bits: activations as uint8 with a scale of each row's own, weights as int8 with a scale a column.
 * A row's answer is exact integer arithmetic on its own codes, so it cannot depend on the rows beside it.
 */
import { type Dim, type Shape, showShape } from '../dimensions.ts';
import { defineOp, type Emitter, type ReferenceArray } from '../tensor.ts';
import { expectDType, mismatch } from './check.ts';
import { build } from './reference-array.ts';

/** Rows whose largest element is below this many steps are all zero to us; it keeps 0 / 0 out. */
const SMALLEST_SCALE = 1e-20;

/** The code of 0, from what is known of the elements: 128 for either sign, 0 for none below 0, 16 for little below 0. */
export function zeroPointOf(lowest: number | undefined): number {
  if (lowest === undefined) return 128;
  return lowest === 0 ? 0 : 16;
}

/** Rounds half to even, as IEEE 754 and the runtime do. */
function round(x: number): number {
  const low = Math.floor(x);
  if (x - low !== 0.5) return Math.round(x);
  return low % 2 === 0 ? low : low + 1;
}

/** The signed value of a byte that holds an int8. */
const signed = (byte: number) => (byte < 128 ? byte : byte - 256);

/**
 * Outputs the codes, uint8 [rows, width], and the scale of each row, float32 [rows, 1]. `lowest` is what no element is
 * below, at most 0; undefined when nothing is known.
 */
const quantiseRows = defineOp<{ lowest: number | undefined }>({
  summary: 'x / scale + zero point, rounded to uint8, the scale fitting the largest element of each row',
  infer: ([x], { lowest }) => {
    expectDType('quantiseRows', 'input', x!, 'float32');
    if (x!.shape.length !== 2 || (lowest !== undefined && !(lowest <= 0))) {
      throw mismatch(
        'quantiseRows',
        `quantiseRows needs x [rows, width] and a lowest value of at most 0. Got ${showShape(x!.shape)} and ${lowest}.`,
        [x!.shape],
      );
    }
    return [
      { dtype: 'uint8', shape: x!.shape },
      { dtype: 'float32', shape: [x!.shape[0]!, 1] },
    ];
  },
  gradient: 'none',
  emit: ([x], { lowest }, emitter) => {
    const zero = zeroPointOf(lowest);
    const axes = emitter.int64([1]);
    const largest = emitter.add('ReduceMax', [x!, axes], { keepdims: 0 });
    const bounds = [emitter.float32(SMALLEST_SCALE)];
    if (lowest === undefined) {
      const smallest = emitter.add('ReduceMin', [x!, axes], { keepdims: 0 });
      bounds.push(times(emitter, largest, 1 / (255 - zero)), times(emitter, smallest, -1 / (zero - 1)));
    } else {
      bounds.push(times(emitter, largest, 1 / (255 - zero)));
      if (lowest < 0) bounds.push(emitter.float32(-lowest / zero));
    }
    const scale = emitter.add('Max', bounds);
    const zeros = emitter.add('Expand', [
      emitter.tensor('uint8', [1], Uint8Array.of(zero)),
      emitter.add('Shape', [scale]),
    ]);
    return [
      emitter.add('QuantizeLinear', [x!, scale, zeros], { axis: 0 }),
      emitter.add('Unsqueeze', [scale, axes]),
    ];
  },
  evaluate: ([x], { lowest }) => {
    const [rows, width] = x!.shape as readonly [number, number];
    const zero = zeroPointOf(lowest);
    const scales = Float64Array.from({ length: rows }, (_, i) => {
      const row = x!.data.subarray(i * width, (i + 1) * width);
      const below = lowest === undefined ? -Math.min(...row) / (zero - 1) : lowest < 0 ? -lowest / zero : 0;
      return Math.max(SMALLEST_SCALE, Math.max(...row) / (255 - zero), below);
    });
    const codes = build(x!.shape, ([i], flat) =>
      Math.min(255, Math.max(0, round(x!.data[flat]! / scales[i!]!) + zero)),
    );
    return [codes, { shape: [rows, 1], data: scales }];
  },
  samples: [
    { inputs: [{ shape: [3, 5] }], attributes: { lowest: undefined } },
    { inputs: [{ shape: [3, 5], range: [0, 2] }], attributes: { lowest: 0 } },
    { inputs: [{ shape: [3, 5], range: [-0.17, 3] }], attributes: { lowest: -0.17 } },
    { inputs: [{ shape: [2, 2], values: [0, 0, 1, -4] }], attributes: { lowest: undefined } },
  ],
});

function times(emitter: Emitter, x: string, by: number): string {
  return emitter.add('Mul', [x, emitter.float32(by)]);
}

/**
 * Inputs: codes, uint8 [rows, in]; their scales, float32 [rows, 1]; the weight, [in, out], its int8 values kept as bytes;
 * the scales of its columns, float32 [out]; a bias, float32 [out], or nothing.
 *
 * Without dedicated instructions an x86 processor adds two products in 16 bits and stops at the end of their range: so
 * in each column, of rows 2k and 2k+1, weights of one sign must not add up to more than 128. `quantiseWeight` in
 * `src/prediction` keeps to that.
 */
const quantisedLinear = defineOp<{ zeroPoint: number }>({
  summary: '(codes - zero point) W, both scaled back, plus bias: a linear layer in eight bits',
  infer: ([codes, scale, weight, columns, bias]) => {
    expectDType('quantisedLinear', 'codes', codes!, 'uint8');
    expectDType('quantisedLinear', 'weight', weight!, 'uint8');
    for (const t of [scale!, columns!, ...(bias ? [bias] : [])])
      expectDType('quantisedLinear', 'scale or bias', t, 'float32');
    const [rows, width] = codes!.shape;
    const out = weight!.shape[1];
    const vectors: readonly Shape[] = [columns!.shape, ...(bias ? [bias.shape] : [])];
    const fits =
      codes!.shape.length === 2 &&
      same(scale!.shape, [rows!, 1]) &&
      same(weight!.shape, [width!, out!]) &&
      vectors.every((shape) => same(shape, [out!]));
    if (!fits) {
      const shapes = [codes!.shape, scale!.shape, weight!.shape, ...vectors];
      throw mismatch(
        'quantisedLinear',
        `quantisedLinear needs codes [rows, in], scales [rows, 1], weight [in, out], column scales and bias [out]. Got ${shapes.map(showShape).join(', ')}.`,
        shapes,
      );
    }
    return [{ dtype: 'float32', shape: [rows!, out!] }];
  },
  gradient: 'none',
  emit: ([codes, scale, weight, columns, bias], { zeroPoint }, emitter, node) => {
    // The runtime does this once, when it loads the model.
    const int8 = emitter.add('Cast', [weight!], { to: INT8 });
    const zero = emitter.tensor('uint8', [], Uint8Array.of(zeroPoint));
    const product = emitter.standard
      ? standardProduct(emitter, [codes!, int8, scale!, columns!, zero])
      : emitter.add('MatMulIntegerToFloat', [codes!, int8, scale!, columns!, zero], {}, MICROSOFT);
    return [
      bias === undefined || node.inputs[4] === undefined ? product : emitter.add('Add', [product, bias]),
    ];
  },
  evaluate: ([codes, scale, weight, columns, bias], { zeroPoint }) => {
    const [rows, width] = codes!.shape as readonly [number, number];
    const out = weight!.shape[1]!;
    const y = build([rows, out], ([i, j]) => {
      let total = 0;
      for (let k = 0; k < width; k++) {
        total += (codes!.data[i! * width + k]! - zeroPoint) * signed(weight!.data[k * out + j!]!);
      }
      return total * scale!.data[i!]! * columns!.data[j!]! + (bias?.data[j!] ?? 0);
    });
    return [y satisfies ReferenceArray];
  },
  samples: [
    {
      inputs: [
        { shape: [2, 4], dtype: 'uint8', values: [0, 128, 255, 3, 200, 17, 129, 255] },
        { shape: [2, 1], values: [0.01, 0.5] },
        { shape: [4, 2], dtype: 'uint8', values: [127, 129, 0, 255, 250, 7, 64, 192] },
        { shape: [2], values: [0.25, 0.0625] },
        { shape: [2] },
      ],
      attributes: { zeroPoint: 128 },
    },
    {
      inputs: [
        { shape: [1, 2], dtype: 'uint8', values: [16, 255] },
        { shape: [1, 1], values: [0.125] },
        { shape: [2, 3], dtype: 'uint8', values: [64, 128, 255, 64, 127, 1] },
        { shape: [3], values: [1, 0.5, 2] },
      ],
      attributes: { zeroPoint: 16 },
    },
  ],
});

const INT8 = 3;
const MICROSOFT = { domain: 'com.microsoft' };

function standardProduct(
  emitter: Emitter,
  [codes, int8, scale, columns, zero]: readonly [string, string, string, string, string],
): string {
  const sum = emitter.add('MatMulInteger', [codes, int8, zero]);
  const float = emitter.add('Cast', [sum], { to: 1 });
  return emitter.add('Mul', [emitter.add('Mul', [float, scale]), columns]);
}

const same = (a: Shape, b: readonly Dim[]) => a.length === b.length && a.every((dim, i) => dim === b[i]);

export const quantisedOps = { quantiseRows, quantisedLinear } as const;
