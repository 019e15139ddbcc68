/** A small copy of a picture, for people to look at. */
import sharp from 'sharp';

const MAX_PIXELS = 64_000_000;
const TIMEOUT_SECONDS = 10;
const QUALITY = 80;

/**
 * @param bytes - a whole file, whatever its name
 * @param side - of the square that the copy fits into, in pixels; a smaller picture stays as small
 * @returns a JPEG without the metadata of the file, turned as it was taken, over white; undefined where the file is no picture that is read
 */
export async function thumbnail(bytes: Uint8Array, side = 256): Promise<Uint8Array | undefined> {
  try {
    return await sharp(bytes, { limitInputPixels: MAX_PIXELS, failOn: 'error' })
      .autoOrient()
      .resize({ width: side, height: side, fit: 'inside', withoutEnlargement: true })
      .flatten({ background: 'white' })
      .timeout({ seconds: TIMEOUT_SECONDS })
      .jpeg({ quality: QUALITY })
      .toBuffer();
  } catch {
    return undefined;
  }
}
