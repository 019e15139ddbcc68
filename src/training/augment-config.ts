/** `training.augment`: what training changes in pictures and sounds, all of it or thing by thing. */
import { z } from 'zod';
import type { Augmentation } from '../features/image/augment.ts';

const share = (most: number) => z.number().min(0).max(most);

const eachSchema = z.strictObject({
  flip: share(1)
    .default(0.5)
    .describe('The chance that left and right of a picture are exchanged; 0 where they matter.'),
  crop: share(0.95)
    .default(0.15)
    .describe(
      'A part of a picture fills the whole; at most this share of the area is left out. 0 takes all of it.',
    ),
  stretch: share(0.9)
    .default(0.05)
    .describe('How much wider or narrower than the picture that part may be, as a share.'),
  jitter: share(1)
    .default(0.05)
    .describe('Brightness, contrast and saturation are multiplied by 1 minus this to 1 plus this, each.'),
  erase: share(1)
    .default(0)
    .describe('The chance that a rectangle of 2 to 33% of a picture is painted over with one random colour.'),
  bands: z
    .boolean()
    .default(true)
    .describe('Whether bands and stretches of time of sounds are hidden (SpecAugment).'),
});

export const augmentSchema = z
  .union([z.boolean(), eachSchema])
  .default(true)
  .describe(
    'Whether pictures are mirrored, cropped and lit otherwise, a little, and bands of sounds hidden, each time they train; or how much of each. What is left out is as with `true`.',
  );

/** What is done to pictures and sounds; undefined and false: nothing. */
export type Variation = { readonly pictures: Augmentation | undefined; readonly sounds: boolean };

/**
 * `true` is mild: goods stay recognisable and colours nearly what they are, since colour is an attribute that is learned, and few
 * passes suffice. Flipping is on, which is wrong where left and right matter, as in writing.
 */
export function variationOf(augment: z.output<typeof augmentSchema>): Variation {
  if (augment === false) return { pictures: undefined, sounds: false };
  const { flip, crop, stretch, jitter, erase, bands } = eachSchema.parse(augment === true ? {} : augment);
  return {
    pictures: {
      flip,
      area: [1 - crop, 1],
      aspect: crop === 0 ? [1, 1] : [1 - stretch, 1 + stretch],
      brightness: jitter,
      contrast: jitter,
      saturation: jitter,
      erase,
    },
    sounds: bands,
  };
}
