/** From the vectors of a text's tokens to the vector of the text, as sentence-transformers' `Pooling` and `Normalize` do. */
import {
  add,
  cast,
  concat,
  cumulativeSum,
  divide,
  equal,
  expandDims,
  matmul,
  max,
  maximum,
  multiply,
  reshape,
  scalar,
  scale,
  slice,
  sqrt,
  subtract,
  sum,
} from '../graph/builder.ts';
import type { Tensor } from '../graph/tensor.ts';
import type { Pooling, PoolingMode } from '../models/checkpoint/pooling.ts';

/** torch.nn.functional.normalize's. */
const SHORTEST = 1e-12;
/** Lower than any hidden state. */
const HIDDEN = -1e9;

/**
 * @param hidden - float32 `[batch, tokens, width]`
 * @param mask - int32 `[batch, tokens]`, 1 for a token and 0 for padding on the right
 * @returns `[batch, width]`, or a multiple of the width where several modes are joined
 */
export function pool(hidden: Tensor, mask: Tensor, { modes, normalize }: Pooling): Tensor {
  const present = cast(mask, 'float32');
  const parts = modes.map((mode) => POOL[mode](hidden, present));
  const pooled = parts.length === 1 ? parts[0]! : concat(parts, 1);
  return normalize ? unitLength(pooled) : pooled;
}

/** Each row divided by its Euclidean length. */
function unitLength(x: Tensor): Tensor {
  return divide(x, maximum(sqrt(sum(multiply(x, x), [1], true)), scalar(SHORTEST)));
}

/** `present` is 1 for a token, 0 for padding: float32 `[batch, tokens]`. */
const POOL: Readonly<Record<PoolingMode, (hidden: Tensor, present: Tensor) => Tensor>> = {
  cls: (hidden) => reshape(slice(hidden, 1, 0, 1), [hidden.shape[0]!, hidden.shape[2]!]),
  mean: (hidden, present) => weighted(hidden, present),
  mean_sqrt_len_tokens: (hidden, present) => divide(total(hidden, present), sqrt(sum(present, [1], true))),
  // The place of each token, counted from 1, is its weight; Muennighoff 2022.
  weightedmean: (hidden, present) => weighted(hidden, multiply(cumulativeSum(present, 1), present)),
  lasttoken: (hidden, present) => {
    const left = cumulativeSum(present, 1, { reverse: true });
    return total(hidden, multiply(cast(equal(left, scalar(1)), 'float32'), present));
  },
  max: (hidden, present) => max(add(hidden, expandDims(scale(subtract(scalar(1), present), HIDDEN), 2)), [1]),
};

/** As a product of matrices, whose sums, unlike the runtime's reductions, do not depend on how many texts there are. */
function total(hidden: Tensor, weights: Tensor): Tensor {
  const rows = matmul(expandDims(weights, 1), hidden);
  return reshape(rows, [hidden.shape[0]!, hidden.shape[2]!]);
}

function weighted(hidden: Tensor, weights: Tensor): Tensor {
  return divide(total(hidden, weights), sum(weights, [1], true));
}
