/**
 * WAV files: whole numbers of 8, 16, 24 and 32 bits, floating point of 32 and 64, plain or `WAVE_FORMAT_EXTENSIBLE`.
 *
 * @see Microsoft, "Multiple Channel Audio Data and WAVE Files"; EBU Tech 3306 for RF64
 */
import { badSound, type DecodedSound, overLimits, type SoundLimits } from './sound.ts';
import { isText } from './sound-format.ts';

const PCM = 1;
const FLOAT = 3;
const EXTENSIBLE = 0xfffe;
/** Where the length of the data is not known (a stream), or stands elsewhere (RF64). */
const UNKNOWN_LENGTH = 0xffff_ffff;

type Format = {
  readonly tag: number;
  readonly channels: number;
  readonly sampleRateHz: number;
  /** Bytes of one sample of every channel. */
  readonly frameBytes: number;
  readonly bits: number;
};

/** @param bytes - a file that begins with `RIFF....WAVE` or `RF64....WAVE` */
export function decodeWav(bytes: Uint8Array, limits: SoundLimits): DecodedSound {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let format: Format | undefined;
  for (let at = 12; at + 8 <= bytes.length; ) {
    const length = view.getUint32(at + 4, true);
    const start = at + 8;
    if (isText(bytes, at, 'fmt ')) {
      if (length < 16 || start + length > bytes.length) return badSound('truncated', 'in the "fmt " chunk');
      format = formatOf(view, start, length);
    } else if (isText(bytes, at, 'data')) {
      if (format === undefined) return badSound('broken', 'no "fmt " chunk before the data');
      const isUnknown = length === UNKNOWN_LENGTH;
      if (!isUnknown && start + length > bytes.length)
        return badSound('truncated', `${length} bytes of sound announced, ${bytes.length - start} there`);
      return samplesOf(view, start, isUnknown ? bytes.length - start : length, format, limits);
    }
    at = start + length + (length & 1);
  }
  return badSound('truncated', 'it has no "data" chunk');
}

function formatOf(view: DataView, at: number, length: number): Format {
  const tag = view.getUint16(at, true);
  return {
    // The first two bytes of an extensible format's GUID are the plain tag.
    tag: tag === EXTENSIBLE && length >= 40 ? view.getUint16(at + 24, true) : tag,
    channels: view.getUint16(at + 2, true),
    sampleRateHz: view.getUint32(at + 4, true),
    frameBytes: view.getUint16(at + 12, true),
    bits: view.getUint16(at + 14, true),
  };
}

type Read = (view: DataView, at: number) => number;

/** A sample as a number in [-1, 1), by the tag and the bytes it takes (12 bits stand left in 16). */
const READ: Readonly<Record<number, Readonly<Record<number, Read>>>> = {
  [PCM]: {
    1: (view, at) => (view.getUint8(at) - 128) / 128,
    2: (view, at) => view.getInt16(at, true) / 0x8000,
    3: (view, at) => ((view.getInt8(at + 2) << 16) | view.getUint16(at, true)) / 0x80_0000,
    4: (view, at) => view.getInt32(at, true) / 0x8000_0000,
  },
  [FLOAT]: {
    4: (view, at) => view.getFloat32(at, true),
    8: (view, at) => view.getFloat64(at, true),
  },
};

function samplesOf(
  view: DataView,
  start: number,
  length: number,
  format: Format,
  limits: SoundLimits,
): DecodedSound {
  const { channels, sampleRateHz, frameBytes } = format;
  const width = frameBytes / channels;
  const frames = Math.floor(length / Math.max(frameBytes, 1));
  const refused = overLimits({ channels, sampleRateHz, frames }, limits);
  if (refused !== undefined) return refused;
  const read = READ[format.tag]?.[width];
  if (read === undefined)
    return badSound(
      'encoding-unsupported',
      `WAV format ${format.tag} with ${format.bits} bits; PCM of 8 to 32 bits and floating point are read`,
    );
  if (frames === 0) return badSound('no-samples');
  const samples = new Float32Array(frames);
  let at = start;
  for (let i = 0; i < frames; i++) {
    let sum = 0;
    for (let channel = 0; channel < channels; channel++, at += width) sum += read(view, at);
    samples[i] = sum / channels;
    if (!Number.isFinite(samples[i])) return badSound('broken', `sample ${i + 1} is no finite number`);
  }
  return { ok: true, format: 'wav', channels, samples, sampleRateHz };
}
