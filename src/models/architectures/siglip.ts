/**
 * SigLIP: towers for pictures and texts whose vectors are compared pair by pair; Zhai et al. 2023,
 * https://arxiv.org/abs/2303.15343. Parameter names and defaults are those of transformers' `SiglipModel`.
 *
 * Texts were padded to the position table's whole length in its training, padding seen as any other token, and a text's
 * vector is the last row, padding or not. So here: whatever the batch's padding, a text is padded to that length.
 */
import { z } from 'zod';
import {
  add,
  cast,
  constant,
  expandDims,
  gather,
  multiply,
  pad,
  slice,
  subtract,
} from '../../graph/builder.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { dense, norm } from '../layers/dense.ts';
import type { Dropout } from '../layers/dropout.ts';
import {
  linearParameters,
  normParameters,
  type ParameterSpec,
  tableParameter,
} from '../layers/parameters.ts';
import type { Scope } from '../layers/scope.ts';
import {
  onlyRow,
  partOf,
  runTower,
  type Tower,
  towerKeys,
  towerOf,
  towerParameters,
  under,
} from './clip-towers.ts';
import { parseConfig, type RawConfig, size } from './config.ts';
import type { PairEncoder, TextEncoder } from './encoder.ts';
import { SIGLIP_INITIAL, siglipVision } from './siglip-vision.ts';

const TEXT_CONFIG = z.looseObject({
  ...towerKeys({ width: 768, intermediate: 3072, heads: 12, epsilon: 1e-6 }),
  vocab_size: size.default(32000),
  max_position_embeddings: size.default(64),
  pad_token_id: z.int().min(0).default(1),
  projection_size: size.nullish(),
});

const WORD_TABLE = 'embeddings.token_embedding.weight';
const [VISION, TEXT] = ['vision_model.', 'text_model.'] as const;

/** What the paper starts from: exp(scale) is 10, and at first nearly every pair is none. */
const [LOG_TEN, UNLIKELY] = [Math.log(10), -10];

export function siglip(config: RawConfig): PairEncoder {
  const image = siglipVision(partOf(config, 'vision_config'), VISION);
  const textConfig = partOf(config, 'text_config');
  const parsed = parseConfig(TEXT_CONFIG, textConfig);
  const tower = towerOf(textConfig, parsed, 'gelu_pytorch_tanh');
  const size = parsed.projection_size ?? tower.layer.width;
  const depth = Math.max(image.layers, tower.layers) + 1;
  const text = textTower(parsed, tower, size);
  const number = (name: string, value: number): ParameterSpec => ({
    name,
    shape: [1],
    role: 'norm',
    depth,
    initial: { kind: 'constant', value },
  });
  return {
    modelType: 'siglip',
    size,
    image,
    text,
    parameters: [
      ...under(VISION, image.parameters),
      ...under(TEXT, text.parameters),
      number('logit_scale', LOG_TEN),
      number('logit_bias', UNLIKELY),
    ],
    embedPictures: (parameters, pixels, dropout) =>
      image.encode(parameters.within('vision_model'), pixels, dropout).pooled,
    embedTexts: (parameters, inputs, dropout) => {
      const scope = parameters.within('text_model');
      const states = encodeText(parsed, tower, scope, text.embed(scope, inputs.ids), inputs.mask, dropout);
      const end = parsed.max_position_embeddings;
      return dense(onlyRow(slice(states, 1, end - 1, end)), scope.within('head'));
    },
    logitScale: 'logit_scale',
    logitBias: 'logit_bias',
  };
}

function textTower(parsed: z.output<typeof TEXT_CONFIG>, tower: Tower, size: number): TextEncoder {
  const { width, heads } = tower.layer;
  const plan = { depth: 0, initial: SIGLIP_INITIAL };
  const top = { ...plan, depth: tower.layers + 1 };
  return {
    modelType: 'siglip',
    prefix: TEXT,
    width,
    layers: tower.layers,
    heads,
    vocabulary: parsed.vocab_size,
    maxTokens: parsed.max_position_embeddings,
    segments: 0,
    causal: false,
    wordTable: WORD_TABLE,
    parameters: [
      tableParameter('embeddings.token_embedding', parsed.vocab_size, width, plan),
      tableParameter('embeddings.position_embedding', parsed.max_position_embeddings, width, plan),
      ...towerParameters(tower, SIGLIP_INITIAL),
      ...normParameters('final_layer_norm', width, tower.layers),
      ...linearParameters('head', width, size, top),
    ],
    vocabularyHead: { table: WORD_TABLE, transform: undefined, bias: undefined, tied: false },
    embed: (parameters, ids) => gather(parameters.get(WORD_TABLE), ids),
    encode: (parameters, words, inputs, dropout, rows) => {
      const states = encodeText(parsed, tower, parameters, words, inputs.mask, dropout);
      return slice(states, 1, 0, rows === 'first' ? 1 : inputs.ids.shape[1]!);
    },
  };
}

/** @param words - [batch, tokens, width]; @returns of the padded texts, [batch, positions, width] */
function encodeText(
  parsed: z.output<typeof TEXT_CONFIG>,
  tower: Tower,
  parameters: Scope,
  words: Tensor,
  mask: Tensor,
  dropout: Dropout,
): Tensor {
  const padding = gather(
    parameters.get(WORD_TABLE),
    constant('int32', [1], Int32Array.of(parsed.pad_token_id)),
  );
  const apart = multiply(subtract(words, padding), expandDims(cast(mask, 'float32'), 2));
  const padded = add(pad(apart, 1, 0, parsed.max_position_embeddings), padding);
  const placed = add(padded, parameters.get('embeddings.position_embedding.weight'));
  const states = runTower(tower, parameters, placed, { dropout });
  return norm(states, parameters.within('final_layer_norm'), parsed.layer_norm_eps);
}
