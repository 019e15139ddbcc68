/** Checks that shape rules share; each error names the operation, what it got and what it expected. */
import { broadcast, type Shape, showShape } from '../dimensions.ts';
import { graphError } from '../errors.ts';
import type { DType, Tensor } from '../tensor.ts';

export function expectDType(op: string, role: string, tensor: Tensor, ...allowed: readonly DType[]): void {
  if (allowed.includes(tensor.dtype)) return;
  throw graphError(
    'graph/dtype-mismatch',
    `The ${role} of ${op} must be ${allowed.join(' or ')}. Got ${tensor.dtype} of shape ${showShape(tensor.shape)}.`,
    { details: { op, role, dtype: tensor.dtype, allowed } },
  );
}

export function expectSameDType(op: string, a: Tensor, b: Tensor): void {
  if (a.dtype === b.dtype) return;
  throw graphError(
    'graph/dtype-mismatch',
    `The inputs of ${op} must have one dtype. Got ${a.dtype} and ${b.dtype}.`,
    {
      details: { op, dtypes: [a.dtype, b.dtype] },
      hint: 'Use cast on one of them.',
    },
  );
}

export function broadcastOf(op: string, a: Shape, b: Shape): Shape {
  const shape = broadcast(a, b);
  if (shape !== undefined) return shape;
  throw mismatch(op, `The shapes of ${op} must broadcast. Got ${showShape(a)} and ${showShape(b)}.`, [a, b]);
}

export function mismatch(op: string, message: string, shapes: readonly Shape[]) {
  return graphError('graph/shape-mismatch', message, { details: { op, shapes } });
}

/** An axis in [0, rank); negative ones count from the end. */
export function normaliseAxis(op: string, axis: number, shape: Shape): number {
  const rank = shape.length;
  if (Number.isInteger(axis) && axis >= -rank && axis < rank) return axis < 0 ? axis + rank : axis;
  throw graphError(
    'graph/bad-argument',
    `The axis of ${op} must be in [${-rank}, ${rank - 1}]. Got ${axis} for shape ${showShape(shape)}.`,
    { details: { op, axis, shape } },
  );
}
