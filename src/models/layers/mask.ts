/** Biases of attention scores: 0 where a query sees a key, minus a lot where it does not. */
import {
  abs,
  cast,
  expandDims,
  greater,
  integer,
  range,
  reshape,
  scalar,
  scale,
  subtract,
} from '../../graph/builder.ts';
import type { Tensor } from '../../graph/tensor.ts';

/**
 * Low enough that exp(score) is 0 in float32, and finite, so that a padding row that sees nothing gives even shares
 * rather than NaN.
 */
export const HIDDEN = -1e9;

/** Hides padding: int32 mask [batch, keys] of 1 and 0, to float32 [batch, 1, 1, keys]. */
export function paddingBias(mask: Tensor): Tensor {
  const [batch, keys] = mask.shape;
  const hidden = subtract(scalar(1), cast(mask, 'float32'));
  return reshape(scale(hidden, HIDDEN), [batch!, 1, 1, keys!]);
}

/** Hides the tokens after each one: float32 [tokens, tokens], as long as the second axis of `ids` [batch, tokens]. */
export function causalBias(ids: Tensor): Tensor {
  return scale(cast(greater(distances(ids), integer(0)), 'float32'), HIDDEN);
}

/** Hides what is more than `reach` tokens away on either side: float32 [tokens, tokens]. */
export function windowBias(ids: Tensor, reach: number): Tensor {
  const apart = abs(cast(distances(ids), 'float32'));
  return scale(cast(greater(apart, scalar(reach)), 'float32'), HIDDEN);
}

/** Key position minus query position: int32 [tokens, tokens]. */
export function distances(ids: Tensor): Tensor {
  const positions = range(ids, 1);
  return subtract(expandDims(positions, 0), expandDims(positions, 1));
}
