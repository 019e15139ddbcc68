/**
 * Optimisers as functions from graph to graph: parameters, gradients and state in, the next ones out. The learning
 * rate and the step number are inputs, so one graph serves a whole run.
 *
 * Each agrees with PyTorch's update of the same name. Moments are kept unscaled (`M = m / (1 - β₁)`, `V = v / (1 - β₂)`),
 * which saves two multiplications a parameter and step.
 */
import {
  add,
  divide,
  less,
  multiply,
  parameter,
  power,
  scalar,
  scale,
  sqrt,
  subtract,
  sum,
  where,
} from '../graph/builder.ts';
import type { Tensor } from '../graph/tensor.ts';

export type OptimizerConfig =
  | {
      readonly kind: 'sgd';
      readonly momentum: number;
      readonly nesterov: boolean;
      readonly weightDecay: number;
    }
  | {
      /** `adam` adds the decay to the gradient (L2); `adamw` shrinks the parameter itself (Loshchilov and Hutter 2017). */
      readonly kind: 'adam' | 'adamw';
      readonly beta1: number;
      readonly beta2: number;
      readonly epsilon: number;
      readonly weightDecay: number;
    };

export type OptimizerInputs = {
  /** Scalar float32; the schedule's value at this step. */
  readonly learningRate: Tensor;
  /** Scalar float32, 1 at the first update. */
  readonly step: Tensor;
};

/** How one parameter departs from the optimiser's settings (a parameter group). */
export type ParameterGroup = {
  /** Factor of the learning rate: layer-wise decay, a faster head. */
  readonly learningRateScale: number;
  /** Replaces the optimiser's weight decay; usually 0 for biases and norms. */
  readonly weightDecay: number;
};

export type Update = {
  readonly parameter: Tensor;
  /** Next state by name; state tensors are parameters of the graph named `<slot>:<parameter>`. */
  readonly state: Readonly<Record<string, { readonly current: Tensor; readonly next: Tensor }>>;
};

/** State tensors an optimiser keeps for each parameter, each of the parameter's shape and zero at first. */
export function slotsOf(config: OptimizerConfig): readonly string[] {
  if (config.kind === 'sgd') return config.momentum === 0 ? [] : ['momentum'];
  return ['first', 'second'];
}

/**
 * One update of one parameter.
 * @param value - the parameter; @param gradient - the loss's gradient by it, of its shape
 */
export function update(
  config: OptimizerConfig,
  value: Tensor,
  gradient: Tensor,
  inputs: OptimizerInputs,
  group: ParameterGroup,
): Update {
  const rate = scale(inputs.learningRate, group.learningRateScale);
  return config.kind === 'sgd'
    ? sgd(config, value, gradient, rate, group)
    : adam(config, value, gradient, rate, inputs.step, group);
}

function slot(name: string, value: Tensor): Tensor {
  return parameter(`${name}:${value.node.attributes.name as string}`, value.shape as readonly number[]);
}

/** b = μ b + g, then p -= η b (or η (g + μ b) with Nesterov's look-ahead); Sutskever et al. 2013. */
function sgd(
  config: OptimizerConfig & { kind: 'sgd' },
  value: Tensor,
  gradient: Tensor,
  rate: Tensor,
  group: ParameterGroup,
): Update {
  const g = group.weightDecay === 0 ? gradient : add(gradient, scale(value, group.weightDecay));
  if (config.momentum === 0) return { parameter: subtract(value, multiply(g, rate)), state: {} };
  const current = slot('momentum', value);
  const next = add(scale(current, config.momentum), g);
  const direction = config.nesterov ? add(g, scale(next, config.momentum)) : next;
  return { parameter: subtract(value, multiply(direction, rate)), state: { momentum: { current, next } } };
}

/** Kingma and Ba 2014, https://arxiv.org/abs/1412.6980. */
function adam(
  config: OptimizerConfig & { kind: 'adam' | 'adamw' },
  value: Tensor,
  gradient: Tensor,
  rate: Tensor,
  step: Tensor,
  group: ParameterGroup,
): Update {
  const { beta1, beta2, epsilon } = config;
  const coupled = config.kind === 'adam' && group.weightDecay !== 0;
  const g = coupled ? add(gradient, scale(value, group.weightDecay)) : gradient;
  const first = slot('first', value);
  const second = slot('second', value);
  const nextFirst = add(scale(first, beta1), g);
  const nextSecond = add(scale(second, beta2), multiply(g, g));
  // √v̂ + ε = k (√V + ε / k) with k = √((1 - β₂) / (1 - β₂ᵗ)): the scalar work is done once, not an element.
  const correction1 = subtract(scalar(1), power(scalar(beta1), step));
  const correction2 = subtract(scalar(1), power(scalar(beta2), step));
  const k = sqrt(divide(scalar(1 - beta2), correction2));
  const size = divide(divide(scale(rate, 1 - beta1), correction1), k);
  const direction = divide(nextFirst, add(sqrt(nextSecond), divide(scalar(epsilon), k)));
  const kept =
    config.kind === 'adamw' && group.weightDecay !== 0
      ? multiply(value, subtract(scalar(1), scale(rate, group.weightDecay)))
      : value;
  return {
    parameter: subtract(kept, multiply(direction, size)),
    state: { first: { current: first, next: nextFirst }, second: { current: second, next: nextSecond } },
  };
}

/** The Euclidean norm of all gradients as one vector; a float32 scalar. */
export function globalNorm(gradients: readonly Tensor[]): Tensor {
  return sqrt(gradients.map((g) => sum(multiply(g, g))).reduce(add));
}

/**
 * What global-norm clipping multiplies every gradient by: min(1, limit / (norm + 1e-6)), as
 * `torch.nn.utils.clip_grad_norm_`.
 * @param norm - `globalNorm` of the gradients
 */
export function clipFactor(norm: Tensor, limit: number): Tensor {
  const ratio = divide(scalar(limit), add(norm, scalar(1e-6)));
  return where(less(ratio, scalar(1)), ratio, scalar(1));
}

/** Exponential moving average of weights: a' = a + (1 - decay)(p - a). */
export function movingAverage(average: Tensor, value: Tensor, decay: number): Tensor {
  return add(average, scale(subtract(value, average), 1 - decay));
}
