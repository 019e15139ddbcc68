import { join } from 'node:path';
import { readPreprocessorConfig } from '../../features/image/preprocessor-config.ts';
import { fixedSize, type ImageProcessor } from '../../features/image/processor.ts';
import type { ImageEncoder } from '../architectures/encoder.ts';
import { openImageArchitecture } from '../architectures/registry.ts';
import { modelError } from '../errors.ts';
import { encoderWeights, requiredJson } from './encoder-folder.ts';
import type { JsonObject } from './files.ts';
import type { Weights } from './weights.ts';

/** An image encoder in a Hugging Face folder, read: nothing in it is run. */
export type ImageCheckpoint = {
  /** `config.json`, with the size of the pictures where that stands in the processor alone. */
  readonly config: JsonObject;
  readonly encoder: ImageEncoder;
  readonly processor: ImageProcessor;
  /** Under the names of the encoder's parameters. */
  readonly weights: Weights;
};

/**
 * Reads `config.json`, `preprocessor_config.json` and the header of `model.safetensors`.
 * @throws models/checkpoint-missing, models/architecture-unsupported, models/config-invalid, models/tensor-...,
 *   features/processor-invalid, features/processor-unsupported
 */
export async function readImageCheckpoint(folder: string): Promise<ImageCheckpoint> {
  const raw = await requiredJson(folder, 'config.json', 'image');
  const { processor, ...size } = await readImageProcessor(folder, String(raw.model_type));
  const config = { image_size: [size.height, size.width], ...raw };
  const encoder = openImageArchitecture(config);
  if (encoder.height !== size.height || encoder.imageWidth !== size.width || encoder.channels !== 3) {
    throw modelError(
      'models/config-invalid',
      `${folder} makes pictures of ${size.width} x ${size.height} pixels, and its encoder (${encoder.modelType}) reads ${encoder.channels} channels of ${encoder.imageWidth} x ${encoder.height}.`,
      { hint: 'config.json and preprocessor_config.json come from different models.' },
    );
  }
  return { config, encoder, processor, weights: await encoderWeights(folder, encoder) };
}

/**
 * Reads `preprocessor_config.json`, and the one size that it gives pictures.
 * @param modelType - tells the processor where the file does not name it
 * @throws models/checkpoint-missing, models/config-invalid, features/processor-invalid, features/processor-unsupported
 */
export async function readImageProcessor(
  folder: string,
  modelType?: string,
): Promise<{ readonly processor: ImageProcessor; readonly height: number; readonly width: number }> {
  const processor = readPreprocessorConfig(
    await requiredJson(folder, 'preprocessor_config.json', 'image'),
    modelType,
  );
  const size = fixedSize(processor);
  if (size === undefined) {
    throw modelError(
      'models/config-invalid',
      `${join(folder, 'preprocessor_config.json')} lets pictures keep a size of their own; an encoder here reads one size.`,
      { hint: 'Set do_center_crop and crop_size, or a size of height and width.' },
    );
  }
  return { processor, ...size };
}
