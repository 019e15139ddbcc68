import { expect, it } from 'vitest';
import { applySettings, parseYamlConfig } from '../base/config-errors.ts';
import { Random } from '../base/random.ts';
import { flipped } from '../features/image/augment.ts';
import type { Picture } from '../features/image/picture.ts';
import { smallProcessor } from '../features/image/small-processor.ts';
import type { Example } from '../models/attribute/example.ts';
import type { MediaSpec } from '../models/attribute/spec.ts';
import { variationOf } from './augment-config.ts';
import { trainingSchema } from './config.ts';
import { varyMedia } from './vary-modalities.ts';

const read = (text: string) => parseYamlConfig(text, trainingSchema, 'attune.yaml').augment;

it('changes pictures a little unless told otherwise, and nothing when told so', () => {
  const usual = variationOf(read(''));
  expect(usual).toEqual(variationOf(true));
  expect(usual).toEqual(variationOf(read('augment: {}')));
  expect(usual).toMatchObject({ pictures: { flip: 0.5, area: [0.85, 1], erase: 0 }, sounds: true });
  expect(variationOf(read('augment: false'))).toEqual({ pictures: undefined, sounds: false });
});

it('sets one thing and leaves the others as they were', () => {
  const { pictures, sounds } = variationOf(true);
  expect(variationOf(read('augment: {erase: 0.3}'))).toEqual({
    pictures: { ...pictures, erase: 0.3 },
    sounds,
  });
  expect(variationOf(read('augment: {bands: false}'))).toEqual({ pictures, sounds: false });
  // What `--set` reads, over the short form.
  const set = applySettings(
    trainingSchema.parse({}),
    ['augment.flip=0', 'augment.jitter=0.4'],
    trainingSchema,
  );
  expect(variationOf(set.augment).pictures).toEqual({
    ...pictures,
    flip: 0,
    brightness: 0.4,
    contrast: 0.4,
    saturation: 0.4,
  });
  // A part of another shape has no room where no part may be left out.
  expect(variationOf(read('augment: {crop: 0, stretch: 0.5}')).pictures).toMatchObject({
    area: [1, 1],
    aspect: [1, 1],
  });
});

it.each([
  ['augment: {ease: 0.5}', '"augment.ease" is not a known setting. Did you mean "erase"?'],
  ['augment: {flip: 2}', '"augment.flip" must be at most 1. Got 2.'],
  ['augment: {crop: 1}', '"augment.crop" must be at most 0.95. Got 1.'],
  ['augment: {bands: 3}', '"augment.bands" must be true or false. Got 3.'],
])('refuses %s', (text, message) => {
  expect(() => read(text)).toThrow(message);
});

const SIZE = 24;
const PHOTO: MediaSpec = {
  field: 'photo',
  kind: 'image',
  most: 1,
  encoder: { model_type: 'attune-image-small', image_height: SIZE, image_width: SIZE },
  fresh: true,
  processor: smallProcessor({ height: SIZE, width: SIZE }),
};
const CLIP: MediaSpec = {
  field: 'clip',
  kind: 'audio',
  most: 1,
  encoder: {},
  fresh: true,
  sound: { kind: 'small', mels: 32, frames: 50 },
};
const PICTURE: Picture = {
  width: SIZE,
  height: SIZE,
  pixels: Uint8Array.from({ length: SIZE * SIZE * 3 }, (_, i) => (i * 7) % 251),
};
const SOUND = new Float32Array(32 * 50).fill(1);
const EXAMPLE = { present: [true, true], media: [[PICTURE], [SOUND]] } as unknown as Example;

function vary(augment: string, ...key: number[]): { picture: Picture; sound: Float32Array } {
  const variation = variationOf(read(`augment: ${augment}`));
  const { media } = varyMedia({ media: [PHOTO, CLIP] }, EXAMPLE, variation, new Random(...key));
  return { picture: media[0]![0] as Picture, sound: media[1]![0] as Float32Array };
}

const NOTHING = { flip: 0, crop: 0, jitter: 0, erase: 0, bands: false };
const alone = (setting: object) => vary(JSON.stringify({ ...NOTHING, ...setting }), 1);

it('does each change by itself to what trains', () => {
  expect(alone({})).toEqual({ picture: PICTURE, sound: SOUND });
  expect(vary('false', 1)).toEqual({ picture: PICTURE, sound: SOUND });
  expect(alone({ flip: 1 })).toEqual({ picture: flipped(PICTURE), sound: SOUND });
  const { pixels } = alone({ erase: 1 }).picture;
  const painted = pixels.filter((value, i) => value !== PICTURE.pixels[i]).length / pixels.length;
  expect(painted).toBeGreaterThan(0.01);
  expect(painted).toBeLessThan(0.35);
  for (const setting of [{ crop: 0.5 }, { jitter: 0.5 }]) {
    const { picture, sound } = alone(setting);
    expect(picture.pixels).not.toEqual(PICTURE.pixels);
    expect([picture.width, picture.height]).toEqual([SIZE, SIZE]);
    expect(sound).toEqual(SOUND);
  }
  const { picture, sound } = alone({ bands: true });
  expect(picture).toEqual(PICTURE);
  expect(sound.some((value) => value === 0)).toBe(true);
});

it('draws the same again from the same key, and something else from another', () => {
  expect(vary('{erase: 1}', 1, 2)).toEqual(vary('{erase: 1}', 1, 2));
  expect(vary('{erase: 1}', 1, 2)).not.toEqual(vary('{erase: 1}', 1, 3));
});
