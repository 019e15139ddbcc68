/**
 * Scores of values: a product's vector against each value's vector, which is a learned one plus a projection of the
 * value's own name. A value that appears tomorrow has a name, so it can be scored tomorrow.
 */
import { add, linear, matmul } from '../../graph/builder.ts';
import type { Tensor } from '../../graph/tensor.ts';
import type { Initial, ParameterSpec } from '../layers/parameters.ts';
import type { Scope } from '../layers/scope.ts';

const SMALL: Initial = { kind: 'normal', std: 0.02 };

/** @param values - how many, over all attributes; @param width - D; @param depth - of the head, for layer-wise rates */
export function choiceHeadParameters(values: number, width: number, depth: number): ParameterSpec[] {
  return [
    { name: 'choice.values', shape: [values, width], role: 'weight', depth, initial: SMALL },
    { name: 'choice.names', shape: [width, width], role: 'weight', depth, initial: SMALL },
    { name: 'choice.bias', shape: [values], role: 'bias', depth, initial: { kind: 'zeros' } },
  ];
}

/**
 * @param pooled - `[B, D]`; @param names - `[V, D]` vectors of the values' names
 * @returns logits `[B, V]`
 */
export function choiceLogits(parameters: Scope, pooled: Tensor, names: Tensor): Tensor {
  const byName = matmul(names, parameters.get('choice.names'), { transposeB: true });
  return linear(pooled, add(parameters.get('choice.values'), byName), parameters.get('choice.bias'));
}
