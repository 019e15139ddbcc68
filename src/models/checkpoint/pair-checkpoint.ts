import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readPreprocessorConfig } from '../../features/image/preprocessor-config.ts';
import { fixedSize, type ImageProcessor } from '../../features/image/processor.ts';
import { loadTokenizer } from '../../features/text/load-tokenizer.ts';
import type { Tokenizer } from '../../features/text/tokenizer.ts';
import type { PairEncoder } from '../architectures/encoder.ts';
import { openPairArchitecture } from '../architectures/registry.ts';
import { modelError } from '../errors.ts';
import { requiredJson } from './encoder-folder.ts';
import type { JsonObject } from './files.ts';
import { alignNames, checkTensors } from './tensor-names.ts';
import { readTokenizerFiles, type TokenizerFiles } from './tokenizer-files.ts';
import { openWeights, type Weights } from './weights.ts';

/** A model of pictures and texts in a Hugging Face folder, read: nothing in it is run. */
export type PairCheckpoint = {
  /** `config.json` as it is. */
  readonly config: JsonObject;
  readonly encoder: PairEncoder;
  readonly tokenizer: Tokenizer;
  readonly tokenizerFiles: TokenizerFiles;
  readonly processor: ImageProcessor;
  /** `preprocessor_config.json` as it is. */
  readonly preprocessor: JsonObject;
  /** Under the names of the encoder's parameters. */
  readonly weights: Weights;
};

/** Buffers of older versions of transformers. */
const CARRIED_ALONG = [/(^|\.)embeddings\.position_ids$/];

/**
 * Reads `config.json`, `tokenizer.json`, `preprocessor_config.json` and the header of `model.safetensors`.
 * @throws models/checkpoint-missing, models/architecture-unsupported, models/config-invalid, models/tensor-...,
 *   features/processor-..., features/tokenizer-...
 */
export async function readPairCheckpoint(folder: string): Promise<PairCheckpoint> {
  const config = await requiredJson(folder, 'config.json', 'image');
  const encoder = openPairArchitecture(config);
  const preprocessor = await requiredJson(folder, 'preprocessor_config.json', 'image');
  const processor = readPreprocessorConfig(preprocessor, encoder.modelType);
  const size = fixedSize(processor);
  const { height, imageWidth } = encoder.image;
  if (size?.height !== height || size.width !== imageWidth) {
    throw modelError(
      'models/config-invalid',
      `${folder} makes pictures of ${size ? `${size.width} x ${size.height} pixels` : 'a size of their own'}, and its encoder reads ${imageWidth} x ${height}.`,
      { hint: 'config.json and preprocessor_config.json come from different models.' },
    );
  }
  // What stands in for it is made of older files, which say too little of these models' tokenizers.
  if (!existsSync(join(folder, 'tokenizer.json'))) {
    throw modelError('models/checkpoint-missing', `${folder} has no tokenizer.json.`, {
      hint:
        'Make it in Python: from transformers import AutoTokenizer; ' +
        `AutoTokenizer.from_pretrained(${JSON.stringify(folder)}).save_pretrained(${JSON.stringify(folder)})`,
    });
  }
  const tokenizerFiles = await readTokenizerFiles(folder);
  const { parameters } = encoder;
  const weights = alignNames(
    await openWeights(folder),
    parameters.map(({ name }) => name),
  );
  checkTensors(new Map(parameters.map(({ name, shape }) => [name, shape])), weights, {
    ignore: CARRIED_ALONG,
  });
  const tokenizer = loadTokenizer(tokenizerFiles['tokenizer.json'], tokenizerFiles['tokenizer_config.json']);
  return { config, encoder, tokenizer, tokenizerFiles, processor, preprocessor, weights };
}
