import { add, constant, gather, integer, transpose } from '../../graph/builder.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { distances } from './mask.ts';

/** Distances at and beyond this share the last bucket of their direction. */
const MAX_DISTANCE = 128;

/**
 * The bucket of a key that stands `distance` tokens after the query: half of the buckets for keys before it and half
 * for keys after it; in each, near distances one by one, far ones in steps that grow as the logarithm; Raffel et al.
 * 2019 (T5), https://arxiv.org/abs/1910.10683. Logarithms are rounded to float32, as PyTorch's are.
 */
export function relativeBucket(distance: number, buckets: number): number {
  const half = Math.floor(buckets / 2);
  const side = distance > 0 ? half : 0;
  const far = Math.abs(distance);
  const exact = Math.floor(half / 2);
  if (far < exact) return side + far;
  const octaves = Math.fround(
    Math.fround(Math.log(Math.fround(far / exact))) / Math.log(MAX_DISTANCE / exact),
  );
  const step = Math.trunc(Math.fround(octaves * (half - exact)));
  return side + Math.min(exact + step, half - 1);
}

/**
 * A learned bias for each head and bucketed distance, for attention scores: [heads, tokens, tokens].
 *
 * @param table - [buckets, heads]
 * @param ids - [batch, tokens], for the number of tokens, at most `maxTokens`
 */
export function relativePositionBias(table: Tensor, ids: Tensor, maxTokens: number): Tensor {
  const buckets = Number(table.shape[0]);
  // Bucket of every distance from -(maxTokens - 1) on, so that the graph has only to look it up.
  const bucketOf = Int32Array.from({ length: 2 * maxTokens - 1 }, (_, i) =>
    relativeBucket(i - maxTokens + 1, buckets),
  );
  const places = add(distances(ids), integer(maxTokens - 1));
  const chosen = gather(constant('int32', [bucketOf.length], bucketOf), places);
  return transpose(gather(table, chosen), [2, 0, 1]);
}
