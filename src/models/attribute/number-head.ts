/** Numbers by regression from a product's vector, in standard deviations from the training mean. */
import { gelu } from '../../graph/builder.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { dense } from '../layers/dense.ts';
import { type Initial, linearParameters, type ParameterSpec } from '../layers/parameters.ts';
import type { Scope } from '../layers/scope.ts';
import type { NumberSpec } from './spec.ts';

const SMALL: Initial = { kind: 'normal', std: 0.02 };

export function numberHeadParameters(count: number, width: number, depth: number): ParameterSpec[] {
  return [
    ...linearParameters('number.inner', width, width, { depth, initial: SMALL }),
    ...linearParameters('number.outer', width, count, { depth, initial: SMALL }),
  ];
}

/** @param pooled - `[B, D]`; @returns standardised values `[B, N]` */
export function numberValues(parameters: Scope, pooled: Tensor): Tensor {
  return dense(gelu(dense(pooled, parameters.within('number.inner'))), parameters.within('number.outer'));
}

/** A quantity as the head learns it. */
export function standardise({ logarithm, mean, deviation }: NumberSpec, value: number): number {
  return ((logarithm ? Math.log1p(value) : value) - mean) / deviation;
}

/** The quantity that a head's output stands for. */
export function destandardise({ logarithm, mean, deviation }: NumberSpec, output: number): number {
  const value = output * deviation + mean;
  return logarithm ? Math.expm1(value) : value;
}
