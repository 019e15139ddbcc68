/**
 * Resizes a picture as Pillow does, byte for byte.
 *
 * Two passes, one along the rows and one along the columns; between them the picture is rounded to 8 bits. Checkpoints
 * were trained on pictures that Pillow resized, and other resizers differ by up to 94/255 where they enlarge. The order
 * of the passes is that of Pillow 13; older ones always began with the rows.
 *
 * @see https://github.com/python-pillow/Pillow/blob/main/src/libImaging/Resample.c
 */
import { featureError } from '../errors.ts';
import { type FilterName, type FilterWeights, filterWeights, PRECISION_BITS } from './filter-weights.ts';
import type { Picture } from './picture.ts';

export type Resampling = FilterName | 'nearest';

/** Left, top, right and bottom of the part that is taken, in pixels; edges may lie inside a pixel. */
export type Box = readonly [left: number, top: number, right: number, bottom: number];

const HALF = 1 << (PRECISION_BITS - 1);

/**
 * @param width - of the result, in pixels
 * @param height - of the result, in pixels
 * @param box - the part of `picture` that fills the result; all of it when not given
 * @returns `[height, width, 3]`; `picture` itself when nothing changes
 * @throws features/bad-size when a size is no whole number above 0 or the box is empty or not inside the picture
 */
export function resize(
  picture: Picture,
  width: number,
  height: number,
  resampling: Resampling,
  box: Box = [0, 0, picture.width, picture.height],
): Picture {
  check(picture, width, height, box);
  const [left, top, right, bottom] = box;
  const whole = left === 0 && top === 0 && right === picture.width && bottom === picture.height;
  if (whole && width === picture.width && height === picture.height) return picture;
  if (resampling === 'nearest') return nearest(picture, width, height, box);

  const acrossNeeded = width !== picture.width || left !== 0 || right !== width;
  const downNeeded = height !== picture.height || top !== 0 || bottom !== height;
  const across = acrossNeeded ? filterWeights(resampling, picture.width, left, right, width) : undefined;
  const down = downNeeded ? filterWeights(resampling, picture.height, top, bottom, height) : undefined;
  if (across === undefined) return down === undefined ? picture : alongColumns(picture, 0, down);
  if (down === undefined) return alongRows(picture, 0, picture.height, across);
  // Pillow 13's rule: where the height shrinks more than twice as much as the width, the columns go first.
  const lost = picture.height - height;
  if (lost > 0 && lost > (picture.width - width) * 2) {
    const lower = alongColumns(picture, 0, down);
    return alongRows(lower, 0, height, across);
  }
  // Only the rows that the second pass reads.
  const firstRow = down.first[0]!;
  const lastRow = down.first[height - 1]! + down.count[height - 1]!;
  return alongColumns(alongRows(picture, firstRow, lastRow, across), firstRow, down);
}

function check(picture: Picture, width: number, height: number, [left, top, right, bottom]: Box): void {
  for (const size of [width, height]) {
    if (!Number.isInteger(size) || size < 1)
      throw featureError('features/bad-size', `A picture cannot be resized to ${width} x ${height} pixels.`);
  }
  const inside = left >= 0 && top >= 0 && right <= picture.width && bottom <= picture.height;
  if (!(inside && left < right && top < bottom))
    throw featureError(
      'features/bad-size',
      `The part [${left}, ${top}, ${right}, ${bottom}] does not lie in a picture of ${picture.width} x ${picture.height} pixels.`,
    );
}

/** Rows `firstRow` to `lastRow` (exclusive) of `picture`, each `across.first.length` pixels wide. */
function alongRows(picture: Picture, firstRow: number, lastRow: number, across: FilterWeights): Picture {
  const { first, count, weights, taps } = across;
  const { pixels, width: from } = picture;
  const width = first.length;
  const height = lastRow - firstRow;
  const result = new Uint8ClampedArray(width * height * 3);
  let to = 0;
  for (let y = firstRow; y < lastRow; y++) {
    const row = y * from * 3;
    for (let x = 0; x < width; x++) {
      let at = row + first[x]! * 3;
      let weightAt = x * taps;
      const end = weightAt + count[x]!;
      let red = HALF;
      let green = HALF;
      let blue = HALF;
      // Two at a time, which saves a fifth of the time.
      for (; weightAt < end - 1; weightAt += 2, at += 6) {
        const weight = weights[weightAt]!;
        const next = weights[weightAt + 1]!;
        red = (red + Math.imul(pixels[at]!, weight) + Math.imul(pixels[at + 3]!, next)) | 0;
        green = (green + Math.imul(pixels[at + 1]!, weight) + Math.imul(pixels[at + 4]!, next)) | 0;
        blue = (blue + Math.imul(pixels[at + 2]!, weight) + Math.imul(pixels[at + 5]!, next)) | 0;
      }
      if (weightAt < end) {
        const weight = weights[weightAt]!;
        red = (red + Math.imul(pixels[at]!, weight)) | 0;
        green = (green + Math.imul(pixels[at + 1]!, weight)) | 0;
        blue = (blue + Math.imul(pixels[at + 2]!, weight)) | 0;
      }
      result[to] = red >> PRECISION_BITS;
      result[to + 1] = green >> PRECISION_BITS;
      result[to + 2] = blue >> PRECISION_BITS;
      to += 3;
    }
  }
  return { width, height, pixels: new Uint8Array(result.buffer) };
}

/** Resamples the columns; row 0 of `picture` is row `firstRow` of the source that `down` counts in. */
function alongColumns(picture: Picture, firstRow: number, down: FilterWeights): Picture {
  const { first, count, weights, taps } = down;
  const { pixels, width } = picture;
  const height = first.length;
  const stride = width * 3;
  const result = new Uint8ClampedArray(stride * height);
  const sums = new Int32Array(stride);
  for (let y = 0; y < height; y++) {
    sums.fill(HALF);
    const end = y * taps + count[y]!;
    let row = (first[y]! - firstRow) * stride;
    let tap = y * taps;
    for (; tap < end - 1; tap += 2, row += 2 * stride) {
      const weight = weights[tap]!;
      const next = weights[tap + 1]!;
      const below = row + stride;
      for (let i = 0; i < stride; i++)
        sums[i] = sums[i]! + Math.imul(pixels[row + i]!, weight) + Math.imul(pixels[below + i]!, next);
    }
    if (tap < end) {
      const weight = weights[tap]!;
      for (let i = 0; i < stride; i++) sums[i] = sums[i]! + Math.imul(pixels[row + i]!, weight);
    }
    const to = y * stride;
    for (let i = 0; i < stride; i++) result[to + i] = sums[i]! >> PRECISION_BITS;
  }
  return { width, height, pixels: new Uint8Array(result.buffer) };
}

/** The source pixel under the centre of each result pixel; positions are added up, as in Pillow's ImagingScaleAffine. */
function nearest(picture: Picture, width: number, height: number, [left, top, right, bottom]: Box): Picture {
  const columns = centres(left, right, width, picture.width);
  const rows = centres(top, bottom, height, picture.height);
  const result = new Uint8Array(width * height * 3);
  let to = 0;
  for (const row of rows) {
    for (const column of columns) {
      const at = (row * picture.width + column) * 3;
      result[to++] = picture.pixels[at]!;
      result[to++] = picture.pixels[at + 1]!;
      result[to++] = picture.pixels[at + 2]!;
    }
  }
  return { width, height, pixels: result };
}

function centres(start: number, end: number, size: number, from: number): Int32Array {
  const step = (Math.fround(end) - Math.fround(start)) / size;
  const found = new Int32Array(size);
  let position = Math.fround(start) + step * 0.5;
  for (let at = 0; at < size; at++, position += step) found[at] = Math.min(from - 1, Math.trunc(position));
  return found;
}
