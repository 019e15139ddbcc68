/**
 * RoBERTa and XLM-RoBERTa: BERT's layers with positions that start after the padding id; Liu et al. 2019,
 * https://arxiv.org/abs/1907.11692, and Conneau et al. 2020, https://arxiv.org/abs/1911.02116. Parameter names and
 * defaults are those of transformers' `RobertaModel`.
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

const ROBERTA_CONFIG = z.looseObject({
  vocab_size: size.optional(),
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

/** transformers' vocabulary where the config has none. */
const VOCABULARY = { roberta: 50265, 'xlm-roberta': 30522 } as const;

export function roberta(config: RawConfig, modelType: keyof typeof VOCABULARY): TextEncoder {
  const parsed = parseConfig(ROBERTA_CONFIG, config);
  requireValues(config, BERT_ONLY);
  requireEvenHeads(config, parsed.hidden_size, parsed.num_attention_heads);
  const padId = parsed.pad_token_id ?? 1;
  const shape: BertShape = {
    vocabulary: parsed.vocab_size ?? VOCABULARY[modelType],
    width: parsed.hidden_size,
    layers: parsed.num_hidden_layers,
    heads: parsed.num_attention_heads,
    intermediate: parsed.intermediate_size,
    activation: readActivation(config, 'hidden_act', 'gelu'),
    hiddenDropout: parsed.hidden_dropout_prob,
    attentionDropout: parsed.attention_probs_dropout_prob,
    positions: parsed.max_position_embeddings,
    firstPosition: padId + 1,
    segments: parsed.type_vocab_size,
    std: parsed.initializer_range,
    epsilon: parsed.layer_norm_eps,
    padId,
  };
  const wordTable = 'embeddings.word_embeddings.weight';
  return {
    modelType,
    prefix: 'roberta.',
    width: shape.width,
    layers: shape.layers,
    heads: shape.heads,
    vocabulary: shape.vocabulary,
    maxTokens: shape.positions - shape.firstPosition,
    segments: shape.segments,
    causal: false,
    wordTable,
    parameters: bertParameters(shape),
    vocabularyHead: {
      table: wordTable,
      transform: {
        dense: 'lm_head.dense',
        denseBias: true,
        norm: 'lm_head.layer_norm',
        normBias: true,
        activation: 'gelu',
        epsilon: shape.epsilon,
        initial: { kind: 'normal', std: shape.std },
      },
      bias: 'lm_head.bias',
      tied: parsed.tie_word_embeddings,
    },
    embed: (parameters, ids) => gather(parameters.get(wordTable), ids),
    encode: (parameters, words, inputs, dropout, rows) =>
      encodeBert(shape, parameters, words, inputs, dropout, rows),
  };
}
