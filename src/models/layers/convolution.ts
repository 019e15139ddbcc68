/** Layers over [batch, channels, height, width], with the parameter names that PyTorch gives them. */
import { convolution, groupNorm, type SlideOptions } from '../../graph/builder.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { biasParameter, type ParameterPlan, type ParameterSpec } from './parameters.ts';
import type { Scope } from './scope.ts';

export type ConvolveOptions = SlideOptions & { readonly groups?: number; readonly bias?: boolean };

/** Convolution with `weight` [out, in / groups, height, width] and `bias` [out] (PyTorch's Conv2d). */
export function convolve(x: Tensor, parameters: Scope, { bias = true, ...options }: ConvolveOptions): Tensor {
  return convolution(x, parameters.get('weight'), bias ? parameters.get('bias') : undefined, options);
}

/** Group norm with `weight` and `bias`; Wu and He 2018, https://arxiv.org/abs/1803.08494. */
export function normByGroup(x: Tensor, parameters: Scope, groups: number, epsilon: number): Tensor {
  return groupNorm(x, parameters.get('weight'), parameters.get('bias'), groups, epsilon);
}

/** @param shape - [out, in / groups, height, width] */
export function convolutionParameters(
  name: string,
  shape: readonly [number, number, number, number],
  plan: ParameterPlan,
  options: { readonly bias?: boolean } = {},
): ParameterSpec[] {
  const weight: ParameterSpec = { name: `${name}.weight`, shape, role: 'weight', ...plan };
  return options.bias === false ? [weight] : [weight, biasParameter(`${name}.bias`, shape[0], plan.depth)];
}
