/**
 * Pictures shaped for one processor, decoded once and then read from disk: what an epoch of training reads, and what
 * prediction and serving make anew by the same function.
 */
import { FeatureCache } from '../cache/feature-cache.ts';
import { featureError } from '../errors.ts';
import { type DecodeLimits, decodePicture, type PictureOutcome } from './decode.ts';
import { fixedSize, type ImageProcessor, type Size, shapeFingerprint, shapePicture } from './processor.ts';

/** The bytes of a picture's file and their SHA-256 in hexadecimal, as a media reader gives them. */
export type PictureFile = { readonly bytes: Uint8Array; readonly sha256: string };

/**
 * A cache for `shapedPicture`: rows `[height, width, 3]` of bytes.
 * @throws features/bad-size when the size of a shaped picture depends on the picture; what `FeatureCache.open` throws
 */
export function openPictureCache(folder: string, processor: ImageProcessor): Promise<FeatureCache<'uint8'>> {
  const { height, width } = shapedSize(processor);
  return FeatureCache.open(folder, {
    fingerprint: shapeFingerprint(processor),
    rowLength: height * width * 3,
    dtype: 'uint8',
  });
}

/** The picture decoded and shaped, from the cache where it is there; `pixelValues` or augmentation comes next. */
export async function shapedPicture(
  { bytes, sha256 }: PictureFile,
  processor: ImageProcessor,
  cache?: FeatureCache<'uint8'>,
  limits?: DecodeLimits,
): Promise<PictureOutcome> {
  const pixels = cache?.get(sha256);
  if (pixels !== undefined) return { ok: true, picture: { ...shapedSize(processor), pixels } };
  const outcome = await decodePicture(bytes, limits);
  if (!outcome.ok) return outcome;
  const picture = shapePicture(processor, outcome.picture);
  cache?.put(sha256, picture.pixels);
  return { ok: true, picture };
}

function shapedSize(processor: ImageProcessor): Size {
  const size = fixedSize({ ...processor, pad: undefined });
  if (size !== undefined) return size;
  throw featureError(
    'features/bad-size',
    'Pictures of this processor have no one size, so they cannot be rows of a cache.',
  );
}
