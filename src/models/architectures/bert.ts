/**
 * BERT: tokens, positions and segments embedded, then post-norm layers; Devlin et al. 2019,
 * https://arxiv.org/abs/1810.04805. Parameter names and defaults are those of transformers' `BertModel`. The pooler
 * (a dense layer on the first token) is not part of it.
 */
import { z } from 'zod';
import { gather } from '../../graph/builder.ts';
import type { BertShape } from './bert-layer.ts';
import { BERT_ONLY, bertParameters, encodeBert } from './bert-layer.ts';
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
import type { TextEncoder } from './encoder.ts';

const BERT_CONFIG = z.looseObject({
  vocab_size: size.default(30522),
  hidden_size: size.default(768),
  num_hidden_layers: size.default(12),
  num_attention_heads: size.default(12),
  intermediate_size: size.default(3072),
  hidden_dropout_prob: probability.default(0.1),
  attention_probs_dropout_prob: probability.default(0.1),
  max_position_embeddings: size.default(512),
  type_vocab_size: size.default(2),
  initializer_range: positive.default(0.02),
  layer_norm_eps: positive.default(1e-12),
  pad_token_id: z.int().min(0).nullish(),
  tie_word_embeddings: z.boolean().default(true),
});

const WORD_TABLE = 'embeddings.word_embeddings.weight';

export function bert(config: RawConfig): TextEncoder {
  const parsed = parseConfig(BERT_CONFIG, config);
  requireValues(config, BERT_ONLY);
  requireEvenHeads(config, parsed.hidden_size, parsed.num_attention_heads);
  const shape: BertShape = {
    vocabulary: parsed.vocab_size,
    width: parsed.hidden_size,
    layers: parsed.num_hidden_layers,
    heads: parsed.num_attention_heads,
    intermediate: parsed.intermediate_size,
    activation: readActivation(config, 'hidden_act', 'gelu'),
    hiddenDropout: parsed.hidden_dropout_prob,
    attentionDropout: parsed.attention_probs_dropout_prob,
    positions: parsed.max_position_embeddings,
    firstPosition: 0,
    segments: parsed.type_vocab_size,
    std: parsed.initializer_range,
    epsilon: parsed.layer_norm_eps,
    padId: parsed.pad_token_id ?? 0,
  };
  return {
    modelType: 'bert',
    prefix: 'bert.',
    width: shape.width,
    layers: shape.layers,
    heads: shape.heads,
    vocabulary: shape.vocabulary,
    maxTokens: shape.positions,
    segments: shape.segments,
    causal: false,
    wordTable: WORD_TABLE,
    parameters: bertParameters(shape),
    vocabularyHead: {
      table: WORD_TABLE,
      transform: {
        dense: 'cls.predictions.transform.dense',
        denseBias: true,
        norm: 'cls.predictions.transform.LayerNorm',
        normBias: true,
        activation: shape.activation,
        epsilon: shape.epsilon,
        initial: { kind: 'normal', std: shape.std },
      },
      bias: 'cls.predictions.bias',
      tied: parsed.tie_word_embeddings,
    },
    embed: (parameters, ids) => gather(parameters.get(WORD_TABLE), ids),
    encode: (parameters, words, inputs, dropout, rows) =>
      encodeBert(shape, parameters, words, inputs, dropout, rows),
  };
}
