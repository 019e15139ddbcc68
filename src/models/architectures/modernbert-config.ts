/** ModernBERT's config.json in both forms: as the hub's checkpoints have it, and as transformers 5 writes it. */
import { z } from 'zod';
import type { ActivationName } from '../layers/activation.ts';
import type { RawConfig } from './config.ts';
import {
  configError,
  parseConfig,
  positive,
  probability,
  readActivation,
  requireEvenHeads,
  requireValues,
  size,
} from './config.ts';

/** How far a layer's attention sees. */
export type AttentionReach = 'full_attention' | 'sliding_attention';

const ROPE = z.looseObject({ rope_type: z.string().default('default'), rope_theta: positive.optional() });

const MODERNBERT_CONFIG = z.looseObject({
  vocab_size: size.default(50368),
  hidden_size: size.default(768),
  intermediate_size: size.default(1152),
  num_hidden_layers: size.default(22),
  num_attention_heads: size.default(12),
  max_position_embeddings: size.default(8192),
  initializer_range: positive.default(0.02),
  initializer_cutoff_factor: positive.nullable().default(2),
  norm_eps: positive.default(1e-5),
  norm_bias: z.boolean().default(false),
  attention_bias: z.boolean().default(false),
  attention_dropout: probability.default(0),
  embedding_dropout: probability.default(0),
  mlp_bias: z.boolean().default(false),
  mlp_dropout: probability.default(0),
  decoder_bias: z.boolean().default(true),
  classifier_bias: z.boolean().default(false),
  tie_word_embeddings: z.boolean().default(true),
  /** The whole window; half of it lies on either side of a token. */
  local_attention: size.default(128),
  layer_types: z.array(z.enum(['full_attention', 'sliding_attention'])).nullish(),
  rope_parameters: z
    .looseObject({ full_attention: ROPE.nullish(), sliding_attention: ROPE.nullish() })
    .nullish(),
  global_attn_every_n_layers: size.default(3),
  global_rope_theta: positive.nullish(),
  local_rope_theta: positive.nullish(),
});

export type ModernBertConfig = z.output<typeof MODERNBERT_CONFIG> & {
  readonly activation: ActivationName;
  readonly headActivation: ActivationName;
  /** One a layer. */
  readonly reaches: readonly AttentionReach[];
  readonly globalTheta: number;
  readonly localTheta: number;
};

export function readModernBertConfig(raw: RawConfig): ModernBertConfig {
  const config = parseConfig(MODERNBERT_CONFIG, raw);
  const { num_hidden_layers: layers, rope_parameters: rope } = config;
  requireEvenHeads(raw, config.hidden_size, config.num_attention_heads);
  requireValues(raw, { rope_scaling: null });
  for (const reach of [rope?.full_attention, rope?.sliding_attention]) {
    requireValues(
      { model_type: raw.model_type, 'rope_parameters.rope_type': reach?.rope_type },
      { 'rope_parameters.rope_type': 'default' },
    );
  }
  const every = config.global_attn_every_n_layers;
  const reaches =
    config.layer_types ??
    Array.from({ length: layers }, (_, i) => (i % every === 0 ? 'full_attention' : 'sliding_attention'));
  if (reaches.length !== layers) {
    throw configError(
      raw,
      `layer_types must have one entry for each of the ${layers} layers, got ${reaches.length}`,
      {
        layers,
        entries: reaches.length,
      },
    );
  }
  return {
    ...config,
    activation: readActivation(raw, 'hidden_activation', 'gelu'),
    headActivation: readActivation(raw, 'classifier_activation', 'gelu'),
    reaches,
    globalTheta: rope?.full_attention?.rope_theta ?? config.global_rope_theta ?? 160_000,
    localTheta: rope?.sliding_attention?.rope_theta ?? config.local_rope_theta ?? 10_000,
  };
}
