import { multiply, split } from '../../graph/builder.ts';
import type { Tensor } from '../../graph/tensor.ts';
import type { ActivationName } from './activation.ts';
import { ACTIVATIONS } from './activation.ts';
import { dense } from './dense.ts';
import type { Dropout } from './dropout.ts';
import type { Scope } from './scope.ts';

/** act(x W₁ + b₁) W₂ + b₂: [..., width] to [..., width], through [..., intermediate]. */
export function feedForward(x: Tensor, inner: Scope, outer: Scope, activation: ActivationName): Tensor {
  return dense(ACTIVATIONS[activation](dense(x, inner)), outer);
}

export type GatedOptions = {
  readonly activation: ActivationName;
  readonly bias: boolean;
  readonly intermediate: number;
  readonly dropout: Dropout;
  readonly probability: number;
};

/**
 * (act(x Wa) ⊙ x Wb) Wo, Wa and Wb being halves of one matrix; GEGLU with GELU as activation, Shazeer 2020,
 * https://arxiv.org/abs/2002.05202. [..., width] to [..., width].
 */
export function gatedFeedForward(x: Tensor, inner: Scope, outer: Scope, options: GatedOptions): Tensor {
  const { intermediate, bias } = options;
  const both = dense(x, inner, { bias });
  const [activated, gate] = split(both, -1, [intermediate, intermediate]);
  const product = multiply(ACTIVATIONS[options.activation](activated!), gate!);
  return dense(options.dropout(product, options.probability), outer, { bias });
}
