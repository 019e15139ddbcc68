/**
 * From the bytes of a file to a picture: JPEG, PNG, WebP, AVIF, GIF (first frame), TIFF (first page) and SVG.
 *
 * A broken picture is an expected outcome, a value with a reason in plain words, never an exception. The size is read
 * from the header before anything is decoded, so that a small file cannot ask for gigabytes.
 *
 * What becomes of what RGB cannot hold: EXIF orientation is applied; transparency is laid over white, where a shop's
 * page would show it; 16 bits keep their upper 8; CMYK is converted with its profile, or a common press's where it has
 * none. The profile of an RGB or grey picture is ignored, as Pillow does, so that a checkpoint sees the numbers that it
 * was trained on.
 */
import sharp from 'sharp';
import { endsEarly } from './ends-early.ts';
import type { Picture } from './picture.ts';

export type DecodeLimits = {
  /** The most pixels (width times height) that are decoded; 64 million when not given, 192 MB as RGB. */
  readonly maxPixels?: number;
  /** Seconds that decoding one picture may take; 30 when not given. */
  readonly timeoutSeconds?: number;
};

export const PICTURE_FAULTS = {
  'image/empty': 'There are no bytes.',
  'image/not-a-picture': 'The bytes are no picture, whatever the name says.',
  'image/format': 'A picture of a format that is not read.',
  'image/too-large': 'The picture has more pixels than the limit.',
  'image/truncated': 'The picture ends early.',
  'image/broken': 'The picture cannot be decoded.',
  'image/timeout': 'Decoding took longer than the limit.',
} as const;

export type PictureFault = {
  readonly ok: false;
  readonly code: keyof typeof PICTURE_FAULTS;
  /** A sentence for the merchant. */
  readonly reason: string;
};
export type PictureOutcome = { readonly ok: true; readonly picture: Picture } | PictureFault;

const MAX_PIXELS = 64_000_000;
const TIMEOUT_SECONDS = 30;
/** How the decoder says it of formats that do not tell their own end. */
const ENDS_EARLY =
  /premature|truncat|bad seek|end of (file|stream|data)|unexpected end|read error|not enough data/i;
const HEIC = 'HEIC pictures, as telephones take them, are not read; save it as JPEG.';
const READ = new Map([
  ['jpeg', 'JPEG'],
  ['png', 'PNG'],
  ['webp', 'WebP'],
  ['heif', 'AVIF'],
  ['gif', 'GIF'],
  ['tiff', 'TIFF'],
  ['svg', 'SVG'],
]);

/**
 * Threads that decode within one picture, for the whole process; and no cache of decoded pictures, so that memory
 * stays flat. How many pictures are decoded at once is up to the caller (and to libuv's pool).
 */
export function limitDecoder(threads: number): void {
  sharp.concurrency(threads);
  sharp.cache(false);
}

/** @param bytes - a whole file, whatever its name */
export async function decodePicture(bytes: Uint8Array, limits: DecodeLimits = {}): Promise<PictureOutcome> {
  const { maxPixels = MAX_PIXELS, timeoutSeconds = TIMEOUT_SECONDS } = limits;
  if (bytes.length === 0) return fault('image/empty', 'The file is empty.');
  let name = 'picture';
  try {
    const header = await sharp(bytes, { limitInputPixels: false, failOn: 'error' }).metadata();
    const { format, width, height } = header;
    const known = READ.get(format);
    if (known === undefined)
      return fault('image/format', `Pictures of the format ${format} are not read; save it as JPEG or PNG.`);
    if (header.compression === 'hevc') return fault('image/format', HEIC);
    name = known;
    if (!(width > 0 && height > 0)) return fault('image/broken', `The ${name} has no size.`);
    if (width * height > maxPixels)
      return fault(
        'image/too-large',
        `The ${name} has ${width} x ${height} pixels; the limit is ${maxPixels / 1e6} million pixels.`,
      );
    const { data, info } = await sharp(bytes, {
      limitInputPixels: maxPixels,
      failOn: 'error',
      ignoreIcc: header.space !== 'cmyk',
    })
      .autoOrient()
      .flatten({ background: '#ffffff' })
      .toColourspace('srgb')
      .raw({ depth: 'uchar' })
      .timeout({ seconds: timeoutSeconds })
      .toBuffer({ resolveWithObject: true });
    return { ok: true, picture: rgb(data, info.width, info.height, info.channels) };
  } catch (error) {
    return explain(bytes, name, timeoutSeconds, error instanceof Error ? error.message : String(error));
  }
}

/** Width and height as decoded, from the header alone; undefined where there is none that can be read. */
export async function uprightSize(
  bytes: Uint8Array,
): Promise<{ readonly width: number; readonly height: number } | undefined> {
  try {
    const { autoOrient } = await sharp(bytes, { limitInputPixels: false }).metadata();
    return autoOrient.width > 0 && autoOrient.height > 0 ? autoOrient : undefined;
  } catch {
    return undefined;
  }
}

/** Three channels of one to four: grey is repeated, what stands behind the colours is dropped. */
function rgb(data: Uint8Array, width: number, height: number, channels: number): Picture {
  if (channels === 3) return { width, height, pixels: data };
  const pixels = new Uint8Array(width * height * 3);
  const step = channels < 3 ? 0 : 1;
  for (let i = 0, from = 0; i < pixels.length; i += 3, from += channels) {
    pixels[i] = data[from]!;
    pixels[i + 1] = data[from + step]!;
    pixels[i + 2] = data[from + 2 * step]!;
  }
  return { width, height, pixels };
}

function explain(bytes: Uint8Array, name: string, timeoutSeconds: number, message: string): PictureFault {
  if (/timeout/i.test(message))
    return fault('image/timeout', `Decoding the ${name} took longer than ${timeoutSeconds} seconds.`);
  if (isHeic(bytes)) return fault('image/format', HEIC);
  const cut = endsEarly(bytes);
  if (cut !== true && /unsupported image format/i.test(message)) {
    const content = contentOf(bytes);
    return fault('image/not-a-picture', `The file is no picture: it ${content}.`);
  }
  if (cut ?? ENDS_EARLY.test(message))
    return fault('image/truncated', `The ${name} is cut off: it ends before the picture does.`);
  const detail = message
    .split('\n')
    .map((line) => line.replace(/^Input buffer has corrupt header:/, '').trim())
    .find((line) => line !== '');
  const inBrackets = detail === undefined ? '' : ` (${detail})`;
  return fault('image/broken', `The ${name} cannot be decoded${inBrackets}.`);
}

function isHeic(bytes: Uint8Array): boolean {
  return /^ftyp(hei[cxms]|hev[cxms])/.test(Buffer.from(bytes.subarray(4, 12)).toString('latin1'));
}

/** What a file that is no picture looks like, after "it". */
function contentOf(bytes: Uint8Array): string {
  const start = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(512, bytes.length)).toString('latin1');
  if (/^\s*(<!doctype html|<html)/i.test(start)) return 'holds a web page';
  if (start.startsWith('%PDF')) return 'holds a PDF';
  if (start.startsWith('PK\x03\x04')) return 'holds a zip archive';
  const printable = [...start].filter((character) => character >= ' ' || '\t\r\n'.includes(character)).length;
  return printable > start.length * 0.95 ? 'holds text' : 'has the beginning of no known format';
}

function fault(code: PictureFault['code'], reason: string): PictureFault {
  return { ok: false, code, reason };
}
