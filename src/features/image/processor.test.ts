import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Picture } from './picture.ts';
import { fixedSize, type ImageProcessor, pixelValues, processPicture, shapePicture } from './processor.ts';
import { type Resampling, resize } from './resample.ts';
import { smallProcessor } from './small-processor.ts';

const RESAMPLINGS: readonly Resampling[] = ['nearest', 'box', 'bilinear', 'hamming', 'bicubic', 'lanczos'];
const side = fc.integer({ min: 1, max: 40 });
const pictures = fc
  .record({ width: side, height: side, shade: fc.integer({ min: 0, max: 2 ** 31 }) })
  .map(({ width, height, shade }): Picture => {
    const pixels = Uint8Array.from(
      { length: width * height * 3 },
      (_, i) => Math.imul(i + 1, shade | 1) >>> 24,
    );
    return { width, height, pixels };
  });
const filled = (width: number, height: number, colour: readonly number[]): Picture => ({
  width,
  height,
  pixels: Uint8Array.from({ length: width * height * 3 }, (_, i) => colour[i % 3]!),
});

it('resizes a picture of one colour to that colour', () => {
  const colour = fc.tuple(...[0, 1, 2].map(() => fc.integer({ min: 0, max: 255 })));
  fc.assert(
    fc.property(side, side, side, side, colour, fc.constantFrom(...RESAMPLINGS), (w, h, toW, toH, c, how) => {
      expect(resize(filled(w, h, c), toW, toH, how)).toEqual(filled(toW, toH, c));
    }),
  );
});

it('leaves a picture that has its size already, and its part at whole pixels', () => {
  fc.assert(
    fc.property(pictures, fc.constantFrom(...RESAMPLINGS), (picture, how) => {
      const { width, height, pixels } = picture;
      expect(resize(picture, width, height, how)).toEqual(picture);
      const lower = resize(picture, width, 1, how, [0, height - 1, width, height]);
      expect(lower.pixels).toEqual(pixels.slice((height - 1) * width * 3));
    }),
  );
});

it('refuses sizes and parts that are none', () => {
  const picture = filled(4, 3, [1, 2, 3]);
  expect(() => resize(picture, 0, 3, 'box')).toThrow(/0 x 3/);
  expect(() => resize(picture, 2, 2, 'box', [0, 0, 5, 3])).toThrow(/does not lie in a picture of 4 x 3/);
  expect(() => resize(picture, 2, 2, 'box', [1, 0, 1, 3])).toThrow(/does not lie/);
});

it('a letterbox keeps the whole picture in its shape, in the middle of white', () => {
  const processor = smallProcessor({ height: 8, width: 12 });
  const shaped = shapePicture(processor, filled(2, 4, [10, 20, 30]));
  expect([shaped.height, shaped.width]).toEqual([8, 12]);
  const middle = Array.from({ length: 12 }, (_, x) => shaped.pixels[x * 3]!);
  expect(middle).toEqual([255, 255, 255, 255, 10, 10, 10, 10, 255, 255, 255, 255]);
  const { values } = processPicture(processor, filled(2, 4, [255, 0, 255]));
  expect(Math.max(...values)).toBe(1);
  expect(Math.min(...values)).toBe(-1);
});

it('fills the margin of what is too small for a crop with black, before normalising', () => {
  const processor: ImageProcessor = {
    fit: { kind: 'keep' },
    resampling: 'bilinear',
    crops: [{ height: 1, width: 4 }],
    scale: 1,
    mean: [1, 2, 3],
    std: [1, 1, 1],
    pad: { height: 2, width: 5 },
  };
  const { values } = processPicture(processor, filled(1, 3, [7, 8, 9]));
  // Red: black, black, the picture, black, then the padding, which is 0 after normalising.
  expect([...values.slice(0, 10)]).toEqual([-1, -1, 6, -1, 0, 0, 0, 0, 0, 0]);
  expect(fixedSize(processor)).toEqual({ height: 2, width: 5 });
  expect(() => pixelValues(processor, filled(6, 1, [0, 0, 0]))).toThrow(/cannot be padded/);
});

it('fills a row of a batch, and refuses one of another length', () => {
  const processor = smallProcessor({ height: 2, width: 2 });
  const batch = new Float32Array(36).fill(7);
  processPicture(processor, filled(1, 1, [255, 255, 0]), batch.subarray(12, 24));
  expect([...batch]).toEqual([
    ...Array(12).fill(7),
    ...Array(8).fill(1),
    ...Array(4).fill(-1),
    ...Array(12).fill(7),
  ]);
  expect(() => processPicture(processor, filled(1, 1, [0, 0, 0]), batch)).toThrow(/there is room for 36/);
});
