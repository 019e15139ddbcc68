/** PEFT's `adapter_config.json` of a LoRA adapter; https://huggingface.co/docs/peft/package_reference/lora. */
import { join } from 'node:path';
import { z } from 'zod';
import { modelError } from '../errors.ts';
import type { LoraSpec } from '../layers/lora.ts';
import type { Json, JsonObject } from './files.ts';
import { readJsonIfThere } from './files.ts';

export const ADAPTER_CONFIG = 'adapter_config.json';

const SCHEMA = z.object({
  r: z.int().min(1),
  lora_alpha: z.number(),
  lora_dropout: z.number().min(0).lt(1).default(0),
  target_modules: z.union([z.string(), z.array(z.string())]).nullish(),
  use_rslora: z.boolean().nullish(),
});

/** Keys that make another computation of it when they hold anything. */
const NOT_COMPUTED = [
  'alora_invocation_tokens',
  'alpha_pattern',
  'arrow_config',
  'kasa_config',
  'layer_replication',
  'lora_bias',
  'monteclora_config',
  'rank_pattern',
  'target_parameters',
  'trainable_token_indices',
  'use_bdlora',
  'use_dora',
  'use_qalora',
  'velora_config',
];

/** Starts that change the base model's own weights, beside which the adapter then stands. */
const OTHER_BASE = /^(pissa|olora|corda|loftq|lora_ga)/;

/**
 * @returns what the config says; `targets` as PEFT has them, undefined where it chose them by the architecture
 * @throws models/checkpoint-missing, models/config-invalid, models/architecture-unsupported
 */
export async function readAdapterConfig(
  folder: string,
): Promise<Omit<LoraSpec, 'targets'> & { readonly targets: LoraSpec['targets'] | undefined }> {
  const path = join(folder, ADAPTER_CONFIG);
  const config = await readJsonIfThere(path);
  if (config === undefined) {
    throw modelError('models/checkpoint-missing', `${folder} has no ${ADAPTER_CONFIG}.`, {
      hint: 'An adapter folder holds adapter_config.json and adapter_model.safetensors, as PEFT saves them.',
    });
  }
  requireComputed(config, path);
  const parsed = SCHEMA.safeParse(config);
  if (!parsed.success) {
    const issues = parsed.error.issues.map(({ path: [key], message }) => `${String(key)}: ${message}`);
    throw modelError('models/config-invalid', `${path} has wrong values: ${issues.join('; ')}.`);
  }
  const { r, lora_alpha, lora_dropout, target_modules, use_rslora } = parsed.data;
  return {
    rank: r,
    alpha: lora_alpha,
    dropout: lora_dropout,
    targets: target_modules ?? undefined,
    ...(use_rslora === true ? { rankStabilised: true } : {}),
  };
}

/** @param base - the name or folder of the checkpoint that the adapter belongs to */
export function adapterConfig(
  spec: Omit<LoraSpec, 'targets'>,
  targets: readonly string[],
  fanInFanOut: boolean,
  base: string | undefined,
): JsonObject {
  return {
    base_model_name_or_path: base ?? null,
    bias: 'none',
    fan_in_fan_out: fanInFanOut,
    inference_mode: true,
    init_lora_weights: true,
    lora_alpha: spec.alpha,
    lora_dropout: spec.dropout,
    modules_to_save: null,
    peft_type: 'LORA',
    r: spec.rank,
    target_modules: targets,
    task_type: null,
    use_dora: false,
    use_rslora: spec.rankStabilised === true,
  };
}

function requireComputed(config: JsonObject, path: string): void {
  const refuse = (key: string, known: string) => {
    const given = config[key];
    throw modelError(
      'models/architecture-unsupported',
      `${path} has ${key} = ${JSON.stringify(given)}; Attune knows ${known}.`,
      {
        hint: 'Merge the adapter into its base in PEFT, and read the merged checkpoint.',
        details: { key, given },
      },
    );
  };
  const { peft_type, bias, init_lora_weights } = config;
  if (peft_type !== 'LORA') refuse('peft_type', '"LORA"');
  if ((bias ?? 'none') !== 'none') refuse('bias', '"none"');
  if (typeof init_lora_weights === 'string' && OTHER_BASE.test(init_lora_weights))
    refuse('init_lora_weights', 'starts that leave the base as it is');
  for (const key of NOT_COMPUTED) if (!isEmpty(config[key])) refuse(key, 'adapters without it');
}

function isEmpty(value: Json | undefined): boolean {
  if (typeof value === 'object' && value !== null) return Object.keys(value).length === 0;
  return value === undefined || value === null || value === false;
}
