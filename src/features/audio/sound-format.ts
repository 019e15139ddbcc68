/**
 * What a file is, by its first bytes; names lie.
 */
import { firstFrame } from './mp3-frames.ts';
import { oggPageAt } from './ogg-pages.ts';
import type { SoundFormat } from './sound.ts';

/** @returns undefined when it is none of the formats that are read */
export function soundFormatOf(bytes: Uint8Array): SoundFormat | undefined {
  if (isText(bytes, 0, 'RIFF') && isText(bytes, 8, 'WAVE')) return 'wav';
  if (isText(bytes, 0, 'RF64') && isText(bytes, 8, 'WAVE')) return 'wav';
  if (isText(bytes, 0, 'fLaC')) return 'flac';
  const page = oggPageAt(bytes, 0);
  if (page !== undefined) {
    if (isText(bytes, page.body, 'OpusHead')) return 'opus';
    if (isText(bytes, page.body, '\x01vorbis')) return 'vorbis';
    return isText(bytes, page.body, '\x7fFLAC') ? 'flac' : undefined;
  }
  return firstFrame(bytes) === undefined ? undefined : 'mp3';
}

/** Whether these ASCII characters stand at `offset`. */
export function isText(bytes: Uint8Array, offset: number, text: string): boolean {
  for (let i = 0; i < text.length; i++) if (bytes[offset + i] !== text.charCodeAt(i)) return false;
  return true;
}
