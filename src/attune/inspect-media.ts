/** Reads pictures and sounds for `attune inspect`, as a training run reads them, and says what came of each. */
import { dirname } from 'node:path';
import type { MediaReading } from '../catalog/inspect/media-report.ts';
import { type MediaKind, parseReference } from '../catalog/media-reference.ts';
import type { MediaCell } from '../catalog/product.ts';
import { decodeSound } from '../features/audio/decode-sound.ts';
import { SOUND_FAULTS } from '../features/audio/sound.ts';
import { decodePicture, limitDecoder, PICTURE_FAULTS } from '../features/image/decode.ts';
import type { AddressOptions } from '../features/media/address-reader.ts';
import { MediaReader } from '../features/media/media-reader.ts';
import { MEDIA_FAULTS } from '../features/media/outcome.ts';

/** Of full scale; what stays below (80 dB under it) is not heard. */
const SILENCE = 1e-4;

/** Holds open archives and connections; close it. */
export class MediaExaminer {
  readonly #fetch: AddressOptions | false;
  readonly #within: string | undefined;
  readonly #readers = new Map<string, MediaReader>();

  /** @param within - folder whose files alone are read; any file when left out */
  constructor(fetch: boolean | AddressOptions, within?: string) {
    this.#fetch = fetch === true ? {} : fetch;
    this.#within = within;
    limitDecoder(1);
  }

  /** All that a cell names or holds. @param file - the catalog's, in whose folder paths start */
  readonly read = async (
    cell: MediaCell,
    kind: MediaKind,
    file: string,
  ): Promise<readonly MediaReading[]> => {
    const reader = this.#readerOf(dirname(file));
    const references = typeof cell === 'string' ? await reader.references(cell) : [cell];
    // One after another: a cell may name a whole folder.
    const readings: MediaReading[] = [];
    for (const reference of references) readings.push(await this.#examine(reader, reference, kind));
    return readings;
  };

  async close(): Promise<void> {
    await Promise.all([...this.#readers.values()].map((reader) => reader.close()));
    this.#readers.clear();
  }

  async #examine(reader: MediaReader, given: MediaCell, kind: MediaKind): Promise<MediaReading> {
    const reference = typeof given === 'string' ? given : undefined;
    if (this.#fetch === false && reference !== undefined && parseReference(reference).kind === 'url')
      return { reference, kind: 'address' };
    const media = await reader.read(given);
    if (!media.ok)
      return {
        reference,
        kind: 'fault',
        code: media.code,
        meaning: MEDIA_FAULTS[media.code],
        reason: media.reason,
      };
    if (kind === 'image') {
      const outcome = await decodePicture(media.bytes);
      if (!outcome.ok) {
        const { code, reason } = outcome;
        return { reference, kind: 'fault', code, meaning: PICTURE_FAULTS[code], reason };
      }
      const { width, height } = outcome.picture;
      return { reference, kind, width, height };
    }
    const sound = await decodeSound(media.bytes);
    if (!sound.ok) {
      const { code, reason } = sound;
      return { reference, kind: 'fault', code: `audio/${code}`, meaning: SOUND_FAULTS[code], reason };
    }
    const silent = sound.samples.every((sample) => Math.abs(sample) <= SILENCE);
    return { reference, kind, seconds: sound.samples.length / sound.sampleRateHz, silent };
  }

  #readerOf(root: string): MediaReader {
    const known = this.#readers.get(root);
    if (known !== undefined) return known;
    const within = this.#within === undefined ? {} : { within: this.#within };
    const reader = new MediaReader({ root, addresses: this.#fetch, ...within });
    this.#readers.set(root, reader);
    return reader;
  }
}
