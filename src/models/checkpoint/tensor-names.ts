import { closest } from '../../base/errors.ts';
import { modelError } from '../errors.ts';
import type { Weights } from './weights.ts';

/**
 * Finds the tensors that an architecture expects in a checkpoint that may name them a little differently, and refuses a
 * checkpoint that lacks some, has others, or has them in another shape.
 */

/** What the classes of transformers put before the names of their base model. */
const BASE_PREFIXES = [
  'bert.',
  'roberta.',
  'distilbert.',
  'mpnet.',
  'model.',
  'transformer.',
  'electra.',
  'vit.',
  'deit.',
  'resnet.',
  'convnext.',
  'vision_model.',
] as const;

/** Names before 2019 (TensorFlow's), of weights as a length and a direction before PyTorch 2.1, and now. */
const OLD_SUFFIXES: readonly (readonly [now: string, old: string])[] = [
  ['LayerNorm.weight', 'LayerNorm.gamma'],
  ['LayerNorm.bias', 'LayerNorm.beta'],
  ['parametrizations.weight.original0', 'weight_g'],
  ['parametrizations.weight.original1', 'weight_v'],
];

/**
 * The same weights under the names that are expected: a base model's prefix is added or dropped as needed, and
 * `gamma` and `beta` are read as `weight` and `bias`. What matches no expected name keeps its own.
 * @param own - further prefixes that the architecture's checkpoints may have
 */
export function alignNames(
  weights: Weights,
  expected: Iterable<string>,
  own: readonly string[] = [],
): Weights {
  const stored = new Map<string, string>();
  const taken = new Set<string>();
  for (const name of expected) {
    const found = candidates(name, [...own, ...BASE_PREFIXES]).find(
      (candidate) => weights.has(candidate) && !taken.has(candidate),
    );
    if (found !== undefined) {
      stored.set(name, found);
      taken.add(found);
    }
  }
  for (const name of weights.names) if (!taken.has(name) && !stored.has(name)) stored.set(name, name);
  const original = (name: string) => stored.get(name) ?? name;
  return {
    names: [...stored.keys()],
    has: (name) => stored.has(name),
    shape: (name) => weights.shape(original(name)),
    dtype: (name) => weights.dtype(original(name)),
    read: (name) => weights.read(original(name)),
  };
}

/**
 * Refuses weights that are not exactly what is expected.
 * @param expected - shape of each tensor by name
 * @param weights - aligned with `alignNames`
 * @param options.ignore - tensors that may be there and are not used, e.g. `/position_ids$/` or a language-model head
 * @throws models/tensor-missing, models/tensor-shape, models/tensor-unexpected, each naming the tensors, what was
 *   expected and what was found
 */
export function checkTensors(
  expected: ReadonlyMap<string, readonly number[]>,
  weights: Weights,
  options: { readonly ignore?: readonly RegExp[] } = {},
): void {
  const extra = weights.names.filter((name) => !expected.has(name));
  const missing = [...expected.keys()].filter((name) => !weights.has(name));
  if (missing.length > 0) {
    const lines = missing.slice(0, 8).map((name) => {
      const similar = closest(name, extra);
      const hint =
        similar === undefined ? '' : `; the checkpoint has ${similar} [${weights.shape(similar).join(', ')}]`;
      return `${name} [${expected.get(name)!.join(', ')}]${hint}`;
    });
    throw modelError(
      'models/tensor-missing',
      `The checkpoint lacks ${missing.length} of ${expected.size} tensors: ${listed(lines, missing.length)}.`,
      {
        hint: 'Check that config.json and model.safetensors belong together and that model_type is right.',
        details: { missing, extra },
      },
    );
  }
  const misshapen = [...expected].filter(([name, shape]) => !sameShape(shape, weights.shape(name)));
  if (misshapen.length > 0) {
    const lines = misshapen
      .slice(0, 8)
      .map(
        ([name, shape]) => `${name} is [${weights.shape(name).join(', ')}], expected [${shape.join(', ')}]`,
      );
    throw modelError(
      'models/tensor-shape',
      `Tensors have the wrong shape: ${listed(lines, misshapen.length)}.`,
      {
        hint: 'The sizes in config.json do not fit model.safetensors: they come from different models.',
        details: { misshapen: misshapen.map(([name]) => name) },
      },
    );
  }
  const unknown = extra.filter((name) => !(options.ignore ?? []).some((pattern) => pattern.test(name)));
  if (unknown.length > 0) {
    const lines = unknown.slice(0, 8).map((name) => `${name} [${weights.shape(name).join(', ')}]`);
    throw modelError(
      'models/tensor-unexpected',
      `The checkpoint has ${unknown.length} tensors that the architecture does not know: ${listed(lines, unknown.length)}.`,
      {
        hint: 'It may be of another architecture than config.json says, or have parts (adapters, heads) that Attune would lose.',
        details: { unknown },
      },
    );
  }
}

function candidates(name: string, prefixes: readonly string[]): string[] {
  const names = [name, ...prefixes.map((prefix) => prefix + name)];
  for (const prefix of prefixes) if (name.startsWith(prefix)) names.push(name.slice(prefix.length));
  return names.flatMap((candidate) => [candidate, ...oldNames(candidate)]);
}

function oldNames(name: string): string[] {
  return OLD_SUFFIXES.filter(([now]) => name.endsWith(now)).map(
    ([now, old]) => name.slice(0, -now.length) + old,
  );
}

function listed(lines: readonly string[], total: number): string {
  return lines.join('; ') + (total > lines.length ? `; and ${total - lines.length} more` : '');
}

function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((size, i) => size === b[i]);
}
