import { closest } from '../../base/errors.ts';
import { modelError } from '../errors.ts';
import { ast } from './ast.ts';
import { bert } from './bert.ts';
import { clip } from './clip.ts';
import { clipVision } from './clip-vision.ts';
import type { RawConfig } from './config.ts';
import { convnext } from './convnext.ts';
import { distilbert } from './distilbert.ts';
import type { ImageEncoder, PairEncoder, TextEncoder } from './encoder.ts';
import { gpt2 } from './gpt2.ts';
import { modernbert } from './modernbert.ts';
import { mpnet } from './mpnet.ts';
import { resnet } from './resnet.ts';
import { roberta } from './roberta.ts';
import { siglip } from './siglip.ts';
import { siglipVision } from './siglip-vision.ts';
import { SMALL_IMAGE, smallImage } from './small-image.ts';
import { SMALL_PAIR, smallPair, smallPairImage } from './small-pair.ts';
import { vit } from './vit.ts';
import { wav2vec2 } from './wav2vec2.ts';
import { whisper } from './whisper.ts';

/** Text architectures by `model_type` of config.json. */
const ARCHITECTURES: Readonly<Record<string, (config: RawConfig) => TextEncoder>> = {
  bert,
  roberta: (config) => roberta(config, 'roberta'),
  'xlm-roberta': (config) => roberta(config, 'xlm-roberta'),
  distilbert,
  mpnet,
  modernbert,
  gpt2,
};

/** The `model_type`s that `openArchitecture` knows. */
export const MODEL_TYPES: readonly string[] = Object.keys(ARCHITECTURES);

/** Architectures of pictures and texts together, by `model_type`. */
const PAIR_ARCHITECTURES: Readonly<Record<string, (config: RawConfig) => PairEncoder>> = {
  clip,
  siglip,
  [SMALL_PAIR]: smallPair,
};

/** Architectures of pictures, and of spectrograms as pictures, by `model_type`. */
const IMAGE_ARCHITECTURES: Readonly<Record<string, (config: RawConfig) => ImageEncoder>> = {
  [SMALL_IMAGE]: smallImage,
  vit: (config) => vit(config, 'vit'),
  deit: (config) => vit(config, 'deit'),
  resnet,
  convnext,
  'audio-spectrogram-transformer': ast,
  whisper,
  wav2vec2,
  clip_vision_model: (config) => clipVision(config, ''),
  siglip_vision_model: (config) => siglipVision(config, ''),
  clip: (config) => clip(config).image,
  siglip: (config) => siglip(config).image,
  [SMALL_PAIR]: smallPairImage,
};

/** The `model_type`s that `openImageArchitecture` knows. */
export const IMAGE_MODEL_TYPES: readonly string[] = Object.keys(IMAGE_ARCHITECTURES);

/**
 * The text encoder that a checkpoint's config.json describes.
 *
 * Throws `models/architecture-unsupported` where the model type, or a value that changes the computation, is not one
 * that Attune knows, and `models/config-invalid` where a value is not what it must be; both name the key.
 */
export function openArchitecture(config: RawConfig): TextEncoder {
  return open(ARCHITECTURES, config);
}

/** As openArchitecture for encoders of pictures. */
export function openImageArchitecture(config: RawConfig): ImageEncoder {
  return open(IMAGE_ARCHITECTURES, config);
}

/** As openArchitecture for models whose pictures and texts share a space. */
export function openPairArchitecture(config: RawConfig): PairEncoder {
  return open(PAIR_ARCHITECTURES, config);
}

function open<T>(architectures: Readonly<Record<string, (config: RawConfig) => T>>, config: RawConfig): T {
  const modelType = config.model_type;
  if (typeof modelType === 'string' && Object.hasOwn(architectures, modelType))
    return architectures[modelType]!(config);
  const known = Object.keys(architectures);
  const near = typeof modelType === 'string' ? closest(modelType, known) : undefined;
  throw modelError(
    'models/architecture-unsupported',
    `config.json has model_type = ${JSON.stringify(modelType)}; Attune knows ${known.join(', ')}.`,
    {
      ...(near === undefined ? {} : { hint: `Did you mean ${near}?` }),
      details: { modelType, known },
    },
  );
}
