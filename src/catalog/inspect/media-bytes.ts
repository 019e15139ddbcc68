/** What the cells of a binary column are, by their first bytes. */
import type { MediaKind } from '../media-reference.ts';
import { mediaCells } from '../product-reader.ts';
import type { Source } from '../source.ts';
import { sqlName } from '../sql.ts';

const LOOKED_AT = 8;

const PICTURE =
  /^(?:\xff\xd8\xff|\x89PNG|GIF8|RIFF....WEBP|II\*\0|MM\0\*|....ftyp(?:avi|hei|hev|mif)|\s*<(?:svg|\?xml))/s;
const SOUND = /^(?:RIFF....WAVE|RF64....WAVE|fLaC|OggS|ID3|\xff[\xe0-\xff])/s;

/** @param bytes - at least the first 12 */
export function mediaKindOfBytes(bytes: Uint8Array): MediaKind | undefined {
  const start = Buffer.from(bytes.subarray(0, 64)).toString('latin1');
  if (PICTURE.test(start)) return 'image';
  return SOUND.test(start) ? 'audio' : undefined;
}

/** Told by most of the first filled cells. */
export async function binaryKind(
  source: Source,
  table: string,
  column: string,
): Promise<MediaKind | undefined> {
  const name = sqlName(column);
  const rows = await source.query(
    `SELECT ${name} AS cell FROM ${table} WHERE ${name} IS NOT NULL LIMIT ${LOOKED_AT}`,
  );
  const kinds = rows
    .flatMap(({ cell }) => mediaCells(cell))
    .map((cell) => (typeof cell === 'string' ? undefined : mediaKindOfBytes(cell)));
  return (['image', 'audio'] as const).find(
    (kind) => kinds.filter((each) => each === kind).length > kinds.length / 2,
  );
}
