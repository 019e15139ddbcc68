/**
 * Losses of pictures and texts that are to lie near each other where they belong together: CLIP's and SigLIP's.
 *
 * Letters: N products, each with a text (a row of the logits) and a picture (a column). Each returns a total and the weight it is
 * to be divided by, as the losses of losses.ts do.
 */
import {
  add,
  cast,
  equal,
  expandDims,
  logSoftmax,
  multiply,
  negate,
  range,
  scalar,
  scale,
  size,
  softplus,
  subtract,
  sum,
  where,
} from '../graph/builder.ts';
import type { Tensor } from '../graph/tensor.ts';
import type { LossTerm } from './losses.ts';

/**
 * Cross-entropy of each text over the pictures and of each picture over the texts, the mean of both; Radford et al. 2021,
 * https://arxiv.org/abs/2103.00020.
 * @param logits - `[N, N]`: scaled cosines
 * @param alike - float32 `[N, N]`, 1 where the text of one product may as well be that of the other's picture: such a pair is no rival.
 *   0 on the diagonal.
 */
export function clipLoss(logits: Tensor, alike?: Tensor): LossTerm {
  const rivals = alike === undefined ? logits : add(logits, scale(alike, -1e9));
  const pairs = cast(diagonal(logits), 'float32');
  const over = (axis: number) => sum(multiply(negate(logSoftmax(rivals, axis)), pairs));
  return { total: scale(add(over(0), over(1)), 0.5), weight: size(logits, [0]) };
}

/**
 * Of every text with every picture by itself whether they belong together: -log sigmoid(±logit), summed over the pictures; Zhai et al.
 * 2023, https://arxiv.org/abs/2303.15343. Parameters as of `clipLoss`; the logits have a bias.
 */
export function siglipLoss(logits: Tensor, alike?: Tensor): LossTerm {
  const each = softplus(where(diagonal(logits), negate(logits), logits));
  const counted = alike === undefined ? each : multiply(each, subtract(scalar(1), alike));
  return { total: sum(counted), weight: size(logits, [0]) };
}

export const PAIR_LOSSES = { clip: clipLoss, siglip: siglipLoss } as const;

/** `[N, N]`, true where a text meets its own picture. */
function diagonal(logits: Tensor): Tensor {
  const rows = range(logits, 0);
  return equal(expandDims(rows, 0), expandDims(rows, 1));
}
