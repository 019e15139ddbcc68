import { featureError } from '../errors.ts';
import type { ImageProcessor, Size } from './processor.ts';

/**
 * The processor of encoders that are trained from nothing, mostly 64 to 160 pixels a side: the whole picture, its shape
 * kept, in the middle of white, values from -1 to 1. A bottle stays slim and nothing is cut off; catalogs have their
 * goods on white, so the margin looks like more of it.
 * @throws features/bad-size when a side is no whole number above 0
 */
export function smallProcessor({ height, width }: Size): ImageProcessor {
  if (![height, width].every((side) => Number.isInteger(side) && side > 0))
    throw featureError('features/bad-size', `Pictures of ${width} x ${height} pixels cannot be made.`);
  return {
    fit: { kind: 'letterbox', height, width },
    resampling: 'bilinear',
    crops: [],
    scale: 1 / 255,
    mean: [0.5, 0.5, 0.5],
    std: [0.5, 0.5, 0.5],
    pad: undefined,
  };
}
