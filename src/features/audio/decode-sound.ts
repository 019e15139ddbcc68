/**
 * From the bytes of a clip to its samples.
 *
 * The compressed formats are decoded by libFLAC, libvorbis, mpg123 and libopus as WebAssembly inside their packages.
 * They get a slice at a time, so that a small file that unfolds to hours stops at the limit and not at the memory's end.
 */
import { decoder as createOpusDecoder } from '@audio/decode-opus';
import { FLACDecoder } from '@wasm-audio-decoders/flac';
import { OggVorbisDecoder } from '@wasm-audio-decoders/ogg-vorbis';
import { MPEGDecoder } from 'mpg123-decoder';
import { firstFrame, isWholeMp3 } from './mp3-frames.ts';
import { oggPages } from './ogg-pages.ts';
import {
  type BadSound,
  badSound,
  type DecodedSound,
  overLimits,
  SOUND_LIMITS,
  type SoundFormat,
  type SoundLimits,
} from './sound.ts';
import { isText, soundFormatOf } from './sound-format.ts';
import { decodeWav } from './wav.ts';

/** What the decoders give of a slice. `channelData` may be empty, or, before the first sample, nonsense. */
type Decoded = {
  readonly channelData: readonly Float32Array[];
  readonly sampleRate: number;
  readonly bitDepth?: number;
  readonly errors?: readonly { readonly message: string }[];
};
type Decoder = {
  readonly decode: (bytes: Uint8Array) => Decoded | Promise<Decoded>;
  readonly flush?: () => Decoded | Promise<Decoded>;
  readonly free: () => void;
};
type Compressed = Exclude<SoundFormat, 'wav'>;

const SLICE_BYTES = 4096;

const DECODERS: Readonly<Record<Compressed, () => Promise<Decoder>>> = {
  flac: async () => ready(new FLACDecoder()),
  vorbis: async () => ready(new OggVorbisDecoder()),
  mp3: async () => ready(new MPEGDecoder()),
  opus: async () => createOpusDecoder(),
};

async function ready<T extends { readonly ready: Promise<void> }>(decoder: T): Promise<T> {
  await decoder.ready;
  return decoder;
}

/**
 * Decodes a clip and mixes its channels into one (their mean).
 *
 * @param bytes - a whole WAV, FLAC (plain or in Ogg), MP3, Ogg Vorbis or Ogg Opus file, told by its content
 * @returns the sound at the rate of the file, or why there is none; a bad clip never throws
 */
export async function decodeSound(
  bytes: Uint8Array,
  limits: SoundLimits = SOUND_LIMITS,
): Promise<DecodedSound> {
  if (bytes.length === 0) return badSound('empty');
  if (bytes.length > limits.maxBytes)
    return badSound('too-large', `${bytes.length} bytes, the limit is ${limits.maxBytes}`);
  const format = soundFormatOf(bytes);
  if (format === undefined) return badSound('not-sound');
  try {
    return format === 'wav' ? decodeWav(bytes, limits) : await decodeCompressed(bytes, format, limits);
  } catch (cause) {
    // The decoders throw, or trap in WebAssembly, on some broken streams.
    return badSound('broken', cause instanceof Error ? cause.message : String(cause));
  }
}

async function decodeCompressed(
  bytes: Uint8Array,
  format: Compressed,
  limits: SoundLimits,
): Promise<DecodedSound> {
  const stream = streamOf(bytes, format);
  if (!stream.ok) return stream;
  const { slices, frames, header } = stream;
  const refused = overLimits(header, limits);
  if (refused !== undefined) return refused;
  const mix = new Mix(limits, format === 'flac');
  const decoder = await DECODERS[format]();
  try {
    for (const slice of slices) {
      const fault = mix.add(await decoder.decode(slice));
      if (fault !== undefined) return fault;
    }
    const fault = decoder.flush && mix.add(await decoder.flush());
    if (fault !== undefined) return fault;
  } finally {
    decoder.free();
  }
  if (frames !== undefined && mix.length < frames)
    return badSound('truncated', `${frames} samples announced, ${mix.length} there`);
  if (mix.length === 0) return badSound('broken', 'no sample can be decoded');
  // The decoder of MP3 gives two equal channels for one.
  const channels = Math.min(mix.channels, header.channels);
  return { ok: true, format, channels, samples: mix.samples(), sampleRateHz: mix.sampleRateHz };
}

type Stream = {
  readonly ok: true;
  readonly header: { readonly channels: number; readonly sampleRateHz: number; readonly frames?: number };
  /** Samples a channel that the header announces, if it does. */
  readonly frames: number | undefined;
  readonly slices: Iterable<Uint8Array>;
};

/** Reads the header, sees whether the end is there, and cuts the bytes into slices. */
function streamOf(bytes: Uint8Array, format: Compressed): Stream | BadSound {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (format === 'mp3') {
    const first = firstFrame(bytes)!;
    if (!isWholeMp3(bytes, first)) return badSound('truncated');
    return { ok: true, header: first, frames: undefined, slices: evenSlices(bytes.subarray(first.start)) };
  }
  if (isText(bytes, 0, 'fLaC')) {
    if (bytes.length < 42) return badSound('truncated', 'in the header');
    return flacStream(view, 8, evenSlices(bytes));
  }
  const { pages, isWhole } = oggPages(bytes);
  if (!isWhole) return badSound('truncated', 'its last page is not there');
  const slices = pageSlices(bytes, pages);
  const body = pages[0]!.body;
  // The mapping of FLAC to Ogg puts nine bytes before "fLaC".
  if (format === 'flac') return flacStream(view, body + 17, slices);
  const granule = Math.max(0, pages.at(-1)!.granule);
  const [channels, sampleRateHz] =
    format === 'opus' ? [bytes[body + 9]!, 48_000] : [bytes[body + 11]!, view.getUint32(body + 12, true)];
  return { ok: true, header: { channels, sampleRateHz, frames: granule }, frames: undefined, slices };
}

/** @see RFC 9639, section 8.2: STREAMINFO */
function flacStream(view: DataView, at: number, slices: Iterable<Uint8Array>): Stream {
  const packed = view.getUint32(at + 10);
  const channels = ((packed >> 9) & 7) + 1;
  const total = (packed & 0xf) * 0x1_0000_0000 + view.getUint32(at + 14);
  // 0 says that the writer did not know.
  const frames = total === 0 ? undefined : total;
  return { ok: true, header: { channels, sampleRateHz: packed >>> 12, frames: total }, frames, slices };
}

function* evenSlices(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += SLICE_BYTES) yield bytes.subarray(at, at + SLICE_BYTES);
}

/**
 * Whole pages, the first slice with the headers and the first sound: the Vorbis decoder answers a slice without any
 * sound with thousands of channels. A page is read once a byte behind it is there, hence the 0 behind the last.
 */
function* pageSlices(
  bytes: Uint8Array,
  pages: readonly { readonly end: number; readonly granule: number }[],
): Generator<Uint8Array> {
  let start = 0;
  let hasSound = false;
  for (const [i, { end, granule }] of pages.entries()) {
    hasSound ||= granule > 0;
    if (i === pages.length - 1) {
      const last = new Uint8Array(end - start + 1);
      last.set(bytes.subarray(start, end));
      yield last;
    } else if (hasSound && end + 1 - start >= SLICE_BYTES) {
      yield bytes.subarray(start, end + 1);
      start = end + 1;
    }
  }
}

/** The mean of the channels, slice after slice. */
class Mix {
  readonly #limits: SoundLimits;
  /** The FLAC decoder divides by the largest sample (32767), which makes a 16-bit file another than the same WAV. */
  readonly #dividesByLargest: boolean;
  readonly #parts: Float32Array[] = [];
  length = 0;
  channels = 0;
  sampleRateHz = 0;

  constructor(limits: SoundLimits, dividesByLargest: boolean) {
    this.#limits = limits;
    this.#dividesByLargest = dividesByLargest;
  }

  add({ channelData, sampleRate, bitDepth = 16, errors = [] }: Decoded): BadSound | undefined {
    if (errors.length > 0) return badSound('broken', errors[0]!.message);
    const length = channelData[0]?.length ?? 0;
    if (length === 0) return undefined;
    if (this.length > 0 && (channelData.length !== this.channels || sampleRate !== this.sampleRateHz))
      return badSound('encoding-unsupported', 'the rate or the number of channels changes within the clip');
    this.channels = channelData.length;
    this.sampleRateHz = sampleRate;
    this.length += length;
    const refused = overLimits(
      { channels: this.channels, sampleRateHz: sampleRate, frames: this.length },
      this.#limits,
    );
    if (refused !== undefined) return refused;
    const part = new Float32Array(length);
    const scale = (this.#dividesByLargest ? 1 - 2 ** (1 - bitDepth) : 1) / this.channels;
    for (let i = 0; i < length; i++) {
      let sum = 0;
      for (const channel of channelData) sum += channel[i]!;
      part[i] = sum * scale;
      if (!Number.isFinite(part[i])) return badSound('broken', 'a sample is no finite number');
    }
    this.#parts.push(part);
    return undefined;
  }

  samples(): Float32Array {
    const all = new Float32Array(this.length);
    let at = 0;
    for (const part of this.#parts) {
      all.set(part, at);
      at += part.length;
    }
    return all;
  }
}
