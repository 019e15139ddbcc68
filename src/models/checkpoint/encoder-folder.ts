/** What folders of picture and sound encoders have in common: JSON files that must be there, and weights under the encoder's names. */
import { join } from 'node:path';
import { carriedAlongPictures } from '../architectures/carried-along.ts';
import type { ImageEncoder } from '../architectures/encoder.ts';
import { modelError } from '../errors.ts';
import { type JsonObject, readJsonIfThere } from './files.ts';
import { alignNames, checkTensors } from './tensor-names.ts';
import { openWeights, type Weights } from './weights.ts';

/** @throws models/checkpoint-missing, models/checkpoint-unreadable, models/config-invalid */
export async function requiredJson(folder: string, name: string, what: string): Promise<JsonObject> {
  const json = await readJsonIfThere(join(folder, name));
  if (json !== undefined) return json;
  throw modelError(
    'models/checkpoint-missing',
    `${folder} has no ${name}, so it is no ${what} encoder that Attune can read.`,
    {
      hint: `A folder of ${what === 'image' ? 'an image' : 'a sound'} encoder holds config.json, preprocessor_config.json and model.safetensors.`,
    },
  );
}

/** The weights under the names of the encoder's parameters. @throws models/tensor-..., models/checkpoint-missing */
export async function encoderWeights(folder: string, encoder: ImageEncoder): Promise<Weights> {
  const { parameters, prefix } = encoder;
  // A model with a decoder puts `model.` before both; its encoder by itself has `encoder.`.
  const own = [prefix, prefix.replace(/^model\./, '')];
  const weights = alignNames(
    await openWeights(folder),
    parameters.map(({ name }) => name),
    own,
  );
  checkTensors(new Map(parameters.map(({ name, shape }) => [name, shape])), weights, {
    ignore: [...carriedAlongPictures(encoder)],
  });
  return weights;
}
