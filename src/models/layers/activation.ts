import { gelu, relu, sigmoid, silu, tanh } from '../../graph/builder.ts';
import type { Tensor } from '../../graph/tensor.ts';

/** Activations by the names that config.json uses; several names for one function are transformers' own. */
export const ACTIVATIONS = {
  gelu: (x: Tensor) => gelu(x),
  gelu_new: (x: Tensor) => gelu(x, 'tanh'),
  gelu_pytorch_tanh: (x: Tensor) => gelu(x, 'tanh'),
  gelu_python: (x: Tensor) => gelu(x),
  relu,
  sigmoid,
  silu,
  swish: silu,
  tanh,
} as const;

export type ActivationName = keyof typeof ACTIVATIONS;
