/**
 * Scaled dot-product attention over several heads; Vaswani et al. 2017, https://arxiv.org/abs/1706.03762.
 * Letters: B batch, L tokens, H heads, d width of a head, D = H d.
 */
import { add, matmul, reshape, softmax, transpose } from '../../graph/builder.ts';
import type { Dim } from '../../graph/dimensions.ts';
import type { Tensor } from '../../graph/tensor.ts';
import type { Dropout } from './dropout.ts';

/** `[B, L, D]` as heads: `[B, H, L, d]`. */
export function splitHeads(x: Tensor, heads: number): Tensor {
  const [batch, tokens, width] = x.shape as readonly [Dim, Dim, number];
  return transpose(reshape(x, [batch, tokens, heads, width / heads]), [0, 2, 1, 3]);
}

export type AttentionOptions = {
  /** Added to the scores, broadcasting to `[B, H, L, L]`; very negative where attention is forbidden. */
  readonly bias: Tensor | undefined;
  /** Factor of the scores; 1 / √d in most architectures. */
  readonly scale: number;
  readonly dropout: Dropout;
  /** Of dropping an attention weight. */
  readonly probability: number;
};

/**
 * softmax(scale q kᵀ + bias) v, the heads put side by side again.
 * @param q, k, v - `[B, H, L, d]`
 * @returns `[B, L, D]`
 */
export function attend(q: Tensor, k: Tensor, v: Tensor, options: AttentionOptions): Tensor {
  const scores = matmul(q, k, { transposeB: true, alpha: options.scale });
  const weights = softmax(options.bias ? add(scores, options.bias) : scores, -1);
  const context = matmul(options.dropout(weights, options.probability), v);
  const [batch, heads, tokens, width] = context.shape as readonly [Dim, number, Dim, number];
  return reshape(transpose(context, [0, 2, 1, 3]), [batch, tokens, heads * width]);
}
