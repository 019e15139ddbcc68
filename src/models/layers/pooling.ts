import { cast, divide, expandDims, matmul, reshape, slice, sum } from '../../graph/builder.ts';
import type { Tensor } from '../../graph/tensor.ts';

/**
 * One vector a product: the mean over its tokens, or its first token. The mean is a product of matrices, whose sums,
 * unlike the runtime's reductions, do not depend on how many products there are.
 * @param hidden - `[B, L, D]`; @param mask - `[B, L]` int32
 * @returns `[B, D]`
 */
export function pool(hidden: Tensor, mask: Tensor, pooling: 'mean' | 'first'): Tensor {
  const [batch, , width] = hidden.shape;
  if (pooling === 'first') return reshape(slice(hidden, 1, 0, 1), [batch!, width!]);
  const present = cast(mask, 'float32');
  const total = reshape(matmul(expandDims(present, 1), hidden), [batch!, width!]);
  return divide(total, sum(present, [1], true));
}
