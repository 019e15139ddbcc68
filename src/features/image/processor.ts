/**
 * From a picture to what an encoder reads: resize, crop, rescale, normalise. Training, prediction and serving all come
 * through here.
 *
 * There are two halves, and what stands between them is a picture of 8 bits: `shapePicture` decides which pixels,
 * `pixelValues` which numbers. Augmentation works on the picture between, and a cache of it takes a quarter of the room.
 *
 * @see https://huggingface.co/docs/transformers/main_classes/image_processor
 */
import { featureError } from '../errors.ts';
import type { Picture } from './picture.ts';
import { type Box, type Resampling, resize } from './resample.ts';

/** In pixels. */
export type Size = { readonly height: number; readonly width: number };

/** How a picture comes to its size, in pixels. */
export type Fit =
  | { readonly kind: 'keep' }
  /** Exactly so large; the shape of things changes. */
  | ({ readonly kind: 'stretch' } & Size)
  /** The shorter side becomes `edge`, the longer follows. */
  | { readonly kind: 'shortest'; readonly edge: number }
  /** The shorter side becomes `shortest`, or less where the longer would pass `longest`. */
  | { readonly kind: 'between'; readonly shortest: number; readonly longest: number }
  /** As large as fits, in the middle of white. */
  | ({ readonly kind: 'letterbox' } & Size);

export type ImageProcessor = {
  readonly fit: Fit;
  readonly resampling: Resampling;
  /** Cut from the middle, one after the other; what is too small is padded with black. */
  readonly crops: readonly Size[];
  /** What an 8-bit value is multiplied by, mostly 1/255. */
  readonly scale: number;
  /** Of red, green and blue, after `scale`: taken off. */
  readonly mean: readonly [number, number, number];
  /** Of red, green and blue: divided by. */
  readonly std: readonly [number, number, number];
  /** Zeros are added at the right and at the bottom, after normalising, up to this size. */
  readonly pad: Size | undefined;
};

/** What an encoder reads of one picture. */
export type PixelValues = Size & {
  /** `[3, height, width]` float32: red, green, blue. */
  readonly values: Float32Array;
};

/**
 * Names what `processPicture` does, for the fingerprint of a cache of what comes after it: equal processors give equal
 * strings. The number counts changes of this code that change values.
 */
export function processorFingerprint(processor: ImageProcessor): string {
  const { scale, mean, std, pad } = processor;
  return `${shapeFingerprint(processor)} ${JSON.stringify([scale, mean, std, pad])}`;
}

/** Names what `shapePicture` does, for a cache of shaped pictures. */
export function shapeFingerprint({ fit, resampling, crops }: ImageProcessor): string {
  return `image-1 ${JSON.stringify([fit, resampling, crops])}`;
}

/** The size that every picture comes out with; undefined when it depends on the picture. */
export function fixedSize({ fit, crops, pad }: ImageProcessor): Size | undefined {
  if (pad !== undefined) return pad;
  const last = crops.at(-1);
  if (last !== undefined) return last;
  return fit.kind === 'stretch' || fit.kind === 'letterbox'
    ? { height: fit.height, width: fit.width }
    : undefined;
}

/** `picture` as an encoder reads it; `target` as in `pixelValues`. */
export function processPicture(
  processor: ImageProcessor,
  picture: Picture,
  target?: Float32Array,
): PixelValues {
  return pixelValues(processor, shapePicture(processor, picture), target);
}

/**
 * The picture resized and cropped, not yet normalised or padded.
 * @param box - take this part of the picture and fill the processor's size with it, as augmentation does
 * @throws features/bad-size when there is a box and the processor's size depends on the picture
 */
export function shapePicture(processor: ImageProcessor, picture: Picture, box?: Box): Picture {
  const { fit, resampling, crops } = processor;
  if (fit.kind === 'letterbox') return letterbox(picture, fit, resampling, box);
  if (box !== undefined) {
    const size = fixedSize({ ...processor, pad: undefined });
    if (size === undefined)
      throw featureError(
        'features/bad-size',
        'Pictures of this processor have no one size to fill with a part.',
      );
    return resize(picture, size.width, size.height, resampling, box);
  }
  let shaped = fitted(fit, resampling, picture);
  for (const crop of crops) shaped = centreCrop(shaped, crop);
  return shaped;
}

/**
 * `(scale * pixel - mean) / std`, computed in float32 as numpy does, padded with zeros.
 * @param picture - shaped
 * @param target - `[3, height, width]`, filled and returned, such as a row of a batch; a new array when not given
 * @throws features/bad-size when the padding has no room for the picture, or `target` is of another length
 */
export function pixelValues(processor: ImageProcessor, picture: Picture, target?: Float32Array): PixelValues {
  const { width, height, pixels } = picture;
  const size = processor.pad ?? { width, height };
  if (size.height < height || size.width < width)
    throw featureError(
      'features/bad-size',
      `A picture of ${width} x ${height} pixels cannot be padded to ${size.width} x ${size.height}.`,
    );
  const plane = size.height * size.width;
  const values = target ?? new Float32Array(3 * plane);
  if (values.length !== 3 * plane)
    throw featureError(
      'features/bad-size',
      `A picture of ${size.width} x ${size.height} pixels has ${3 * plane} values; there is room for ${values.length}.`,
    );
  if (target !== undefined && processor.pad !== undefined) values.fill(0);
  const [red, green, blue] = valueTables(processor);
  let from = 0;
  for (let y = 0; y < height; y++) {
    let to = y * size.width;
    for (const end = to + width; to < end; to++, from += 3) {
      values[to] = red[pixels[from]!]!;
      values[plane + to] = green[pixels[from + 1]!]!;
      values[2 * plane + to] = blue[pixels[from + 2]!]!;
    }
  }
  return { height: size.height, width: size.width, values };
}

/** Of red, green and blue `[256]`: what becomes of each 8-bit value. */
type ValueTables = readonly [Float32Array, Float32Array, Float32Array];
const tablesOf = new WeakMap<ImageProcessor, ValueTables>();

function valueTables(processor: ImageProcessor): ValueTables {
  const known = tablesOf.get(processor);
  if (known !== undefined) return known;
  const tables = [0, 1, 2].map((channel) => {
    const centre = Math.fround(processor.mean[channel]!);
    const spread = Math.fround(processor.std[channel]!);
    const table = new Float32Array(256);
    for (let pixel = 0; pixel < 256; pixel++)
      table[pixel] = Math.fround(Math.fround(pixel * processor.scale) - centre) / spread;
    return table;
  });
  tablesOf.set(processor, tables as unknown as ValueTables);
  return tables as unknown as ValueTables;
}

type Scaled = Exclude<Fit, { kind: 'letterbox' }>;

function fitted(fit: Scaled, resampling: Resampling, picture: Picture): Picture {
  if (fit.kind === 'keep') return picture;
  const { height, width } = sizeOf(fit, picture);
  return resize(picture, width, height, resampling);
}

function sizeOf(fit: Exclude<Scaled, { kind: 'keep' }>, { width, height }: Size): Size {
  if (fit.kind === 'stretch') return fit;
  if (fit.kind === 'shortest') return shortestSize(fit.edge, fit.edge, { width, height });
  const { shortest, longest } = fit;
  const short = Math.min(width, height);
  const long = Math.max(width, height);
  if ((long / short) * shortest <= longest) return shortestSize(shortest, shortest, { width, height });
  const exact = (longest * short) / long;
  return shortestSize(roundHalfEven(exact), exact, { width, height });
}

/** The shorter side becomes `edge`, the longer one `ratio` times what it is to the shorter, cut to whole pixels. */
function shortestSize(edge: number, ratio: number, { width, height }: Size): Size {
  if (Math.min(width, height) === edge) return { width, height };
  const longer = (long: number, short: number) => Math.max(1, Math.trunc((ratio * long) / short));
  return width < height
    ? { width: edge, height: longer(height, width) }
    : { width: longer(width, height), height: edge };
}

/** Python's `round`. */
function roundHalfEven(x: number): number {
  const rounded = Math.round(x);
  return rounded - x === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}

function letterbox(
  picture: Picture,
  { width, height }: Size,
  resampling: Resampling,
  box: Box = [0, 0, picture.width, picture.height],
): Picture {
  const across = box[2] - box[0];
  const down = box[3] - box[1];
  const scale = Math.min(width / across, height / down);
  const inner = resize(
    picture,
    Math.max(1, Math.round(across * scale)),
    Math.max(1, Math.round(down * scale)),
    resampling,
    box,
  );
  if (inner.width === width && inner.height === height) return inner;
  const left = Math.floor((width - inner.width) / 2);
  const top = Math.floor((height - inner.height) / 2);
  return pasted(inner, { width, height }, left, top, 255);
}

/** A part from the middle; where a side is too short, black comes before it (the larger half) and behind it. */
function centreCrop(picture: Picture, size: Size): Picture {
  if (picture.width === size.width && picture.height === size.height) return picture;
  const left = -Math.floor((picture.width - size.width) / 2);
  const top = -Math.floor((picture.height - size.height) / 2);
  return pasted(picture, size, left, top, 0);
}

/** A new picture of `size` in `shade`, with `picture` at (`left`, `top`), which may lie outside. */
function pasted(picture: Picture, size: Size, left: number, top: number, shade: number): Picture {
  const pixels = new Uint8Array(size.width * size.height * 3);
  if (shade !== 0) pixels.fill(shade);
  const fromX = Math.max(0, -left);
  const count = Math.min(picture.width - fromX, size.width - Math.max(0, left));
  const lastY = Math.min(picture.height, size.height - top);
  for (let y = Math.max(0, -top); y < lastY; y++) {
    const from = (y * picture.width + fromX) * 3;
    const to = ((y + top) * size.width + Math.max(0, left)) * 3;
    pixels.set(picture.pixels.subarray(from, from + count * 3), to);
  }
  return { width: size.width, height: size.height, pixels };
}
