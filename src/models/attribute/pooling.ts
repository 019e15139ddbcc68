import { cast, divide, expandDims, multiply, reshape, slice, sum } from '../../graph/builder.ts';
import type { Tensor } from '../../graph/tensor.ts';

/**
 * One vector a product: the mean over its tokens, or its first token.
 * @param hidden - `[B, L, D]`; @param mask - `[B, L]` int32
 * @returns `[B, D]`
 */
export function pool(hidden: Tensor, mask: Tensor, pooling: 'mean' | 'first'): Tensor {
  const [batch, , width] = hidden.shape;
  if (pooling === 'first') return reshape(slice(hidden, 1, 0, 1), [batch!, width!]);
  const present = cast(mask, 'float32');
  return divide(sum(multiply(hidden, expandDims(present, 2)), [1]), sum(present, [1], true));
}
