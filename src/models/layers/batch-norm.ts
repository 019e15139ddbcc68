/**
 * Batch norm of [batch, channels, height, width] with `weight`, `bias`, `running_mean` and `running_var`; Ioffe and Szegedy
 * 2015, https://arxiv.org/abs/1502.03167.
 */
import {
  add,
  batchNorm,
  divide,
  frozenBatchNorm,
  maximum,
  multiply,
  scalar,
  scale,
  size,
  stopGradient,
  subtract,
} from '../../graph/builder.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { normParameters, type ParameterSpec } from './parameters.ts';
import type { Scope } from './scope.ts';

/**
 * Whose mean and variance a batch norm uses. The caller of a forward function gives it, as it gives the dropout: called
 * once a place, in the order of the forward pass.
 */
export type BatchNorm = (x: Tensor, parameters: Scope, epsilon: number) => Tensor;

/**
 * The averages that the checkpoint has. For prediction, and for fine-tuning: what a product's vector is does not depend on
 * its neighbours, and batches may be small.
 */
export const keptStatistics: BatchNorm = (x, parameters, epsilon) =>
  frozenBatchNorm(
    x,
    [parameters.get('weight'), parameters.get('bias')],
    [stopGradient(parameters.get('running_mean')), stopGradient(parameters.get('running_var'))],
    epsilon,
  );

/** A parameter that no gradient changes, after a step: `tensor` becomes `next`. */
export type Carried = { readonly tensor: Tensor; readonly next: Tensor };

const MOMENTUM = 0.1;

/**
 * The batch's own, for training from nothing; `carried` then has the running averages for the trainer to keep, each moved
 * by a tenth towards the batch's (PyTorch's rule: its variance is the unbiased one).
 * @param counts - float32 scalar, 1, or 0 where the batch is empty and the averages are to stay as they are
 */
export function batchStatistics(counts: Tensor = scalar(1)): {
  readonly norm: BatchNorm;
  readonly carried: readonly Carried[];
} {
  const carried: Carried[] = [];
  const share = scale(counts, MOMENTUM);
  const move = (tensor: Tensor, towards: Tensor) =>
    carried.push({
      tensor,
      next: stopGradient(add(tensor, multiply(subtract(towards, tensor), share))),
    });
  const norm: BatchNorm = (x, parameters, epsilon) => {
    const { y, mean, variance } = batchNorm(x, parameters.get('weight'), parameters.get('bias'), epsilon);
    const count = size(x, [0, 2, 3]);
    move(parameters.get('running_mean'), mean);
    // One number alone has no variance, biased or not.
    const others = maximum(subtract(count, scalar(1)), scalar(1));
    move(parameters.get('running_var'), multiply(variance, divide(count, others)));
    return y;
  };
  return { norm, carried };
}

/** `weight`, `bias` and the running averages, all [width]. */
export function batchNormParameters(name: string, width: number, depth: number): ParameterSpec[] {
  const average = (what: string, kind: 'zeros' | 'ones'): ParameterSpec => ({
    name: `${name}.${what}`,
    shape: [width],
    role: 'norm',
    depth,
    initial: { kind },
    fixed: true,
  });
  return [
    ...normParameters(name, width, depth),
    average('running_mean', 'zeros'),
    average('running_var', 'ones'),
  ];
}
