/** What training changes in a product so that the model does not lean on one thing: modalities hidden, pictures and sounds varied. */
import type { Random } from '../base/random.ts';
import { soundInput } from '../features/audio/sound-input.ts';
import { specAugment } from '../features/audio/spec-augment.ts';
import { augmentShaped } from '../features/image/augment.ts';
import type { Picture } from '../features/image/picture.ts';
import type { Example, LoadedFile } from '../models/attribute/example.ts';
import type { AttributeModelSpec, MediaSpec } from '../models/attribute/spec.ts';
import { forgetCategories } from '../models/attribute/table-inputs.ts';
import type { Variation } from './augment-config.ts';

/**
 * Hides one of the modalities that a product has, if it has several, so that a missing picture or text is normal.
 * @param share - of the products; 0 to 1
 */
export function hideModality(example: Example, share: number, random: Random): Example {
  const hidden = random.uniform() < share;
  const there = example.present.flatMap((present, i) => (present ? [i] : []));
  if (!hidden || there.length < 2) return example;
  const index = random.pick(there);
  return { ...example, present: example.present.map((present, i) => present && i !== index) };
}

/** Share of a category's values that are read as unknown ones in training. */
const FORGOTTEN = 0.02;

/** The example with now and then a category's value that the model does not know. */
export function varyCategories(
  spec: Pick<AttributeModelSpec, 'tableInputs'>,
  example: Example,
  random: Random,
): Example {
  if (example.table === undefined || example.table.categories.length === 0) return example;
  return { ...example, table: forgetCategories(spec, example.table, () => random.uniform() < FORGOTTEN) };
}

/** The example with its pictures mirrored, cropped, lit otherwise or painted over, and bands of its sounds hidden. */
export function varyMedia(
  { media = [] }: Pick<AttributeModelSpec, 'media'>,
  example: Example,
  variation: Variation,
  random: Random,
): Example {
  return {
    ...example,
    media: media.map((spec, field) =>
      example.media[field]!.map((file) => varied(spec, file, variation, random)),
    ),
  };
}

function varied(spec: MediaSpec, file: LoadedFile, variation: Variation, random: Random): LoadedFile {
  // The vector of a frozen encoder was computed once, of the file as it is.
  if (spec.frozen) return file;
  if (spec.kind === 'audio') {
    const { spectrogram, rows, columns } = soundInput(spec.sound);
    if (!spectrogram || !variation.sounds) return file;
    return specAugment(file as Float32Array, { mels: rows, frames: columns }, random);
  }
  const { pictures } = variation;
  return pictures === undefined ? file : augmentShaped(pictures, file as Picture, random);
}
