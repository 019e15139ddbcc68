/**
 * Low-rank adapters: a linear layer computes x W + s (x Aᵀ) Bᵀ, W staying as it is and only A and B being trained; Hu et al.
 * 2021, https://arxiv.org/abs/2106.09685. The sum W + s B A is never made in training, so no gradient is as large as W.
 * Names, targets and how A and B start are those of Hugging Face's PEFT, whose files checkpoint/adapter.ts reads and writes.
 */
import { closest } from '../../base/errors.ts';
import { linear, scale } from '../../graph/builder.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { modelError } from '../errors.ts';
import type { Dropout } from './dropout.ts';
import type { ParameterSpec } from './parameters.ts';
import type { Scope } from './scope.ts';

export type LoraSpec = {
  /** Rows of A, columns of B; at least 1. */
  readonly rank: number;
  readonly alpha: number;
  /** Of dropping an element of the adapter's input, the layer's own staying whole; in [0, 1). */
  readonly dropout: number;
  /**
   * The layers to adapt: a list of names, each a layer's whole name or the end of it after a dot; a regular expression that
   * fits whole names; or `all-linear`.
   */
  readonly targets: string | readonly string[];
  /** The factor s is alpha / √rank (Kalajdzievski 2023, https://arxiv.org/abs/2312.03732); alpha / rank when left out. */
  readonly rankStabilised?: boolean;
};

/** A linear layer that an adapter can stand beside. */
export type LinearModule = {
  /** Of its `weight`, without that. */
  readonly name: string;
  readonly inputs: number;
  readonly outputs: number;
  readonly layout: 'out-in' | 'in-out';
  readonly depth: number;
};

export const ALL_LINEAR = 'all-linear';

/** The factor of B A. */
export function loraScale({ rank, alpha, rankStabilised = false }: LoraSpec): number {
  return alpha / (rankStabilised ? Math.sqrt(rank) : rank);
}

/** The names of A `[rank, inputs]` and B `[outputs, rank]` of a layer. */
export function loraNames(module: string): { readonly a: string; readonly b: string } {
  return { a: `${module}.lora_A.weight`, b: `${module}.lora_B.weight` };
}

/** The linear layers among some parameters: every matrix `NAME.weight` that is no table. */
export function linearModules(parameters: readonly ParameterSpec[]): readonly LinearModule[] {
  return parameters.flatMap(({ name, shape, role, layout, depth }): LinearModule[] => {
    if (role !== 'weight' || shape.length !== 2 || !name.endsWith('.weight')) return [];
    const [rows, columns] = shape as readonly [number, number];
    const [outputs, inputs] = layout === 'in-out' ? [columns, rows] : [rows, columns];
    const module = name.slice(0, -'.weight'.length);
    return [{ name: module, inputs, outputs, layout: layout ?? 'out-in', depth }];
  });
}

/**
 * The layers that `targets` name.
 * @throws models/adapter-targets when one of them names none
 */
export function loraModules(
  parameters: readonly ParameterSpec[],
  { targets }: Pick<LoraSpec, 'targets'>,
): readonly LinearModule[] {
  const modules = linearModules(parameters);
  if (targets === ALL_LINEAR) return modules;
  const each = typeof targets === 'string' ? [targets] : targets;
  const fits = each.map((target) =>
    typeof targets === 'string' ? whole(target) : (name: string) => isOrEndsWith(name, target),
  );
  const idle = each.filter((_, i) => !modules.some(({ name }) => fits[i]!(name)));
  if (idle.length > 0 || each.length === 0) throw noSuchLayer(idle, modules);
  return modules.filter(({ name }) => fits.some((named) => named(name)));
}

/** Whether `end` is a name or its last parts. */
export const isOrEndsWith = (name: string, end: string): boolean => name === end || name.endsWith(`.${end}`);

/** A and B of each adapted layer: A uniform within 1 / √inputs (PyTorch's own start of a linear layer), B zero. */
export function loraParameters(parameters: readonly ParameterSpec[], spec: LoraSpec): ParameterSpec[] {
  const { rank } = spec;
  return loraModules(parameters, spec).flatMap(({ name, inputs, outputs, depth }): ParameterSpec[] => {
    const { a, b } = loraNames(name);
    return [
      {
        name: a,
        shape: [rank, inputs],
        role: 'weight',
        depth,
        initial: { kind: 'uniform', limit: 1 / Math.sqrt(inputs) },
      },
      { name: b, shape: [outputs, rank], role: 'weight', depth, initial: { kind: 'zeros' } },
    ];
  });
}

/**
 * The parameters of `base`, its linear layers adapted.
 * @param base - of the root that the names of `parameters` start from; it has A and B under `loraNames`
 * @param parameters - the encoder's own
 */
export function loraScope(
  base: Scope,
  parameters: readonly ParameterSpec[],
  spec: LoraSpec,
  dropout: Dropout,
): Scope {
  const adapted = new Set(loraModules(parameters, spec).map(({ name }) => name));
  const lowRank = (scope: Scope, x: Tensor): Tensor => {
    const inner = linear(dropout(x, spec.dropout), scope.get('lora_A.weight'));
    return linear(scale(inner, loraScale(spec)), scope.get('lora_B.weight'));
  };
  const at = (scope: Scope, path: string): Scope => ({
    get: (name) => scope.get(name),
    within: (inner) => at(scope.within(inner), path === '' ? inner : `${path}.${inner}`),
    lowRank: (x) => (adapted.has(path) ? lowRank(scope, x) : scope.lowRank?.(x)),
  });
  return at(base, '');
}

function whole(pattern: string): (name: string) => boolean {
  try {
    const expression = new RegExp(`^(?:${pattern})$`);
    return (name) => expression.test(name);
  } catch (cause) {
    throw modelError(
      'models/adapter-targets',
      `The adapter's targets ${JSON.stringify(pattern)} are no regular expression: ${(cause as Error).message}.`,
      { hint: `Write a list of names, a regular expression that fits whole names, or ${ALL_LINEAR}.`, cause },
    );
  }
}

function noSuchLayer(idle: readonly string[], modules: readonly LinearModule[]) {
  const known = [...new Set(modules.map(({ name }) => name.split('.').at(-1)!))];
  const near = idle.length === 0 ? undefined : closest(idle[0]!, known);
  const named = idle.map((target) => JSON.stringify(target)).join(', ');
  return modelError(
    'models/adapter-targets',
    idle.length === 0
      ? "The adapter's targets are an empty list."
      : `The adapter's targets ${named} name no linear layer of the encoder, whose layers end in ${known.join(', ')}.`,
    {
      hint: near === undefined ? `${ALL_LINEAR} takes every linear layer.` : `Did you mean ${near}?`,
      details: { targets: idle, known },
    },
  );
}
