import {
  add,
  cast,
  concat,
  constant,
  cos,
  expandDims,
  multiply,
  range,
  sin,
  split,
  subtract,
} from '../../graph/builder.ts';
import type { Tensor } from '../../graph/tensor.ts';

/** Cosine and sine of every position's angles, [tokens, head width / 2] each. */
export type Rotation = { readonly cosine: Tensor; readonly sine: Tensor };

/**
 * Angles of rotary position embeddings: position times theta^(-2i / head width), i below half the head width;
 * Su et al. 2021, https://arxiv.org/abs/2104.09864. As many positions as `ids` [batch, tokens] has tokens.
 */
export function rotation(ids: Tensor, headWidth: number, theta: number): Rotation {
  const half = headWidth / 2;
  const frequencies = Float32Array.from({ length: half }, (_, i) => theta ** (-(2 * i) / headWidth));
  const positions = expandDims(cast(range(ids, 1), 'float32'), 1);
  const angles = multiply(positions, constant('float32', [1, half], frequencies));
  return { cosine: cos(angles), sine: sin(angles) };
}

/**
 * Turns each pair (x_i, x_{i + half}) of a head by its position's angle, the halves paired as GPT-NeoX does.
 *
 * @param x - [batch, heads, tokens, head width]; so is the result
 */
export function rotate(x: Tensor, { cosine, sine }: Rotation): Tensor {
  const half = Number(x.shape[3]) / 2;
  const [first, second] = split(x, 3, [half, half]);
  return concat(
    [
      subtract(multiply(first!, cosine), multiply(second!, sine)),
      add(multiply(second!, cosine), multiply(first!, sine)),
    ],
    3,
  );
}
