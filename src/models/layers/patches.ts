/** Pictures as rows of tokens. */
import { broadcastTo, concat, reshape, transpose } from '../../graph/builder.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { convolve } from './convolution.ts';
import type { Scope } from './scope.ts';

/** [batch, width, rows, columns] to [batch, rows columns, width], in reading order. */
export function pixelsAsTokens(features: Tensor): Tensor {
  const [batch, width, rows, columns] = features.shape;
  const pixels = (rows as number) * (columns as number);
  return transpose(reshape(features, [batch!, width!, pixels]), [0, 2, 1]);
}

/**
 * A vector of each patch of pixels: [batch, channels, height, width] to [batch, patches, D].
 * @param stride - from a patch to the next; a patch's own size where none overlap
 */
export function patchTokens(
  pixels: Tensor,
  parameters: Scope,
  { stride, bias = true }: { readonly stride: readonly [number, number]; readonly bias?: boolean },
): Tensor {
  return pixelsAsTokens(convolve(pixels, parameters, { stride, bias }));
}

/** Learned tokens [1, n, D] before those of each picture [batch, patches, D]. */
export function withTokensBefore(learned: readonly Tensor[], tokens: Tensor): Tensor {
  const [batch] = tokens.shape;
  return concat(
    [...learned.map((token) => broadcastTo(token, [batch!, ...token.shape.slice(1)])), tokens],
    1,
  );
}
