/**
 * CLIP: a tower for pictures and a causal one for texts, whose vectors are projected into one space; Radford et al. 2021,
 * https://arxiv.org/abs/2103.00020. Parameter names and defaults are those of transformers' `CLIPModel`.
 */
import { z } from 'zod';
import { add, cast, equal, expandDims, gather, integer, matmul, range, topK } from '../../graph/builder.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { dense, norm } from '../layers/dense.ts';
import { addEmbeddings, positionRows } from '../layers/embeddings.ts';
import { causalBias, paddingBias } from '../layers/mask.ts';
import { type Initial, linearParameters, normParameters, tableParameter } from '../layers/parameters.ts';
import { onlyRow, partOf, runTower, towerKeys, towerOf, towerParameters, under } from './clip-towers.ts';
import { clipVision } from './clip-vision.ts';
import { parseConfig, positive, type RawConfig, size } from './config.ts';
import { hiddenStates, type PairEncoder, type TextEncoder } from './encoder.ts';

const CLIP_CONFIG = z.looseObject({
  projection_dim: size.default(512),
  logit_scale_init_value: z.number().default(2.6592),
});

const TEXT_CONFIG = z.looseObject({
  ...towerKeys({ width: 512, intermediate: 2048, heads: 8, epsilon: 1e-5 }),
  vocab_size: size.default(49408),
  max_position_embeddings: size.default(77),
  initializer_range: positive.default(0.02),
  eos_token_id: z.int().min(0).default(49407),
});

const WORD_TABLE = 'embeddings.token_embedding.weight';
/** Configs of before transformers 4.31 have this for the end of a text; the highest id of a row is the end there. */
const OLD_END = 2;
const [VISION, TEXT] = ['vision_model.', 'text_model.'] as const;

export function clip(config: RawConfig): PairEncoder {
  const parsed = parseConfig(CLIP_CONFIG, config);
  const image = clipVision(partOf(config, 'vision_config'), VISION);
  const { encoder: text, end } = textTower(partOf(config, 'text_config'));
  const size = parsed.projection_dim;
  const projection = (name: string, width: number, depth: number) => {
    const initial: Initial = { kind: 'normal', std: 1 / Math.sqrt(width) };
    return linearParameters(name, width, size, { depth, initial }, { bias: false });
  };
  const scale: Initial = { kind: 'constant', value: parsed.logit_scale_init_value };
  return {
    modelType: 'clip',
    size,
    image,
    text,
    parameters: [
      ...under(VISION, image.parameters),
      ...under(TEXT, text.parameters),
      ...projection('visual_projection', image.width, image.layers + 1),
      ...projection('text_projection', text.width, text.layers + 1),
      { name: 'logit_scale', shape: [], role: 'norm', depth: image.layers + 1, initial: scale },
    ],
    embedPictures: (parameters, pixels, dropout) => {
      const { pooled } = image.encode(parameters.within('vision_model'), pixels, dropout);
      return dense(pooled, parameters.within('visual_projection'), { bias: false });
    },
    embedTexts: (parameters, inputs, dropout) => {
      const hidden = hiddenStates(text, parameters.within('text_model'), inputs, dropout);
      return dense(rowAtEnd(hidden, inputs.ids, end), parameters.within('text_projection'), { bias: false });
    },
    logitScale: 'logit_scale',
    logitBias: undefined,
  };
}

function textTower(config: RawConfig): { readonly encoder: TextEncoder; readonly end: number } {
  const parsed = parseConfig(TEXT_CONFIG, config);
  const tower = towerOf(config, parsed, 'quick_gelu');
  const { width, heads } = tower.layer;
  const initial: Initial = { kind: 'normal', std: parsed.initializer_range };
  const plan = { depth: 0, initial };
  const encoder: TextEncoder = {
    modelType: 'clip',
    prefix: TEXT,
    width,
    layers: tower.layers,
    heads,
    vocabulary: parsed.vocab_size,
    maxTokens: parsed.max_position_embeddings,
    segments: 0,
    causal: true,
    wordTable: WORD_TABLE,
    parameters: [
      tableParameter('embeddings.token_embedding', parsed.vocab_size, width, plan),
      tableParameter('embeddings.position_embedding', parsed.max_position_embeddings, width, plan),
      ...towerParameters(tower, initial),
      ...normParameters('final_layer_norm', width, tower.layers),
    ],
    vocabularyHead: { table: WORD_TABLE, transform: undefined, bias: undefined, tied: false },
    embed: (parameters, ids) => gather(parameters.get(WORD_TABLE), ids),
    encode: (parameters, words, inputs, dropout, rows) => {
      const positions = positionRows(parameters.get('embeddings.position_embedding.weight'), inputs.ids);
      const bias = add(paddingBias(inputs.mask), causalBias(inputs.ids));
      const states = runTower(tower, parameters, addEmbeddings(words, positions), { dropout, bias, rows });
      return norm(states, parameters.within('final_layer_norm'), parsed.layer_norm_eps);
    },
  };
  return { encoder, end: parsed.eos_token_id };
}

/** [batch, tokens, width] to the row of each text's first end token, [batch, width]. */
function rowAtEnd(hidden: Tensor, ids: Tensor, end: number): Tensor {
  const wanted = end === OLD_END ? ids : equal(ids, integer(end));
  const { indices } = topK(cast(wanted, 'float32'), 1);
  const chosen = cast(equal(expandDims(range(ids, 1), 0), indices), 'float32');
  return onlyRow(matmul(expandDims(chosen, 1), hidden));
}
