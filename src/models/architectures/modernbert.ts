/**
 * ModernBERT: pre-norm layers with rotary positions, gated feed-forward parts and attention that alternates between
 * everything and a window; Warner et al. 2024, https://arxiv.org/abs/2412.13663. Parameter names and defaults are
 * those of transformers' `ModernBertModel`.
 */
import { add, gather, split } from '../../graph/builder.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { attend, splitHeads } from '../layers/attention.ts';
import { dense, norm } from '../layers/dense.ts';
import type { Dropout } from '../layers/dropout.ts';
import { gatedFeedForward } from '../layers/feed-forward.ts';
import { paddingBias, windowBias } from '../layers/mask.ts';
import type { Initial, ParameterSpec } from '../layers/parameters.ts';
import { linearParameters, normParameters, tableParameter } from '../layers/parameters.ts';
import type { Rotation } from '../layers/rope.ts';
import { rotate, rotation } from '../layers/rope.ts';
import type { Rows } from '../layers/rows.ts';
import { rowsOf, rowsOfLayer } from '../layers/rows.ts';
import type { Scope } from '../layers/scope.ts';
import type { RawConfig } from './config.ts';
import type { TextEncoder, TextInputs } from './encoder.ts';
import type { AttentionReach, ModernBertConfig } from './modernbert-config.ts';
import { readModernBertConfig } from './modernbert-config.ts';

const WORD_TABLE = 'embeddings.tok_embeddings.weight';

export function modernbert(raw: RawConfig): TextEncoder {
  const config = readModernBertConfig(raw);
  return {
    modelType: 'modernbert',
    prefix: 'model.',
    width: config.hidden_size,
    layers: config.num_hidden_layers,
    heads: config.num_attention_heads,
    vocabulary: config.vocab_size,
    maxTokens: config.max_position_embeddings,
    segments: 0,
    causal: false,
    wordTable: WORD_TABLE,
    parameters: parametersOf(config),
    vocabularyHead: {
      table: WORD_TABLE,
      transform: {
        dense: 'head.dense',
        denseBias: config.classifier_bias,
        norm: 'head.norm',
        normBias: config.norm_bias,
        activation: config.headActivation,
        epsilon: config.norm_eps,
        initial: initials(config).outer,
      },
      bias: config.decoder_bias ? 'decoder.bias' : undefined,
      tied: config.tie_word_embeddings,
    },
    embed: (parameters, ids) => gather(parameters.get(WORD_TABLE), ids),
    encode: (parameters, words, inputs, dropout, rows) =>
      encode(config, parameters, words, inputs, dropout, rows),
  };
}

/** Matrices that write into the residual stream start smaller the more layers there are. */
function initials(config: ModernBertConfig): { readonly inner: Initial; readonly outer: Initial } {
  const std = config.initializer_range;
  const cutoff = config.initializer_cutoff_factor ?? 3;
  return {
    inner: { kind: 'truncated-normal', std, cutoff },
    outer: { kind: 'truncated-normal', std: std / Math.sqrt(2 * config.num_hidden_layers), cutoff },
  };
}

function parametersOf(config: ModernBertConfig): ParameterSpec[] {
  const { hidden_size: width, intermediate_size: intermediate } = config;
  const { inner, outer } = initials(config);
  const attention = { bias: config.attention_bias };
  const mlp = { bias: config.mlp_bias };
  const norms = { bias: config.norm_bias };
  const specs = [
    tableParameter('embeddings.tok_embeddings', config.vocab_size, width, { depth: 0, initial: inner }),
    ...normParameters('embeddings.norm', width, 0, norms),
  ];
  for (let layer = 0; layer < config.num_hidden_layers; layer++) {
    const name = `layers.${layer}`;
    const depth = layer + 1;
    if (layer > 0) specs.push(...normParameters(`${name}.attn_norm`, width, depth, norms));
    specs.push(
      ...linearParameters(`${name}.attn.Wqkv`, width, 3 * width, { depth, initial: inner }, attention),
      ...linearParameters(`${name}.attn.Wo`, width, width, { depth, initial: outer }, attention),
      ...normParameters(`${name}.mlp_norm`, width, depth, norms),
      ...linearParameters(`${name}.mlp.Wi`, width, 2 * intermediate, { depth, initial: inner }, mlp),
      ...linearParameters(`${name}.mlp.Wo`, intermediate, width, { depth, initial: outer }, mlp),
    );
  }
  specs.push(...normParameters('final_norm', width, config.num_hidden_layers, norms));
  return specs;
}

/** What the layers of one reach share. */
type Surroundings = { readonly bias: Tensor; readonly turn: Rotation };

function encode(
  config: ModernBertConfig,
  parameters: Scope,
  words: Tensor,
  inputs: TextInputs,
  dropout: Dropout,
  rows: Rows,
): Tensor {
  const normed = (x: Tensor, scope: Scope) => norm(x, scope, config.norm_eps, { bias: config.norm_bias });
  const padding = paddingBias(inputs.mask);
  const headWidth = config.hidden_size / config.num_attention_heads;
  const around: Record<AttentionReach, Surroundings> = {
    full_attention: { bias: padding, turn: rotation(inputs.ids, headWidth, config.globalTheta) },
    sliding_attention: {
      bias: add(padding, windowBias(inputs.ids, Math.floor(config.local_attention / 2))),
      turn: rotation(inputs.ids, headWidth, config.localTheta),
    },
  };
  let hidden = dropout(normed(words, parameters.within('embeddings.norm')), config.embedding_dropout);
  for (let layer = 0; layer < config.num_hidden_layers; layer++) {
    const scope = parameters.within(`layers.${layer}`);
    const given = rowsOfLayer(layer, config.num_hidden_layers, rows);
    // The embeddings were just normed, so the first layer has no norm of its own.
    const input = layer === 0 ? hidden : normed(hidden, scope.within('attn_norm'));
    hidden = add(
      rowsOf(hidden, given),
      attention(config, scope.within('attn'), input, around[config.reaches[layer]!], dropout, given),
    );
    const fed = gatedFeedForward(
      normed(hidden, scope.within('mlp_norm')),
      scope.within('mlp.Wi'),
      scope.within('mlp.Wo'),
      {
        activation: config.activation,
        bias: config.mlp_bias,
        intermediate: config.intermediate_size,
        dropout,
        probability: config.mlp_dropout,
      },
    );
    hidden = add(hidden, fed);
  }
  return normed(hidden, parameters.within('final_norm'));
}

function attention(
  config: ModernBertConfig,
  scope: Scope,
  x: Tensor,
  { bias, turn }: Surroundings,
  dropout: Dropout,
  rows: Rows,
): Tensor {
  const { hidden_size: width, num_attention_heads: heads } = config;
  const hasBias = { bias: config.attention_bias };
  const [query, key, value] = split(dense(x, scope.within('Wqkv'), hasBias), 2, [width, width, width]);
  const turned = (part: Tensor) => rotate(splitHeads(part, heads), turn);
  const context = attend(rowsOf(turned(query!), rows, 2), turned(key!), splitHeads(value!, heads), {
    bias: rowsOf(bias, rows, 2),
    scale: 1 / Math.sqrt(width / heads),
    dropout,
    probability: config.attention_dropout,
  });
  return dropout(dense(context, scope.within('Wo'), hasBias), config.attention_dropout);
}
