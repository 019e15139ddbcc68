/**
 * The frames of an MPEG audio file (Layer III or II), by their headers alone: to tell an MP3 from other bytes, and
 * a whole file from a truncated one, which the decoder does not.
 *
 * @see ISO/IEC 11172-3, section 2.4.1.3, and ISO/IEC 13818-3 for the lower sampling rates
 */

type Frame = {
  readonly start: number;
  readonly length: number;
  readonly sampleRateHz: number;
  readonly channels: number;
};

/** By version (1; 2 and 2.5) and layer. */
const BITRATES_KBPS: Readonly<Record<'1-2' | '1-3' | '2', readonly number[]>> = {
  '1-2': [0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384],
  '1-3': [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
  '2': [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
};
const RATES_HZ = [44_100, 48_000, 32_000];
/** How far behind the tags the first frame may lie: some writers pad with zeros. */
const SEARCH_BYTES = 8192;

/** The frame whose header stands at `start`; undefined where none does. Free-format frames are not told, nor is
 * Layer I, whose header the byte order mark of a UTF-16 text looks like. */
function frameAt(bytes: Uint8Array, start: number): Frame | undefined {
  if (start + 4 > bytes.length) return undefined;
  if (bytes[start] !== 0xff || (bytes[start + 1]! & 0xe0) !== 0xe0) return undefined;
  const version = (bytes[start + 1]! >> 3) & 3;
  const layer = 4 - ((bytes[start + 1]! >> 1) & 3);
  const bitrateIndex = bytes[start + 2]! >> 4;
  const rateIndex = (bytes[start + 2]! >> 2) & 3;
  if (version === 1 || layer < 2 || layer > 3 || bitrateIndex === 0 || bitrateIndex === 15 || rateIndex === 3)
    return undefined;
  const first = version === 3;
  const table = first ? (layer === 2 ? '1-2' : '1-3') : '2';
  const bits = BITRATES_KBPS[table][bitrateIndex]! * 1000;
  const sampleRateHz = RATES_HZ[rateIndex]! / (first ? 1 : version === 2 ? 2 : 4);
  const padding = (bytes[start + 2]! >> 1) & 1;
  const length = Math.floor(((layer === 3 && !first ? 72 : 144) * bits) / sampleRateHz) + padding;
  return { start, length, sampleRateHz, channels: bytes[start + 3]! >> 6 === 3 ? 1 : 2 };
}

/** The first of two frames in a row (one at the end of the file is enough), behind an ID3v2 tag if there is one. */
export function firstFrame(bytes: Uint8Array): Frame | undefined {
  let at = tagLength(bytes);
  const tagged = at > 0;
  const end = Math.min(bytes.length, at + SEARCH_BYTES);
  for (; at < end; at++) {
    const frame = frameAt(bytes, at);
    const next = frame === undefined ? bytes.length + 1 : frame.start + frame.length;
    if (frame !== undefined && isAlike(frame, frameAt(bytes, next))) return frame;
    // A single frame, cut or not, is told only where nothing else can be.
    if (frame !== undefined && next >= bytes.length && (tagged || at === 0)) return frame;
    if (!tagged && bytes[at] !== 0 && frame === undefined) return undefined;
  }
  return undefined;
}

function isAlike(a: Frame, b: Frame | undefined): boolean {
  return b !== undefined && a.sampleRateHz === b.sampleRateHz;
}

/** Whether the last frame has all its bytes, and a Xing or Info header's count of bytes (if any) is there. */
export function isWholeMp3(bytes: Uint8Array, first: Frame): boolean {
  const announced = xingBytes(bytes, first);
  if (announced !== undefined && first.start + announced > bytes.length) return false;
  let at = first.start;
  for (let frame: Frame | undefined = first; frame !== undefined; frame = frameAt(bytes, at))
    at = frame.start + frame.length;
  return at <= bytes.length;
}

/** The file's bytes as the encoder's first frame counts them. */
function xingBytes(bytes: Uint8Array, first: Frame): number | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (const side of [36, 21, 13]) {
    const at = first.start + side;
    if (at + 16 > bytes.length) continue;
    const name = view.getUint32(at);
    if (name !== 0x58696e67 && name !== 0x496e666f) continue;
    const flags = view.getUint32(at + 4);
    if ((flags & 2) === 0) return undefined;
    return view.getUint32(at + 8 + ((flags & 1) !== 0 ? 4 : 0));
  }
  return undefined;
}

/** @see https://id3.org/id3v2.4.0-structure: "ID3", version, flags, and a length of four times seven bits */
function tagLength(bytes: Uint8Array): number {
  if (bytes[0] !== 0x49 || bytes[1] !== 0x44 || bytes[2] !== 0x33 || bytes.length < 10) return 0;
  const size = (bytes[6]! << 21) | (bytes[7]! << 14) | (bytes[8]! << 7) | bytes[9]!;
  return 10 + size + ((bytes[5]! & 0x10) !== 0 ? 10 : 0);
}
