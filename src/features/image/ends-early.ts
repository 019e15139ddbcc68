/**
 * Whether a file of a picture ends before its own structure does. The decoder's words are no proof: it loses them where two pictures
 * fail at once.
 */

/** @returns undefined where the format says nothing of its end, or the file is of none that is known */
export function endsEarly(bytes: Uint8Array): boolean | undefined {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const text = (from: number, to: number) => file.toString('latin1', from, to);
  if (text(0, 8) === '\x89PNG\r\n\x1a\n') return pngEndsEarly(file);
  if (text(0, 2) === '\xff\xd8') return jpegEndsEarly(file);
  if (text(0, 4) === 'RIFF') return file.length < 8 || file.readUInt32LE(4) + 8 > file.length;
  if (/^GIF8[79]a/.test(text(0, 6))) return file.indexOf(';', file.length - 16, 'latin1') < 0;
  if (text(4, 8) === 'ftyp') return boxesEndEarly(file);
  if (/^(II\*\0|MM\0\*)/.test(text(0, 4))) return tiffEndsEarly(file);
  return undefined;
}

/** Chunks of length, type, content and checksum, the last of them IEND. */
function pngEndsEarly(file: Buffer): boolean {
  for (let at = 8; at + 12 <= file.length; ) {
    const type = file.toString('latin1', at + 4, at + 8);
    // What is no chunk is damage, not an early end.
    if (type === 'IEND' || !/^[A-Za-z]{4}$/.test(type)) return false;
    at += 12 + file.readUInt32BE(at);
  }
  return true;
}

/** Segments up to the pixels, which end with the marker FFD9; inside of them FF is followed by 0 or a restart. */
function jpegEndsEarly(file: Buffer): boolean {
  for (let at = 2; at + 4 <= file.length; ) {
    // What is no marker is damage, not an early end.
    if (file[at] !== 0xff) return false;
    const marker = file[at + 1]!;
    if (marker === 0xff) at++;
    else if (marker === 0xda) return file.indexOf(Buffer.from([0xff, 0xd9]), at) < 0;
    else at += 2 + file.readUInt16BE(at + 2);
  }
  return true;
}

/** Bytes of a value of each type of TIFF, by its number. */
const TIFF_SIZES = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8];
const STRIP_OFFSETS = 273;
const STRIP_BYTES = 279;

/** The list of the first page's entries, and what they point at: values, and the strips of its pixels. */
function tiffEndsEarly(file: Buffer): boolean {
  const little = file[0] === 0x49;
  const at16 = (at: number) => (little ? file.readUInt16LE(at) : file.readUInt16BE(at));
  const at32 = (at: number) => (little ? file.readUInt32LE(at) : file.readUInt32BE(at));
  const ends = (at: number) => at > file.length;
  if (ends(8)) return true;
  const list = at32(4);
  if (ends(list + 2) || ends(list + 2 + 12 * at16(list))) return true;
  const strips = new Map<number, readonly number[]>();
  for (let i = 0; i < at16(list); i++) {
    const entry = list + 2 + 12 * i;
    const size = TIFF_SIZES[at16(entry + 2)] ?? 0;
    const count = at32(entry + 4);
    const values = size * count > 4 ? at32(entry + 8) : entry + 8;
    if (ends(values + size * count)) return true;
    const tag = at16(entry);
    if ((tag === STRIP_OFFSETS || tag === STRIP_BYTES) && (size === 2 || size === 4))
      strips.set(
        tag,
        Array.from({ length: count }, (_, n) => (size === 2 ? at16 : at32)(values + size * n)),
      );
  }
  const bytes = strips.get(STRIP_BYTES) ?? [];
  return (strips.get(STRIP_OFFSETS) ?? []).some((offset, n) => ends(offset + (bytes[n] ?? 0)));
}

/** Boxes of length and type; a length of 1 stands for a longer one behind, of 0 for all that is left. */
function boxesEndEarly(file: Buffer): boolean {
  let at = 0;
  while (at + 8 <= file.length) {
    const short = file.readUInt32BE(at);
    if (short === 0) return false;
    if (short === 1 && at + 16 > file.length) return true;
    const length = short === 1 ? Number(file.readBigUInt64BE(at + 8)) : short;
    if (length < 8) return false;
    at += length;
  }
  return at !== file.length;
}
