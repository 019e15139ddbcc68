/** Layers of one matrix or one vector, with the parameter names that PyTorch gives them. */
import { add, layerNorm, linear } from '../../graph/builder.ts';
import type { Tensor } from '../../graph/tensor.ts';
import type { Scope } from './scope.ts';

/** x Wᵀ + b: [..., inputs] to [..., outputs], with `weight` [outputs, inputs] and `bias` [outputs] (PyTorch's Linear). */
export function dense(x: Tensor, parameters: Scope, options: { readonly bias?: boolean } = {}): Tensor {
  const bias = options.bias === false ? undefined : parameters.get('bias');
  return adapted(x, linear(x, parameters.get('weight'), bias), parameters);
}

/** x W + b with `weight` [inputs, outputs], as GPT-2 stores its matrices (transformers' Conv1D). */
export function projection(x: Tensor, parameters: Scope): Tensor {
  return adapted(x, linear(x, parameters.get('weight'), parameters.get('bias'), 'in-out'), parameters);
}

/** The output of a linear layer, and what an adapter adds to it. */
function adapted(x: Tensor, y: Tensor, parameters: Scope): Tensor {
  const low = parameters.lowRank?.(x);
  return low === undefined ? y : add(y, low);
}

/** Layer norm over the last axis with `weight` and `bias`; Ba et al. 2016, https://arxiv.org/abs/1607.06450. */
export function norm(
  x: Tensor,
  parameters: Scope,
  epsilon: number,
  options: { readonly bias?: boolean } = {},
): Tensor {
  const shift = options.bias === false ? undefined : parameters.get('bias');
  return layerNorm(x, parameters.get('weight'), shift, epsilon);
}
