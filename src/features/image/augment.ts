/**
 * Pictures changed at random, so that a model learns what does not matter: from which side a thing is seen, how much of
 * it, in what light. Every choice comes from the `Random` that is given, keyed by seed, epoch and product, so a resumed
 * run sees what the killed one would have seen.
 *
 * @see Krizhevsky et al. 2012 (flip, colour), Szegedy et al. 2015 https://arxiv.org/abs/1409.4842 (random resized crop),
 * Zhong et al. 2017 https://arxiv.org/abs/1708.04896 (random erasing)
 */
import type { Random } from '../../base/random.ts';
import type { Picture } from './picture.ts';
import { type ImageProcessor, shapePicture } from './processor.ts';
import { type Box, resize } from './resample.ts';

export type Augmentation = {
  /** The chance that left and right are exchanged. */
  readonly flip: number;
  /** A part of the picture fills the whole: its share of the area, smallest and largest, in (0, 1]; 1 and 1 is all of it. */
  readonly area: readonly [smallest: number, largest: number];
  /** How much wider for its height the part is than the picture: smallest and largest, above 0; 1 and 1 keeps the shape. */
  readonly aspect: readonly [smallest: number, largest: number];
  /** Brightness, contrast and saturation are multiplied by 1 - x to 1 + x each; 0 leaves them. */
  readonly brightness: number;
  readonly contrast: number;
  readonly saturation: number;
  /** The chance that a rectangle (2 to 33% of the area) is painted over with one random colour. */
  readonly erase: number;
};

/**
 * A picture as it was decoded, shaped as `processor` does but of a random part, then with random side, light and hole;
 * `pixelValues` comes after.
 */
export function augmentPicture(
  processor: ImageProcessor,
  augmentation: Augmentation,
  picture: Picture,
  random: Random,
): Picture {
  const box = partOf(picture, augmentation, random);
  return recoloured(shapePicture(processor, picture, box), augmentation, random);
}

/** The same of a picture that is shaped already, such as one from a cache; it keeps its size. */
export function augmentShaped(augmentation: Augmentation, shaped: Picture, random: Random): Picture {
  const box = partOf(shaped, augmentation, random);
  const part = box === undefined ? shaped : resize(shaped, shaped.width, shaped.height, 'bilinear', box);
  return recoloured(part, augmentation, random);
}

function partOf(picture: Picture, { area, aspect }: Augmentation, random: Random): Box | undefined {
  const whole = area[0] >= 1 && aspect[0] === 1 && aspect[1] === 1;
  return whole ? undefined : randomPart(picture, area, aspect, random);
}

function recoloured(
  shaped: Picture,
  { flip, brightness, contrast, saturation, erase }: Augmentation,
  random: Random,
): Picture {
  let picture = random.uniform() < flip ? flipped(shaped) : shaped;
  const factor = (most: number) => (most === 0 ? 1 : between(random, 1 - most, 1 + most));
  const factors = [factor(brightness), factor(contrast), factor(saturation)] as const;
  if (factors.some((times) => times !== 1)) picture = jittered(picture, factors);
  return random.uniform() < erase ? erased(picture, random) : picture;
}

/** A part of `area` of the picture; edges at whole pixels, as torchvision's RandomResizedCrop. */
export function randomPart(
  { width, height }: Picture,
  area: Augmentation['area'],
  aspect: Augmentation['aspect'],
  random: Random,
): Box {
  for (let tries = 0; tries < 10; tries++) {
    const share = between(random, area[0], area[1]);
    const shape = Math.exp(between(random, Math.log(aspect[0]), Math.log(aspect[1])));
    const across = Math.round(width * Math.sqrt(share * shape));
    const down = Math.round(height * Math.sqrt(share / shape));
    if (across < 1 || down < 1 || across > width || down > height) continue;
    const left = random.below(width - across + 1);
    const top = random.below(height - down + 1);
    return [left, top, left + across, top + down];
  }
  return [0, 0, width, height];
}

/** Left and right exchanged. */
export function flipped({ width, height, pixels }: Picture): Picture {
  const result = new Uint8Array(pixels.length);
  for (let y = 0; y < height; y++) {
    let to = y * width * 3;
    for (let from = to + (width - 1) * 3; from >= y * width * 3; from -= 3, to += 3) {
      result[to] = pixels[from]!;
      result[to + 1] = pixels[from + 1]!;
      result[to + 2] = pixels[from + 2]!;
    }
  }
  return { width, height, pixels: result };
}

/**
 * Brightness, then contrast about the mean grey, then saturation about each pixel's grey, as torchvision's ColorJitter
 * and Pillow's ImageEnhance: `mean + factor * (value - mean)`.
 */
export function jittered(
  { width, height, pixels }: Picture,
  [brightness, contrast, saturation]: readonly [brightness: number, contrast: number, saturation: number],
): Picture {
  const result = new Uint8ClampedArray(pixels.length);
  const bright = new Uint8ClampedArray(256);
  for (let value = 0; value < 256; value++) bright[value] = value * brightness;
  let total = 0;
  for (let i = 0; i < pixels.length; i += 3)
    total += grey(bright[pixels[i]!]!, bright[pixels[i + 1]!]!, bright[pixels[i + 2]!]!);
  const mean = Math.round(total / (width * height));
  const both = bright.map((value) => mean + contrast * (value - mean));
  for (let i = 0; i < pixels.length; i += 3) {
    const red = both[pixels[i]!]!;
    const green = both[pixels[i + 1]!]!;
    const blue = both[pixels[i + 2]!]!;
    const light = grey(red, green, blue);
    result[i] = light + saturation * (red - light);
    result[i + 1] = light + saturation * (green - light);
    result[i + 2] = light + saturation * (blue - light);
  }
  return { width, height, pixels: new Uint8Array(result.buffer) };
}

/** Luma of ITU-R BT.601, as Pillow computes it. */
function grey(red: number, green: number, blue: number): number {
  return (red * 19595 + green * 38470 + blue * 7471 + 0x8000) >> 16;
}

/** A rectangle of 2 to 33% of the area, 0.3 to 3.3 times as high as wide, in one random colour. */
function erased({ width, height, pixels }: Picture, random: Random): Picture {
  const result = new Uint8Array(pixels);
  for (let tries = 0; tries < 10; tries++) {
    const area = between(random, 0.02, 0.33) * width * height;
    const shape = Math.exp(between(random, Math.log(0.3), Math.log(3.3)));
    const across = Math.round(Math.sqrt(area / shape));
    const down = Math.round(Math.sqrt(area * shape));
    if (across < 1 || down < 1 || across >= width || down >= height) continue;
    const left = random.below(width - across + 1);
    const top = random.below(height - down + 1);
    const colour = [random.below(256), random.below(256), random.below(256)];
    for (let y = top; y < top + down; y++) {
      const start = (y * width + left) * 3;
      for (let i = 0; i < across * 3; i++) result[start + i] = colour[i % 3]!;
    }
    break;
  }
  return { width, height, pixels: result };
}

function between(random: Random, low: number, high: number): number {
  return low + (high - low) * random.uniform();
}
