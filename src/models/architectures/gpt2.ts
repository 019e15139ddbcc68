/**
 * GPT-2: a decoder of pre-norm layers in which a token sees itself and those before it; Radford et al. 2019,
 * "Language Models are Unsupervised Multitask Learners". Parameter names and defaults are those of transformers'
 * `GPT2Model`; its matrices are stored [inputs, outputs].
 */
import { z } from 'zod';
import { add, concat, gather, split } from '../../graph/builder.ts';
import type { Tensor } from '../../graph/tensor.ts';
import type { ActivationName } from '../layers/activation.ts';
import { ACTIVATIONS } from '../layers/activation.ts';
import { attend, splitHeads } from '../layers/attention.ts';
import { norm, projection } from '../layers/dense.ts';
import { type Dropout, noDropout } from '../layers/dropout.ts';
import { addEmbeddings, positionRows } from '../layers/embeddings.ts';
import { causalBias, paddingBias } from '../layers/mask.ts';
import type { Initial, ParameterSpec } from '../layers/parameters.ts';
import { normParameters, projectionParameters, tableParameter } from '../layers/parameters.ts';
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

const GPT2_CONFIG = z.looseObject({
  vocab_size: size.default(50257),
  n_positions: size.default(1024),
  n_embd: size.default(768),
  n_layer: size.default(12),
  n_head: size.default(12),
  n_inner: size.nullish(),
  resid_pdrop: probability.default(0.1),
  embd_pdrop: probability.default(0.1),
  attn_pdrop: probability.default(0.1),
  layer_norm_epsilon: positive.default(1e-5),
  initializer_range: positive.default(0.02),
  scale_attn_weights: z.boolean().default(true),
  scale_attn_by_inverse_layer_idx: z.boolean().default(false),
  tie_word_embeddings: z.boolean().default(true),
});

type Gpt2Config = z.output<typeof GPT2_CONFIG> & { readonly act: ActivationName; readonly inner: number };

const WORD_TABLE = 'wte.weight';

export function gpt2(raw: RawConfig): TextEncoder {
  const config = readConfig(raw);
  return {
    modelType: 'gpt2',
    prefix: 'transformer.',
    width: config.n_embd,
    layers: config.n_layer,
    heads: config.n_head,
    vocabulary: config.vocab_size,
    maxTokens: config.n_positions,
    segments: 0,
    causal: true,
    wordTable: WORD_TABLE,
    parameters: parametersOf(config),
    vocabularyHead: {
      table: WORD_TABLE,
      transform: undefined,
      bias: undefined,
      tied: config.tie_word_embeddings,
    },
    embed: (parameters, ids) => gather(parameters.get(WORD_TABLE), ids),
    encode: (parameters, words, inputs, dropout, rows) =>
      encode(config, parameters, words, inputs, dropout, rows),
  };
}

function readConfig(raw: RawConfig): Gpt2Config {
  const parsed = parseConfig(GPT2_CONFIG, raw);
  requireValues(raw, { add_cross_attention: false });
  requireEvenHeads(raw, parsed.n_embd, parsed.n_head);
  return {
    ...parsed,
    act: readActivation(raw, 'activation_function', 'gelu_new'),
    inner: parsed.n_inner ?? 4 * parsed.n_embd,
  };
}

/** What attention reads of tokens, of one layer: each float32 [batch, heads, tokens, width of a head]. */
export type KeysAndValues = { readonly keys: Tensor; readonly values: Tensor };

/** Tokens that come after others, whose keys and values are known. Padding stands on the left. */
export type NextTokens = {
  /** Embeddings of the new tokens, float32 [batch, tokens, width]. */
  readonly words: Tensor;
  /** Each one's position, counted without padding; int32 [batch, tokens]. */
  readonly positions: Tensor;
  /** 0 where a query must not look, very negative elsewhere; broadcasts to [batch, heads, tokens, all tokens]. */
  readonly bias: Tensor;
  /** Of the tokens before, by layer. */
  readonly past: readonly KeysAndValues[];
};

/** Hidden states of new tokens, [batch, tokens, width], and by layer the keys and values of all tokens so far. */
export function gpt2Step(
  raw: RawConfig,
  parameters: Scope,
  { words, positions, bias, past }: NextTokens,
): { readonly hidden: Tensor; readonly present: readonly KeysAndValues[] } {
  const config = readConfig(raw);
  const present: KeysAndValues[] = [];
  const hidden = layers(
    config,
    parameters,
    add(words, gather(parameters.get('wpe.weight'), positions)),
    bias,
    noDropout,
    'all',
    (layer, now) => {
      const all = {
        keys: concat([past[layer]!.keys, now.keys], 2),
        values: concat([past[layer]!.values, now.values], 2),
      };
      present.push(all);
      return all;
    },
  );
  return { hidden, present };
}

function parametersOf(config: Gpt2Config): ParameterSpec[] {
  const width = config.n_embd;
  const initial: Initial = { kind: 'normal', std: config.initializer_range };
  // Matrices that write into the residual stream start smaller the more layers there are.
  const outer: Initial = { kind: 'normal', std: config.initializer_range / Math.sqrt(2 * config.n_layer) };
  const specs = [
    tableParameter('wte', config.vocab_size, width, { depth: 0, initial }),
    tableParameter('wpe', config.n_positions, width, { depth: 0, initial }),
  ];
  for (let layer = 0; layer < config.n_layer; layer++) {
    const name = `h.${layer}`;
    const depth = layer + 1;
    specs.push(
      ...normParameters(`${name}.ln_1`, width, depth),
      ...projectionParameters(`${name}.attn.c_attn`, width, 3 * width, { depth, initial }),
      ...projectionParameters(`${name}.attn.c_proj`, width, width, { depth, initial: outer }),
      ...normParameters(`${name}.ln_2`, width, depth),
      ...projectionParameters(`${name}.mlp.c_fc`, width, config.inner, { depth, initial }),
      ...projectionParameters(`${name}.mlp.c_proj`, config.inner, width, { depth, initial: outer }),
    );
  }
  specs.push(...normParameters('ln_f', width, config.n_layer));
  return specs;
}

function encode(
  config: Gpt2Config,
  parameters: Scope,
  words: Tensor,
  inputs: TextInputs,
  dropout: Dropout,
  rows: Rows,
): Tensor {
  const positions = positionRows(parameters.get('wpe.weight'), inputs.ids);
  const bias = add(paddingBias(inputs.mask), causalBias(inputs.ids));
  const embedded = dropout(addEmbeddings(words, positions), config.embd_pdrop);
  return layers(config, parameters, embedded, bias, dropout, rows, (_, now) => now);
}

/** Which keys and values a layer's queries see: those of its own tokens, or more. */
type Seen = (layer: number, now: KeysAndValues) => KeysAndValues;

function layers(
  config: Gpt2Config,
  parameters: Scope,
  embedded: Tensor,
  bias: Tensor,
  dropout: Dropout,
  rows: Rows,
  seen: Seen,
): Tensor {
  const epsilon = config.layer_norm_epsilon;
  let hidden = embedded;
  for (let layer = 0; layer < config.n_layer; layer++) {
    const scope = parameters.within(`h.${layer}`);
    const given = rowsOfLayer(layer, config.n_layer, rows);
    const attended = attention(
      config,
      layer,
      scope.within('attn'),
      norm(hidden, scope.within('ln_1'), epsilon),
      bias,
      dropout,
      given,
      seen,
    );
    hidden = add(attended, rowsOf(hidden, given));
    const inner = projection(norm(hidden, scope.within('ln_2'), epsilon), scope.within('mlp.c_fc'));
    const fed = projection(ACTIVATIONS[config.act](inner), scope.within('mlp.c_proj'));
    hidden = add(hidden, dropout(fed, config.resid_pdrop));
  }
  return norm(hidden, parameters.within('ln_f'), epsilon);
}

function attention(
  config: Gpt2Config,
  layer: number,
  scope: Scope,
  x: Tensor,
  bias: Tensor,
  dropout: Dropout,
  rows: Rows,
  seen: Seen,
): Tensor {
  const { n_embd: width, n_head: heads } = config;
  const parts = split(projection(x, scope.within('c_attn')), 2, [width, width, width]);
  const [query, key, value] = parts.map((part) => splitHeads(part, heads));
  const { keys, values } = seen(layer, { keys: key!, values: value! });
  const byWidth = config.scale_attn_weights ? 1 / Math.sqrt(width / heads) : 1;
  const context = attend(rowsOf(query!, rows, 2), keys, values, {
    bias: rowsOf(bias, rows, 2),
    scale: config.scale_attn_by_inverse_layer_idx ? byWidth / (layer + 1) : byWidth,
    dropout,
    probability: config.attn_pdrop,
  });
  return dropout(projection(context, scope.within('c_proj')), config.resid_pdrop);
}
