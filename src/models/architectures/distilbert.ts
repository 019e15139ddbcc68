/**
 * DistilBERT: BERT's layers under other names, without segments; Sanh et al. 2019, https://arxiv.org/abs/1910.01108.
 * Parameter names and defaults are those of transformers' `DistilBertModel`.
 */
import { z } from 'zod';
import { add, gather } from '../../graph/builder.ts';
import type { Tensor } from '../../graph/tensor.ts';
import type { ActivationName } from '../layers/activation.ts';
import { attend, splitHeads } from '../layers/attention.ts';
import { dense, norm } from '../layers/dense.ts';
import type { Dropout } from '../layers/dropout.ts';
import { addEmbeddings, positionRows } from '../layers/embeddings.ts';
import { feedForward } from '../layers/feed-forward.ts';
import { paddingBias } from '../layers/mask.ts';
import type { Initial, ParameterSpec } from '../layers/parameters.ts';
import { linearParameters, normParameters, tableParameter } from '../layers/parameters.ts';
import type { Rows } from '../layers/rows.ts';
import { rowsOf, rowsOfLayer } from '../layers/rows.ts';
import type { Scope } from '../layers/scope.ts';
import type { RawConfig } from './config.ts';
import {
  parseConfig,
  positive,
  probability,
  readActivation,
  requireEvenHeads,
  requireValues,
  size,
} from './config.ts';
import type { TextEncoder, TextInputs } from './encoder.ts';

const DISTILBERT_CONFIG = z.looseObject({
  vocab_size: size.default(30522),
  dim: size.default(768),
  n_layers: size.default(6),
  n_heads: size.default(12),
  hidden_dim: size.default(3072),
  dropout: probability.default(0.1),
  attention_dropout: probability.default(0.1),
  max_position_embeddings: size.default(512),
  initializer_range: positive.default(0.02),
  pad_token_id: z.int().min(0).nullish(),
  tie_word_embeddings: z.boolean().default(true),
});

type DistilBertConfig = z.output<typeof DISTILBERT_CONFIG> & { readonly act: ActivationName };

/** Fixed in transformers' code. */
const EPSILON = 1e-12;
const WORD_TABLE = 'embeddings.word_embeddings.weight';

export function distilbert(raw: RawConfig): TextEncoder {
  const config = { ...parseConfig(DISTILBERT_CONFIG, raw), act: readActivation(raw, 'activation', 'gelu') };
  requireValues(raw, { sinusoidal_pos_embds: false });
  requireEvenHeads(raw, config.dim, config.n_heads);
  return {
    modelType: 'distilbert',
    prefix: 'distilbert.',
    width: config.dim,
    layers: config.n_layers,
    heads: config.n_heads,
    vocabulary: config.vocab_size,
    maxTokens: config.max_position_embeddings,
    segments: 0,
    causal: false,
    wordTable: WORD_TABLE,
    parameters: parametersOf(config),
    vocabularyHead: {
      table: WORD_TABLE,
      transform: {
        dense: 'vocab_transform',
        denseBias: true,
        norm: 'vocab_layer_norm',
        normBias: true,
        activation: config.act,
        epsilon: EPSILON,
        initial: { kind: 'normal', std: config.initializer_range },
      },
      bias: 'vocab_projector.bias',
      tied: config.tie_word_embeddings,
    },
    embed: (parameters, ids) => gather(parameters.get(WORD_TABLE), ids),
    encode: (parameters, words, inputs, dropout, rows) =>
      encode(config, parameters, words, inputs, dropout, rows),
  };
}

function parametersOf(config: DistilBertConfig): ParameterSpec[] {
  const width = config.dim;
  const initial: Initial = { kind: 'normal', std: config.initializer_range };
  const padded: Initial = { ...initial, zeroRow: config.pad_token_id ?? 0 };
  const specs = [
    tableParameter('embeddings.word_embeddings', config.vocab_size, width, { depth: 0, initial: padded }),
    tableParameter('embeddings.position_embeddings', config.max_position_embeddings, width, {
      depth: 0,
      initial,
    }),
    ...normParameters('embeddings.LayerNorm', width, 0),
  ];
  for (let layer = 0; layer < config.n_layers; layer++) {
    const name = `transformer.layer.${layer}`;
    const plan = { depth: layer + 1, initial };
    specs.push(
      ...linearParameters(`${name}.attention.q_lin`, width, width, plan),
      ...linearParameters(`${name}.attention.k_lin`, width, width, plan),
      ...linearParameters(`${name}.attention.v_lin`, width, width, plan),
      ...linearParameters(`${name}.attention.out_lin`, width, width, plan),
      ...normParameters(`${name}.sa_layer_norm`, width, plan.depth),
      ...linearParameters(`${name}.ffn.lin1`, width, config.hidden_dim, plan),
      ...linearParameters(`${name}.ffn.lin2`, config.hidden_dim, width, plan),
      ...normParameters(`${name}.output_layer_norm`, width, plan.depth),
    );
  }
  return specs;
}

function encode(
  config: DistilBertConfig,
  parameters: Scope,
  words: Tensor,
  inputs: TextInputs,
  dropout: Dropout,
  rows: Rows,
): Tensor {
  const tables = parameters.within('embeddings');
  const positions = positionRows(tables.get('position_embeddings.weight'), inputs.ids);
  const embedded = norm(addEmbeddings(words, positions), tables.within('LayerNorm'), EPSILON);
  const bias = paddingBias(inputs.mask);
  let hidden = dropout(embedded, config.dropout);
  for (let layer = 0; layer < config.n_layers; layer++) {
    const given = rowsOfLayer(layer, config.n_layers, rows);
    hidden = encodeLayer(
      config,
      parameters.within(`transformer.layer.${layer}`),
      hidden,
      bias,
      dropout,
      given,
    );
  }
  return hidden;
}

/** No dropout after the attention's output matrix, unlike BERT. */
function encodeLayer(
  config: DistilBertConfig,
  layer: Scope,
  hidden: Tensor,
  bias: Tensor,
  dropout: Dropout,
  rows: Rows,
): Tensor {
  const asked = rowsOf(hidden, rows);
  const project = (x: Tensor, name: string) =>
    splitHeads(dense(x, layer.within(`attention.${name}`)), config.n_heads);
  const context = attend(project(asked, 'q_lin'), project(hidden, 'k_lin'), project(hidden, 'v_lin'), {
    bias,
    scale: 1 / Math.sqrt(config.dim / config.n_heads),
    dropout,
    probability: config.attention_dropout,
  });
  const attended = dense(context, layer.within('attention.out_lin'));
  const middle = norm(add(attended, asked), layer.within('sa_layer_norm'), EPSILON);
  const fed = feedForward(middle, layer.within('ffn.lin1'), layer.within('ffn.lin2'), config.act);
  return norm(add(dropout(fed, config.dropout), middle), layer.within('output_layer_norm'), EPSILON);
}
