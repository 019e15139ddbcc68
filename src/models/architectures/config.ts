/**
 * config.json, read as transformers reads it: a key that is left out has transformers' default, keys that do not
 * change the computation are ignored, and a value that would change it in a way Attune does not compute is refused.
 */
import { z } from 'zod';
import type { AttuneError, ErrorDetails } from '../../base/errors.ts';
import type { ModelErrorCode } from '../errors.ts';
import { modelError } from '../errors.ts';
import type { ActivationName } from '../layers/activation.ts';
import { ACTIVATIONS } from '../layers/activation.ts';

export type RawConfig = Readonly<Record<string, unknown>>;

/** A size: a whole number of at least 1. */
export const size = z.int().min(1);
/** A dropout probability, in [0, 1). */
export const probability = z.number().min(0).lt(1);
/** A small positive number: a norm's epsilon, a standard deviation. */
export const positive = z.number().positive();

/** Checks `config` against `schema` (loose on unknown keys), or throws an error that names the keys. */
export function parseConfig<S extends z.ZodType>(schema: S, config: RawConfig): z.output<S> {
  const parsed = schema.safeParse(config);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map((issue) => {
    const key = issue.path.join('.');
    return `${key}: ${issue.message}, got ${JSON.stringify(valueAt(config, issue.path))}`;
  });
  throw configError(config, issues.join('; '), { issues });
}

/** An error for a config whose values are wrong; `what` names the keys. */
export function configError(
  config: RawConfig,
  what: string,
  details: ErrorDetails,
): AttuneError<ModelErrorCode> {
  const modelType = String(config.model_type);
  return modelError(
    'models/config-invalid',
    `config.json of a ${modelType} model has wrong values: ${what}.`,
    { details: { modelType, ...details } },
  );
}

function valueAt(config: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (value as Record<PropertyKey, unknown> | undefined)?.[key],
    config,
  );
}

/** Throws where a key stands in the config with another value than the only one Attune computes. */
export function requireValues(config: RawConfig, only: Readonly<Record<string, unknown>>): void {
  for (const [key, value] of Object.entries(only)) {
    const given = config[key];
    if (given !== undefined && given !== null && given !== value)
      throw unsupported(config, key, given, [value]);
  }
}

/** The activation of that key, or an error that names the ones there are. */
export function readActivation(config: RawConfig, key: string, otherwise: ActivationName): ActivationName {
  const given = config[key] ?? otherwise;
  if (typeof given === 'string' && Object.hasOwn(ACTIVATIONS, given)) return given as ActivationName;
  throw unsupported(config, key, given, Object.keys(ACTIVATIONS));
}

/** Throws unless the width divides evenly among the heads. */
export function requireEvenHeads(config: RawConfig, width: number, heads: number): void {
  if (width % heads === 0) return;
  throw configError(config, `${heads} attention heads cannot share a hidden size of ${width} evenly`, {
    width,
    heads,
  });
}

function unsupported(config: RawConfig, key: string, given: unknown, known: readonly unknown[]): AttuneError {
  const list = known.map((value) => JSON.stringify(value)).join(', ');
  return modelError(
    'models/architecture-unsupported',
    `config.json of a ${String(config.model_type)} model has ${key} = ${JSON.stringify(given)}; Attune knows ${list}.`,
    {
      hint: 'Use a checkpoint with a supported value, or open an issue that names the checkpoint.',
      details: { modelType: config.model_type, key, given, known },
    },
  );
}
