/** What training changes in a product so that the model does not lean on one thing: modalities hidden, pictures mirrored and shifted. */
import type { Random } from '../base/random.ts';
import { augmentPicture, MILD_AUGMENTATION } from '../features/image/augment.ts';
import type { Example } from '../models/attribute/example.ts';
import type { AttributeModelSpec } from '../models/attribute/spec.ts';

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

/** The example with its pictures mirrored, cropped and lit otherwise, a little. */
export function varyPictures(
  { pictures = [] }: Pick<AttributeModelSpec, 'pictures'>,
  example: Example,
  random: Random,
): Example {
  const varied = pictures.map(({ processor }, field) =>
    example.pictures[field]!.map((picture) => augmentPicture(processor, MILD_AUGMENTATION, picture, random)),
  );
  return { ...example, pictures: varied };
}
