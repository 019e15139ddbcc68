/**
 * The closed table of operations. Each row is complete (shape rule, gradient rule or "none", ONNX form, reference),
 * so an operation without a decision on its gradient does not compile. A new operation is one entry in one file here.
 */
import type { Attributes, OpDefinition } from '../tensor.ts';
import { arithmeticOps } from './arithmetic.ts';
import { channelNormalisationOps } from './channel-normalisation.ts';
import { convolutionOps } from './convolution.ts';
import { elementwiseOps } from './elementwise.ts';
import { indexingOps } from './indexing.ts';
import { leafOps } from './leaf.ts';
import { matmulOps } from './matmul.ts';
import { normalisationOps } from './normalisation.ts';
import { poolingOps } from './pooling.ts';
import { quantisedOps } from './quantised.ts';
import { reductionOps } from './reduction.ts';
import { shapeOps } from './shape.ts';

export const OPS = {
  ...leafOps,
  ...arithmeticOps,
  ...elementwiseOps,
  ...matmulOps,
  ...shapeOps,
  ...indexingOps,
  ...reductionOps,
  ...normalisationOps,
  ...quantisedOps,
  ...convolutionOps,
  ...poolingOps,
  ...channelNormalisationOps,
} as const;

export type OpKind = keyof typeof OPS;
export type AttributesOf<K extends OpKind> = (typeof OPS)[K] extends OpDefinition<infer A> ? A : never;

/** The row of an operation, its attributes seen as a plain record. */
export function definitionOf(kind: OpKind): OpDefinition<Attributes> {
  return OPS[kind] as unknown as OpDefinition<Attributes>;
}

export function isOpKind(kind: string): kind is OpKind {
  return Object.hasOwn(OPS, kind);
}
