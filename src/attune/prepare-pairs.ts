/** What `attune align` starts from: a CLIP or SigLIP checkpoint, or small encoders with a vocabulary of the catalog's own. */
import { join } from 'node:path';
import { Random } from '../base/random.ts';
import type { Catalog } from '../catalog/catalog.ts';
import { smallPreprocessorConfig } from '../features/image/preprocessor-config.ts';
import { smallProcessor } from '../features/image/small-processor.ts';
import { State } from '../graph/state.ts';
import { openPairArchitecture } from '../models/architectures/registry.ts';
import { SMALL_IMAGE } from '../models/architectures/small-image.ts';
import { SMALL_PAIR } from '../models/architectures/small-pair.ts';
import type { JsonObject } from '../models/checkpoint/files.ts';
import { type PairCheckpoint, readPairCheckpoint } from '../models/checkpoint/pair-checkpoint.ts';
import { initialValues } from '../models/layers/parameters.ts';
import type { AlignConfig } from '../training/align-config.ts';
import { trainingError } from '../training/errors.ts';
import { textOf } from '../training/pairs.ts';
import { pairLossOf } from '../training/recipes/align-pairs.ts';
import type { AttuneConfig } from './config.ts';
import { pictureShape } from './picture-shape.ts';
import { openStart } from './start.ts';

export type PairStart = Omit<PairCheckpoint, 'weights'> & {
  /** Undefined for encoders of random weights. */
  readonly weights: PairCheckpoint['weights'] | undefined;
  /** Longest text in tokens, special ones included. */
  readonly maxTokens: number;
  /** For the plan. */
  readonly description: string;
};

/** Numbers of a vector of the common space of the small encoders. */
const SMALL_SIZE = 128;
/** What SigLIP starts from: exp(scale) is 10, and at first nearly every pair is none. */
const SIGLIP_START = { logit_scale_init_value: Math.log(10), logit_bias_init_value: -10 };

/**
 * @param folder - of the checkpoint; undefined for the small encoders
 * @param inputs - names of the text inputs and of the image input
 * @param cacheFolder - where what addresses gave is kept
 * @throws training/bad-setting where the loss is not the checkpoint's, and what reading a checkpoint throws
 */
export async function openPairStart(
  catalog: Catalog,
  { model }: Pick<AttuneConfig, 'model'>,
  align: AlignConfig,
  folder: string | undefined,
  inputs: { readonly texts: readonly string[]; readonly image: string },
  cacheFolder: string,
): Promise<PairStart> {
  if (folder !== undefined) return checkpointStart(folder, align);
  const start = await openStart(model, undefined, () => wordsOf(catalog, inputs.texts));
  const files = { cacheFolder: join(cacheFolder, 'addresses') };
  const shape = await pictureShape(catalog, inputs.image, model.imageSize, files);
  const config: JsonObject = {
    model_type: SMALL_PAIR,
    projection_dim: SMALL_SIZE,
    text_config: start.encoder as JsonObject,
    vision_config: { model_type: SMALL_IMAGE, image_height: shape.height, image_width: shape.width },
    ...(align.loss === 'siglip' ? SIGLIP_START : {}),
  };
  return {
    config,
    encoder: openPairArchitecture(config),
    tokenizer: start.tokenizer,
    tokenizerFiles: start.tokenizerFiles,
    processor: smallProcessor(shape),
    preprocessor: smallPreprocessorConfig(shape) as JsonObject,
    weights: undefined,
    maxTokens: start.maxTokens,
    description: `${start.description}; pictures of ${shape.width} x ${shape.height} pixels by a residual network from random weights`,
  };
}

async function checkpointStart(folder: string, { loss }: AlignConfig): Promise<PairStart> {
  const checkpoint = await readPairCheckpoint(folder);
  const { encoder } = checkpoint;
  const own = pairLossOf(encoder);
  if (loss !== undefined && loss !== own) {
    throw trainingError(
      'training/bad-setting',
      `align.loss is ${loss}, and ${folder} was trained with the loss of ${own}.`,
      { hint: 'Leave align.loss out.' },
    );
  }
  const { text, image } = encoder;
  return {
    ...checkpoint,
    maxTokens: text.maxTokens,
    description: `${folder} (${encoder.modelType}; texts: ${text.layers} layers, ${text.width} wide; pictures of ${image.imageWidth} x ${image.height} pixels: ${image.layers} layers, ${image.width} wide)`,
  };
}

/** Every parameter's first value: the checkpoint's where there is one, else drawn. */
export async function pairState({ encoder, weights }: PairStart, seed: number): Promise<State> {
  const state = new State();
  const random = new Random(seed, 0xa118);
  for (const each of encoder.parameters)
    state.set(each.name, each.shape, weights ? await weights.read(each.name) : initialValues(each, random));
  return state;
}

async function* wordsOf(catalog: Catalog, fields: readonly string[]): AsyncGenerator<string> {
  for await (const chunk of catalog.products({ sides: ['train'] }))
    for (const product of chunk) yield textOf(product, fields);
}
