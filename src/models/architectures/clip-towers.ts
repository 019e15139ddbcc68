/** What CLIP's and SigLIP's towers share: their layer, and their parts under the names that the checkpoints have. */
import { z } from 'zod';
import { reshape } from '../../graph/builder.ts';
import type { Tensor } from '../../graph/tensor.ts';
import type { ActivationName } from '../layers/activation.ts';
import type { Dropout } from '../layers/dropout.ts';
import type { ParameterPlan, ParameterSpec } from '../layers/parameters.ts';
import { type PreNormNames, type PreNormShape, preNormLayer, preNormParameters } from '../layers/pre-norm.ts';
import { type Rows, rowsOfLayer } from '../layers/rows.ts';
import type { Scope } from '../layers/scope.ts';
import { positive, probability, type RawConfig, readActivation, requireEvenHeads, size } from './config.ts';

const LAYER: PreNormNames = {
  normBefore: 'layer_norm1',
  query: 'self_attn.q_proj',
  key: 'self_attn.k_proj',
  value: 'self_attn.v_proj',
  output: 'self_attn.out_proj',
  normAfter: 'layer_norm2',
  inner: 'mlp.fc1',
  outer: 'mlp.fc2',
};

/** Keys of both towers of both models, whose defaults differ. */
export const towerKeys = (defaults: {
  readonly width: number;
  readonly intermediate: number;
  readonly heads: number;
  readonly epsilon: number;
}) => ({
  hidden_size: size.default(defaults.width),
  intermediate_size: size.default(defaults.intermediate),
  num_hidden_layers: size.default(12),
  num_attention_heads: size.default(defaults.heads),
  layer_norm_eps: positive.default(defaults.epsilon),
  attention_dropout: probability.default(0),
});

const TOWER = z.object(towerKeys({ width: 1, intermediate: 1, heads: 1, epsilon: 1 }));

export type Tower = { readonly layer: PreNormShape; readonly layers: number };

export function towerOf(
  config: RawConfig,
  parsed: z.output<typeof TOWER>,
  activation: ActivationName,
): Tower {
  requireEvenHeads(config, parsed.hidden_size, parsed.num_attention_heads);
  return {
    layers: parsed.num_hidden_layers,
    layer: {
      width: parsed.hidden_size,
      heads: parsed.num_attention_heads,
      intermediate: parsed.intermediate_size,
      activation: readActivation(config, 'hidden_act', activation),
      epsilon: parsed.layer_norm_eps,
      hiddenDropout: 0,
      attentionDropout: parsed.attention_dropout,
    },
  };
}

export function towerParameters(
  { layer, layers }: Tower,
  initial: ParameterPlan['initial'],
): ParameterSpec[] {
  return Array.from({ length: layers }, (_, i) =>
    preNormParameters(`encoder.layers.${i}`, layer, LAYER, { depth: i + 1, initial }),
  ).flat();
}

/** @param bias - of attention scores; @returns `[batch, tokens, width]`, or `[batch, 1, width]` for the first row */
export function runTower(
  { layer, layers }: Tower,
  parameters: Scope,
  hidden: Tensor,
  {
    dropout,
    bias,
    rows = 'all',
  }: { readonly dropout: Dropout; readonly bias?: Tensor; readonly rows?: Rows },
): Tensor {
  let states = hidden;
  for (let i = 0; i < layers; i++) {
    states = preNormLayer(states, parameters.within(`encoder.layers.${i}`), layer, LAYER, {
      dropout,
      rows: rowsOfLayer(i, layers, rows),
      ...(bias === undefined ? {} : { bias }),
    });
  }
  return states;
}

/** [batch, 1, width] as [batch, width]. */
export function onlyRow(states: Tensor): Tensor {
  return reshape(states, [states.shape[0]!, states.shape[2]!]);
}

/** The specs of a part under the part's name. */
export function under(prefix: string, specs: readonly ParameterSpec[]): ParameterSpec[] {
  return specs.map((spec) => ({ ...spec, name: `${prefix}${spec.name}` }));
}

/** A part of config.json that is a config of its own, with the whole's model type for errors to name. */
export function partOf(config: RawConfig, key: string): RawConfig {
  return { ...(config[key] as RawConfig | undefined), model_type: config.model_type };
}
