import { gelu, multiply, relu, scale, sigmoid, silu, tanh } from '../../graph/builder.ts';
import type { Tensor } from '../../graph/tensor.ts';

/** Activations by the names that config.json uses; several names for one function are transformers' own. */
export const ACTIVATIONS = {
  gelu: (x: Tensor) => gelu(x),
  gelu_new: (x: Tensor) => gelu(x, 'tanh'),
  gelu_pytorch_tanh: (x: Tensor) => gelu(x, 'tanh'),
  gelu_python: (x: Tensor) => gelu(x),
  /** x σ(1.702 x), the approximation of GELU that CLIP was trained with. */
  quick_gelu: (x: Tensor) => multiply(x, sigmoid(scale(x, 1.702))),
  relu,
  sigmoid,
  silu,
  swish: silu,
  tanh,
} as const;

export type ActivationName = keyof typeof ACTIVATIONS;
