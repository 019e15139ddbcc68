/**
 * A small text encoder (BERT) and a small picture encoder (small-image.ts) whose vectors are projected into one space, for training
 * both from nothing on pairs; the way of joining them is CLIP's, Radford et al. 2021, https://arxiv.org/abs/2103.00020.
 */
import { z } from 'zod';
import { dense } from '../layers/dense.ts';
import { type Initial, linearParameters, type ParameterSpec } from '../layers/parameters.ts';
import { pool } from '../layers/pooling.ts';
import { bert } from './bert.ts';
import { under } from './clip-towers.ts';
import { parseConfig, type RawConfig, size } from './config.ts';
import { hiddenStates, type ImageEncoder, type PairEncoder } from './encoder.ts';
import { smallImage } from './small-image.ts';

export const SMALL_PAIR = 'attune-pair-small';

const SMALL_PAIR_CONFIG = z.looseObject({
  projection_dim: size.default(192),
  text_config: z.looseObject({}).default({}),
  vision_config: z.looseObject({}).default({}),
  logit_scale_init_value: z.number().default(2.6592),
  /** Where the loss is SigLIP's: of the bias that is added to the logits. */
  logit_bias_init_value: z.number().optional(),
});

const [VISION, TEXT] = ['vision_model.', 'text_model.'] as const;

/** The picture encoder alone, as an encoder of a pair's folder. */
export function smallPairImage(config: RawConfig): ImageEncoder {
  const { vision_config } = parseConfig(SMALL_PAIR_CONFIG, config);
  return {
    ...smallImage({ ...vision_config, model_type: SMALL_PAIR }),
    modelType: SMALL_PAIR,
    prefix: VISION,
  };
}

export function smallPair(config: RawConfig): PairEncoder {
  const parsed = parseConfig(SMALL_PAIR_CONFIG, config);
  const image = smallPairImage(config);
  const text = { ...bert({ ...parsed.text_config, model_type: 'bert' }), prefix: TEXT };
  const { projection_dim, logit_scale_init_value, logit_bias_init_value } = parsed;
  const depth = Math.max(image.layers, text.layers) + 1;
  const projection = (name: string, width: number) => {
    const initial: Initial = { kind: 'normal', std: 1 / Math.sqrt(width) };
    return linearParameters(name, width, projection_dim, { depth, initial }, { bias: false });
  };
  const number = (name: string, value: number): ParameterSpec => ({
    name,
    shape: [],
    role: 'norm',
    depth,
    initial: { kind: 'constant', value },
  });
  return {
    modelType: SMALL_PAIR,
    size: projection_dim,
    image,
    text,
    parameters: [
      ...under(VISION, image.parameters),
      ...under(TEXT, text.parameters),
      ...projection('visual_projection', image.width),
      ...projection('text_projection', text.width),
      number('logit_scale', logit_scale_init_value),
      ...(logit_bias_init_value === undefined ? [] : [number('logit_bias', logit_bias_init_value)]),
    ],
    embedPictures: (parameters, pixels, dropout, batchNorm) => {
      const { pooled } = image.encode(parameters.within('vision_model'), pixels, dropout, batchNorm);
      return dense(pooled, parameters.within('visual_projection'), { bias: false });
    },
    embedTexts: (parameters, inputs, dropout) => {
      const hidden = hiddenStates(text, parameters.within('text_model'), inputs, dropout);
      return dense(pool(hidden, inputs.mask, 'mean'), parameters.within('text_projection'), { bias: false });
    },
    logitScale: 'logit_scale',
    logitBias: logit_bias_init_value === undefined ? undefined : 'logit_bias',
  };
}
