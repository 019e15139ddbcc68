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

/** A vector of each patch of `patch` pixels, none overlapping: [batch, channels, height, width] to [batch, patches, D]. */
export function patchTokens(
  pixels: Tensor,
  parameters: Scope,
  patch: readonly [number, number],
  options: { readonly bias?: boolean } = {},
): Tensor {
  return pixelsAsTokens(convolve(pixels, parameters, { stride: patch, ...options }));
}

/** Learned tokens [1, n, D] before those of each picture [batch, patches, D]. */
export function withTokensBefore(learned: readonly Tensor[], tokens: Tensor): Tensor {
  const [batch] = tokens.shape;
  return concat(
    [...learned.map((token) => broadcastTo(token, [batch!, ...token.shape.slice(1)])), tokens],
    1,
  );
}
