/**
 * MPNet: BERT's layers with a learned bias for the distance of two tokens, shared by all layers, beside absolute
 * positions; Song et al. 2020, https://arxiv.org/abs/2004.09297. Parameter names and defaults are those of
 * transformers' `MPNetModel`.
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
import { relativePositionBias } from '../layers/relative-position.ts';
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

const MPNET_CONFIG = z.looseObject({
  vocab_size: size.default(30527),
  hidden_size: size.default(768),
  num_hidden_layers: size.default(12),
  num_attention_heads: size.default(12),
  intermediate_size: size.default(3072),
  hidden_dropout_prob: probability.default(0.1),
  attention_probs_dropout_prob: probability.default(0.1),
  max_position_embeddings: size.default(512),
  initializer_range: positive.default(0.02),
  layer_norm_eps: positive.default(1e-12),
  tie_word_embeddings: z.boolean().default(true),
});

type MpnetConfig = z.output<typeof MPNET_CONFIG> & { readonly act: ActivationName };

/** Fixed in transformers' code, whatever the config says. */
const PAD_ID = 1;
const BUCKETS = 32;
const WORD_TABLE = 'embeddings.word_embeddings.weight';

export function mpnet(raw: RawConfig): TextEncoder {
  const config = { ...parseConfig(MPNET_CONFIG, raw), act: readActivation(raw, 'hidden_act', 'gelu') };
  requireValues(raw, { relative_attention_num_buckets: BUCKETS });
  requireEvenHeads(raw, config.hidden_size, config.num_attention_heads);
  return {
    modelType: 'mpnet',
    prefix: 'mpnet.',
    width: config.hidden_size,
    layers: config.num_hidden_layers,
    heads: config.num_attention_heads,
    vocabulary: config.vocab_size,
    maxTokens: maxTokensOf(config),
    segments: 0,
    causal: false,
    wordTable: WORD_TABLE,
    parameters: parametersOf(config),
    vocabularyHead: {
      table: WORD_TABLE,
      transform: {
        dense: 'lm_head.dense',
        denseBias: true,
        norm: 'lm_head.layer_norm',
        normBias: true,
        activation: 'gelu',
        epsilon: config.layer_norm_eps,
        initial: { kind: 'normal', std: config.initializer_range },
      },
      bias: 'lm_head.bias',
      tied: config.tie_word_embeddings,
    },
    embed: (parameters, ids) => gather(parameters.get(WORD_TABLE), ids),
    encode: (parameters, words, inputs, dropout, rows) =>
      encode(config, parameters, words, inputs, dropout, rows),
  };
}

/** The first token's position is the row after the padding's. */
function maxTokensOf(config: MpnetConfig): number {
  return config.max_position_embeddings - PAD_ID - 1;
}

function parametersOf(config: MpnetConfig): ParameterSpec[] {
  const width = config.hidden_size;
  const initial: Initial = { kind: 'normal', std: config.initializer_range };
  const padded = { depth: 0, initial: { ...initial, zeroRow: PAD_ID } };
  const specs = [
    tableParameter('embeddings.word_embeddings', config.vocab_size, width, padded),
    tableParameter('embeddings.position_embeddings', config.max_position_embeddings, width, padded),
    ...normParameters('embeddings.LayerNorm', width, 0),
    // Every layer reads it, so it is as deep as the first.
    tableParameter('encoder.relative_attention_bias', BUCKETS, config.num_attention_heads, {
      depth: 1,
      initial,
    }),
  ];
  for (let layer = 0; layer < config.num_hidden_layers; layer++) {
    const name = `encoder.layer.${layer}`;
    const plan = { depth: layer + 1, initial };
    specs.push(
      ...linearParameters(`${name}.attention.attn.q`, width, width, plan),
      ...linearParameters(`${name}.attention.attn.k`, width, width, plan),
      ...linearParameters(`${name}.attention.attn.v`, width, width, plan),
      ...linearParameters(`${name}.attention.attn.o`, width, width, plan),
      ...normParameters(`${name}.attention.LayerNorm`, width, plan.depth),
      ...linearParameters(`${name}.intermediate.dense`, width, config.intermediate_size, plan),
      ...linearParameters(`${name}.output.dense`, config.intermediate_size, width, plan),
      ...normParameters(`${name}.output.LayerNorm`, width, plan.depth),
    );
  }
  return specs;
}

function encode(
  config: MpnetConfig,
  parameters: Scope,
  words: Tensor,
  inputs: TextInputs,
  dropout: Dropout,
  rows: Rows,
): Tensor {
  const tables = parameters.within('embeddings');
  const positions = positionRows(tables.get('position_embeddings.weight'), inputs.ids, PAD_ID + 1);
  const embedded = norm(addEmbeddings(words, positions), tables.within('LayerNorm'), config.layer_norm_eps);
  const distance = parameters.get('encoder.relative_attention_bias.weight');
  const bias = add(relativePositionBias(distance, inputs.ids, maxTokensOf(config)), paddingBias(inputs.mask));
  let hidden = dropout(embedded, config.hidden_dropout_prob);
  for (let layer = 0; layer < config.num_hidden_layers; layer++) {
    const given = rowsOfLayer(layer, config.num_hidden_layers, rows);
    hidden = encodeLayer(config, parameters.within(`encoder.layer.${layer}`), hidden, bias, dropout, given);
  }
  return hidden;
}

function encodeLayer(
  config: MpnetConfig,
  layer: Scope,
  hidden: Tensor,
  bias: Tensor,
  dropout: Dropout,
  rows: Rows,
): Tensor {
  const heads = config.num_attention_heads;
  const asked = rowsOf(hidden, rows);
  const project = (x: Tensor, name: string) =>
    splitHeads(dense(x, layer.within(`attention.attn.${name}`)), heads);
  const context = attend(project(asked, 'q'), project(hidden, 'k'), project(hidden, 'v'), {
    bias: rowsOf(bias, rows, 2),
    scale: 1 / Math.sqrt(config.hidden_size / heads),
    dropout,
    probability: config.attention_probs_dropout_prob,
  });
  const attended = dropout(dense(context, layer.within('attention.attn.o')), config.hidden_dropout_prob);
  const middle = norm(add(attended, asked), layer.within('attention.LayerNorm'), config.layer_norm_eps);
  const fed = feedForward(
    middle,
    layer.within('intermediate.dense'),
    layer.within('output.dense'),
    config.act,
  );
  const output = add(dropout(fed, config.hidden_dropout_prob), middle);
  return norm(output, layer.within('output.LayerNorm'), config.layer_norm_eps);
}
