/** Matrix products, the operations that nearly all the time goes to. */
import { type Dim, product, type Shape, showShape } from '../dimensions.ts';
import { defineOp, type ReferenceArray, type TensorType } from '../tensor.ts';
import { broadcastOf, expectDType, mismatch } from './check.ts';
import { broadcastShapes, build, read } from './reference-array.ts';

export type MatmulAttributes = {
  readonly transposeA: boolean;
  readonly transposeB: boolean;
  /** The product is multiplied by this. */
  readonly alpha: number;
};

/** The last two sizes, swapped when transposed. */
function matrixOf(shape: Shape, transposed: boolean): readonly [Dim, Dim] {
  const rows = shape[shape.length - 2]!;
  const columns = shape[shape.length - 1]!;
  return transposed ? [columns, rows] : [rows, columns];
}

const matmul = defineOp<MatmulAttributes>({
  summary: 'alpha * a b over the last two axes, either one transposed; leading axes broadcast',
  infer: ([a, b], { transposeA, transposeB }): readonly TensorType[] => {
    expectDType('matmul', 'first input', a!, 'float32');
    expectDType('matmul', 'second input', b!, 'float32');
    const shapes = `Got ${showShape(a!.shape)}${transposeA ? ' transposed' : ''} and ${showShape(b!.shape)}${transposeB ? ' transposed' : ''}.`;
    if (a!.shape.length < 2 || b!.shape.length < 2) {
      throw mismatch('matmul', `Both inputs of matmul need at least two axes. ${shapes}`, [
        a!.shape,
        b!.shape,
      ]);
    }
    const [rows, inner] = matrixOf(a!.shape, transposeA);
    const [innerB, columns] = matrixOf(b!.shape, transposeB);
    if (inner !== innerB) {
      throw mismatch('matmul', `The inner sizes of matmul must be equal. ${shapes}`, [a!.shape, b!.shape]);
    }
    return [
      {
        dtype: 'float32',
        shape: [...broadcastOf('matmul', a!.shape.slice(0, -2), b!.shape.slice(0, -2)), rows, columns],
      },
    ];
  },
  gradient: ({ inputs, attributes, upstream, needs }, g) => {
    const [a, b] = inputs;
    const dy = upstream[0]!;
    const { transposeA, transposeB, alpha } = attributes;
    const da = () =>
      transposeA
        ? g.matmul(b!, dy, { transposeA: transposeB, transposeB: true, alpha })
        : g.matmul(dy, b!, { transposeB: !transposeB, alpha });
    const db = () =>
      transposeB
        ? g.matmul(dy, a!, { transposeA: true, transposeB: transposeA, alpha })
        : g.matmul(a!, dy, { transposeA: !transposeA, alpha });
    return [
      needs(0) ? g.reduceTo(da(), a!.shape) : undefined,
      needs(1) ? g.reduceTo(db(), b!.shape) : undefined,
    ];
  },
  emit: ([a, b], { transposeA, transposeB, alpha }, emitter, node) => {
    const ranks = node.inputs.map((input) => input.shape.length);
    if (ranks[0] === 2 && ranks[1] === 2 && (transposeA || transposeB || alpha !== 1)) {
      return [
        emitter.add('Gemm', [a!, b!], {
          transA: transposeA ? 1 : 0,
          transB: transposeB ? 1 : 0,
          alpha: { float: alpha },
        }),
      ];
    }
    if (!transposeA && !transposeB && alpha === 1) return [emitter.add('MatMul', [a!, b!])];
    if (!emitter.standard) {
      const attributes = { transA: transposeA ? 1 : 0, transB: transposeB ? 1 : 0, alpha: { float: alpha } };
      return [emitter.add('FusedMatMul', [a!, b!], attributes, { domain: 'com.microsoft' })];
    }
    const swapped = (name: string, rank: number) => {
      const perm = Array.from({ length: rank }, (_, i) => i);
      [perm[rank - 2], perm[rank - 1]] = [rank - 1, rank - 2];
      return emitter.add('Transpose', [name], { perm });
    };
    const y = emitter.add('MatMul', [
      transposeA ? swapped(a!, ranks[0]!) : a!,
      transposeB ? swapped(b!, ranks[1]!) : b!,
    ]);
    return [alpha === 1 ? y : emitter.add('Mul', [y, emitter.float32(alpha)])];
  },
  evaluate: ([a, b], { transposeA, transposeB, alpha }) => [
    referenceMatmul(a!, b!, transposeA, transposeB, alpha),
  ],
  samples: [
    {
      inputs: [{ shape: [3, 4] }, { shape: [4, 2] }],
      attributes: { transposeA: false, transposeB: false, alpha: 1 },
    },
    {
      inputs: [{ shape: [4, 3] }, { shape: [2, 4] }],
      attributes: { transposeA: true, transposeB: true, alpha: 0.5 },
    },
    {
      inputs: [{ shape: [2, 1, 3, 4] }, { shape: [5, 2, 4] }],
      attributes: { transposeA: false, transposeB: true, alpha: -2 },
    },
    {
      inputs: [{ shape: [2, 4, 3] }, { shape: [2, 4, 2] }],
      attributes: { transposeA: true, transposeB: false, alpha: 1 },
    },
  ],
});

function referenceMatmul(
  a: ReferenceArray,
  b: ReferenceArray,
  transposeA: boolean,
  transposeB: boolean,
  alpha: number,
): ReferenceArray {
  const [rows, inner] = matrixOf(a.shape, transposeA) as readonly [number, number];
  const columns = matrixOf(b.shape, transposeB)[1] as number;
  const batch = broadcastShapes(a.shape.slice(0, -2), b.shape.slice(0, -2));
  return build([...batch, rows, columns], (index) => {
    const outer = index.slice(0, -2);
    const [i, j] = index.slice(-2) as [number, number];
    let total = 0;
    for (let k = 0; k < inner; k++) {
      const x = read(a, [...outer, ...(transposeA ? [k, i] : [i, k])]);
      const y = read(b, [...outer, ...(transposeB ? [j, k] : [k, j])]);
      total += x * y;
    }
    return alpha * total;
  });
}

/** `weight` is `[out, in]` as PyTorch's Linear, or `[in, out]` as GPT-2's Conv1D. */
export type LinearAttributes = { readonly layout: 'out-in' | 'in-out' };

const linear = defineOp<LinearAttributes>({
  summary: 'x W + bias for a matrix x, the bias added inside the product',
  infer: ([x, weight, bias], { layout }) => {
    for (const [role, tensor] of [
      ['input', x!],
      ['weight', weight!],
      ['bias', bias!],
    ] as const)
      expectDType('linear', role, tensor, 'float32');
    const [width, out] = layout === 'in-out' ? weight!.shape : [...weight!.shape].reverse();
    if (
      x!.shape.length !== 2 ||
      weight!.shape.length !== 2 ||
      x!.shape[1] !== width ||
      bias!.shape.length !== 1 ||
      bias!.shape[0] !== out
    ) {
      throw mismatch(
        'linear',
        `linear needs x [rows, in], weight [${layout === 'in-out' ? 'in, out' : 'out, in'}] and bias [out]. Got ${showShape(x!.shape)}, ${showShape(weight!.shape)} and ${showShape(bias!.shape)}.`,
        [x!.shape, weight!.shape, bias!.shape],
      );
    }
    return [{ dtype: 'float32', shape: [x!.shape[0]!, out!] }];
  },
  gradient: ({ inputs, attributes, upstream, needs }, b) => {
    const [x, weight] = inputs;
    const dy = upstream[0]!;
    const outIn = attributes.layout === 'out-in';
    return [
      needs(0) ? b.matmul(dy, weight!, { transposeB: !outIn }) : undefined,
      needs(1)
        ? outIn
          ? b.matmul(dy, x!, { transposeA: true })
          : b.matmul(x!, dy, { transposeA: true })
        : undefined,
      needs(2) ? b.sum(dy, [0]) : undefined,
    ];
  },
  emit: (inputs, { layout }, emitter) => [
    emitter.add('Gemm', inputs, { transB: layout === 'out-in' ? 1 : 0 }),
  ],
  evaluate: ([x, weight, bias], { layout }) => {
    const y = referenceMatmul(x!, weight!, false, layout === 'out-in', 1);
    return [build(y.shape, (index, flat) => y.data[flat]! + bias!.data[index[1]!]!)];
  },
  samples: [
    { inputs: [{ shape: [3, 4] }, { shape: [2, 4] }, { shape: [2] }], attributes: { layout: 'out-in' } },
    { inputs: [{ shape: [3, 4] }, { shape: [4, 2] }, { shape: [2] }], attributes: { layout: 'in-out' } },
  ],
});

export const matmulOps = { matmul, linear } as const;

/** All but the last axis as one, for products with a weight matrix. */
export function flattened(shape: Shape): Shape {
  return [product(shape.slice(0, -1)), shape[shape.length - 1]!];
}
