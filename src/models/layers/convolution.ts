/** Layers over [batch, channels, height, width], with the parameter names that PyTorch gives them. */
import { convolution, groupNorm, reshape, type SlideOptions } from '../../graph/builder.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { biasParameter, type ParameterPlan, type ParameterSpec } from './parameters.ts';
import type { Scope } from './scope.ts';

export type ConvolveOptions = SlideOptions & { readonly groups?: number; readonly bias?: boolean };

/** Convolution with `weight` [out, in / groups, height, width] and `bias` [out] (PyTorch's Conv2d). */
export function convolve(x: Tensor, parameters: Scope, { bias = true, ...options }: ConvolveOptions): Tensor {
  return convolution(x, parameters.get('weight'), bias ? parameters.get('bias') : undefined, options);
}

/** Options along the one axis of `convolveRow`. */
export type RowOptions = {
  readonly stride?: number;
  /** Zeros on either side. */
  readonly padding?: number;
  readonly groups?: number;
  readonly bias?: boolean;
};

/**
 * Convolution in one dimension, with `weight` [out, in / groups, length] and `bias` [out] (PyTorch's Conv1d).
 * @param x - [batch, channels, 1, length]; @returns [batch, out, 1, length']
 */
export function convolveRow(x: Tensor, parameters: Scope, options: RowOptions): Tensor {
  const { stride = 1, padding = 0, groups = 1, bias = true } = options;
  const weight = parameters.get('weight');
  const [out, inner, length] = weight.shape as readonly [number, number, number];
  return convolution(x, reshape(weight, [out, inner, 1, length]), bias ? parameters.get('bias') : undefined, {
    stride: [1, stride],
    padding: [0, padding, 0, padding],
    groups,
  });
}

/** Group norm with `weight` and `bias`; Wu and He 2018, https://arxiv.org/abs/1803.08494. */
export function normByGroup(x: Tensor, parameters: Scope, groups: number, epsilon: number): Tensor {
  return groupNorm(x, parameters.get('weight'), parameters.get('bias'), groups, epsilon);
}

/** @param shape - [out, in / groups, height, width], or [out, in / groups, length] for one dimension */
export function convolutionParameters(
  name: string,
  shape: readonly [number, ...number[]],
  plan: ParameterPlan,
  options: { readonly bias?: boolean } = {},
): ParameterSpec[] {
  const weight: ParameterSpec = { name: `${name}.weight`, shape, role: 'weight', ...plan };
  return options.bias === false ? [weight] : [weight, biasParameter(`${name}.bias`, shape[0], plan.depth)];
}
