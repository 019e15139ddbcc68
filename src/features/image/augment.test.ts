import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Random } from '../../base/random.ts';
import {
  type Augmentation,
  augmentPicture,
  augmentShaped,
  flipped,
  jittered,
  randomPart,
} from './augment.ts';
import type { Picture } from './picture.ts';
import { shapePicture } from './processor.ts';
import { smallProcessor } from './small-processor.ts';

const NOTHING: Augmentation = {
  flip: 0,
  area: [1, 1],
  aspect: [1, 1],
  brightness: 0,
  contrast: 0,
  saturation: 0,
  erase: 0,
};
const MANY = { flip: 0.5, area: [0.85, 1], brightness: 0.05, erase: 0.5 } as const;
const PROCESSOR = smallProcessor({ height: 20, width: 16 });
/** Red grows to the right, green downwards. */
const ramp = (width: number, height: number): Picture => ({
  width,
  height,
  pixels: Uint8Array.from({ length: width * height * 3 }, (_, i) => {
    const pixel = Math.floor(i / 3);
    return [(pixel % width) * 4, Math.floor(pixel / width) * 4, 100][i % 3]!;
  }),
});
const augmented = (more: Partial<Augmentation>, ...key: number[]) =>
  augmentPicture(PROCESSOR, { ...NOTHING, ...more }, ramp(40, 50), new Random(...key));
const side = fc.integer({ min: 1, max: 30 });

it('does nothing when nothing is asked', () => {
  expect(augmented({}, 1)).toEqual(shapePicture(PROCESSOR, ramp(40, 50)));
});

it('draws the same again from the same key, and something else from another', () => {
  expect(augmented(MANY, 1, 2)).toEqual(augmented(MANY, 1, 2));
  expect(augmented(MANY, 1, 2)).not.toEqual(augmented(MANY, 1, 3));
});

it('exchanges left and right, and back', () => {
  fc.assert(
    fc.property(side, side, (width, height) => {
      const picture = ramp(width, height);
      expect(flipped(flipped(picture))).toEqual(picture);
      expect(flipped(picture).pixels[0]).toBe((width - 1) * 4);
    }),
  );
  expect(augmented({ flip: 1 }, 1)).toEqual(flipped(augmented({}, 1)));
  const share = Array.from({ length: 400 }, (_, i) => augmented({ flip: 0.25 }, i)).filter(
    ({ pixels }) => pixels[0]! > pixels[45]!,
  ).length;
  expect(share / 400).toBeCloseTo(0.25, 1);
});

it('takes parts of the area and shape that were asked for, inside the picture', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 20, max: 300 }),
      fc.integer({ min: 20, max: 300 }),
      fc.nat(),
      (w, h, seed) => {
        const [left, top, right, bottom] = randomPart(ramp(w, h), [0.3, 0.6], [0.8, 1.25], new Random(seed));
        expect(Math.min(left, top)).toBeGreaterThanOrEqual(0);
        expect(right <= w && bottom <= h).toBe(true);
        const area = ((right - left) * (bottom - top)) / (w * h);
        // Edges are rounded to whole pixels.
        expect(area).toBeGreaterThan(0.3 - 0.06);
        expect(area).toBeLessThan(0.6 + 0.06);
        const shape = (right - left) / w / ((bottom - top) / h);
        expect(shape).toBeGreaterThan(0.8 / 1.15);
        expect(shape).toBeLessThan(1.25 * 1.15);
      },
    ),
  );
  expect(randomPart(ramp(7, 9), [2, 3], [1, 1], new Random(1))).toEqual([0, 0, 7, 9]);
  const part = augmented({ area: [0.2, 0.2] }, 3);
  const reds = part.pixels.filter((_, i) => i % 3 === 0);
  // A fifth of the area spans less than half of the 40 columns.
  expect(Math.max(...reds) - Math.min(...reds)).toBeLessThan(80);
});

it('changes brightness, contrast and saturation as Pillow does', () => {
  const picture: Picture = { width: 2, height: 1, pixels: Uint8Array.of(200, 100, 50, 20, 40, 60) };
  expect([...jittered(picture, [1, 1, 1]).pixels]).toEqual([...picture.pixels]);
  expect([...jittered(picture, [1.5, 1, 1]).pixels]).toEqual([255, 150, 75, 30, 60, 90]);
  // Grey is 124 and 36, their mean 80.
  expect([...jittered(picture, [1, 0, 1]).pixels]).toEqual([80, 80, 80, 80, 80, 80]);
  expect([...jittered(picture, [1, 1, 0]).pixels]).toEqual([124, 124, 124, 36, 36, 36]);
  expect([...jittered(picture, [1, 1, 2]).pixels]).toEqual([255, 76, 0, 4, 44, 84]);
});

it('jitters no further than asked', () => {
  const grey: Picture = { width: 1, height: 1, pixels: Uint8Array.of(100, 100, 100) };
  const processor = { ...PROCESSOR, fit: { kind: 'keep' } as const };
  const values = Array.from(
    { length: 300 },
    (_, i) => augmentPicture(processor, { ...NOTHING, brightness: 0.2 }, grey, new Random(i)).pixels[0]!,
  );
  expect(Math.min(...values)).toBeGreaterThanOrEqual(80);
  expect(Math.min(...values)).toBeLessThan(84);
  expect(Math.max(...values)).toBeLessThanOrEqual(120);
  expect(Math.max(...values)).toBeGreaterThan(116);
});

it('changes a shaped picture in its size, as it changes an unshaped one', () => {
  const shaped = augmented({}, 1);
  expect(augmentShaped(NOTHING, shaped, new Random(1))).toEqual(shaped);
  expect(augmentShaped({ ...NOTHING, flip: 1 }, shaped, new Random(1))).toEqual(flipped(shaped));
  const part = augmentShaped({ ...NOTHING, area: [0.2, 0.2] }, shaped, new Random(1));
  expect([part.width, part.height]).toEqual([shaped.width, shaped.height]);
  const span = ({ pixels }: Picture) => {
    const reds = pixels.filter((_, i) => i % 3 === 0);
    return Math.max(...reds) - Math.min(...reds);
  };
  expect(span(part)).toBeLessThan(span(shaped) / 2);
});

it('paints a rectangle over', () => {
  const before = augmented({}, 5).pixels;
  for (let seed = 0; seed < 50; seed++) {
    const { pixels } = augmented({ erase: 1 }, seed);
    const changed = [...pixels.keys()].filter((i) => pixels[i] !== before[i]);
    const colours = new Set(changed.map((i) => `${i % 3} ${pixels[i]}`));
    expect(changed.length / pixels.length).toBeLessThan(0.36);
    expect(changed.length).toBeGreaterThan(0);
    expect(colours.size).toBeLessThanOrEqual(3);
  }
});
