/**
 * What a model's parameters are: their names in the checkpoint, their shapes, and how they start when nothing is loaded.
 * Layers list theirs here and read them through a `Scope`, so that both lists are written side by side.
 */
import type { Random } from '../../base/random.ts';

/** How a parameter starts. `zeroRow` is the padding token's row of a table. */
export type Initial =
  | { readonly kind: 'zeros' }
  | { readonly kind: 'ones' }
  | { readonly kind: 'normal'; readonly std: number; readonly zeroRow?: number }
  | {
      readonly kind: 'truncated-normal';
      readonly std: number /** In standard deviations. */;
      readonly cutoff: number;
    }
  | { readonly kind: 'constant'; readonly value: number }
  /** Anywhere between -limit and limit alike. */
  | { readonly kind: 'uniform'; readonly limit: number }
  /** Waves of a table's positions: sines in the first half of a row, cosines in the second. */
  | { readonly kind: 'sinusoids' };

/** What a parameter does; weight decay usually leaves biases and norms alone. */
type ParameterRole = 'embedding' | 'weight' | 'bias' | 'norm';

export type ParameterSpec = {
  /** The Hugging Face name, without the prefix that models with a head put before their encoder. */
  readonly name: string;
  readonly shape: readonly number[];
  readonly role: ParameterRole;
  /** Distance from the input: 0 for embeddings, 1 to `layers` for the layers, more for what stands on top. */
  readonly depth: number;
  readonly initial: Initial;
  /** Of a linear layer's matrix that is [inputs, outputs]; others are [outputs, inputs]. */
  readonly layout?: 'in-out';
  /** No gradient changes it: a batch norm's running average, a table that a formula gave. */
  readonly fixed?: true;
};

/** Everything of one depth and one way of starting; what the functions below need beside names and sizes. */
export type ParameterPlan = { readonly depth: number; readonly initial: Initial };

/** `weight` [outputs, inputs] and, unless told otherwise, `bias` [outputs]. */
export function linearParameters(
  name: string,
  inputs: number,
  outputs: number,
  plan: ParameterPlan,
  options: { readonly bias?: boolean } = {},
): ParameterSpec[] {
  const weight: ParameterSpec = { name: `${name}.weight`, shape: [outputs, inputs], role: 'weight', ...plan };
  return options.bias === false ? [weight] : [weight, biasParameter(`${name}.bias`, outputs, plan.depth)];
}

/** `weight` [inputs, outputs], the other way round than `linearParameters`, and `bias` [outputs]; as GPT-2 stores them. */
export function projectionParameters(
  name: string,
  inputs: number,
  outputs: number,
  plan: ParameterPlan,
): ParameterSpec[] {
  return [
    { name: `${name}.weight`, shape: [inputs, outputs], role: 'weight', layout: 'in-out', ...plan },
    biasParameter(`${name}.bias`, outputs, plan.depth),
  ];
}

/** `weight` [width] and, unless told otherwise, `bias` [width]. */
export function normParameters(
  name: string,
  width: number,
  depth: number,
  options: { readonly bias?: boolean } = {},
): ParameterSpec[] {
  const weight: ParameterSpec = {
    name: `${name}.weight`,
    shape: [width],
    role: 'norm',
    depth,
    initial: { kind: 'ones' },
  };
  const bias: ParameterSpec = {
    name: `${name}.bias`,
    shape: [width],
    role: 'norm',
    depth,
    initial: { kind: 'zeros' },
  };
  return options.bias === false ? [weight] : [weight, bias];
}

/** `weight` [rows, width]. */
export function tableParameter(
  name: string,
  rows: number,
  width: number,
  plan: ParameterPlan,
): ParameterSpec {
  return { name: `${name}.weight`, shape: [rows, width], role: 'embedding', ...plan };
}

/** A vector [width] that starts at zero. */
export function biasParameter(name: string, width: number, depth: number): ParameterSpec {
  return { name, shape: [width], role: 'bias', depth, initial: { kind: 'zeros' } };
}

/** How many numbers a parameter holds. */
export function parameterSize(spec: ParameterSpec): number {
  return spec.shape.reduce((size, dim) => size * dim, 1);
}

/** Values for a parameter that nothing was loaded for; draws from `random` in row-major order. */
export function initialValues(spec: ParameterSpec, random: Random): Float32Array {
  const values = new Float32Array(parameterSize(spec));
  const { initial } = spec;
  switch (initial.kind) {
    case 'zeros':
      return values;
    case 'ones':
      return values.fill(1);
    case 'constant':
      return values.fill(initial.value);
    case 'normal': {
      for (let i = 0; i < values.length; i++) values[i] = initial.std * random.normal();
      if (initial.zeroRow !== undefined) {
        const width = spec.shape[1] ?? 1;
        values.fill(0, initial.zeroRow * width, (initial.zeroRow + 1) * width);
      }
      return values;
    }
    case 'sinusoids': {
      const half = (spec.shape[1] ?? 2) / 2;
      return values.map((_, i) => {
        const [row, column] = [Math.floor(i / (2 * half)), i % (2 * half)];
        const angle = row * 10000 ** (-(column % half) / (half - 1));
        return column < half ? Math.sin(angle) : Math.cos(angle);
      });
    }
    case 'uniform':
      return values.map(() => initial.limit * (2 * random.uniform() - 1));
    case 'truncated-normal': {
      for (let i = 0; i < values.length; i++)
        values[i] = initial.std * truncatedNormal(random, initial.cutoff);
      return values;
    }
  }
}

/** Standard normal, redrawn until it lies within `cutoff` of 0. */
function truncatedNormal(random: Random, cutoff: number): number {
  for (;;) {
    const value = random.normal();
    if (Math.abs(value) <= cutoff) return value;
  }
}
