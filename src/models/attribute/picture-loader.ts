/** Brings a product's pictures in the shape that a model reads: from a cell to bytes, to a picture, to its size. */
import type { MediaCell } from '../../catalog/product.ts';
import { FeatureCache } from '../../features/cache/feature-cache.ts';
import { decodePicture, limitDecoder } from '../../features/image/decode.ts';
import type { Picture } from '../../features/image/picture.ts';
import {
  fixedSize,
  type ImageProcessor,
  processorFingerprint,
  shapePicture,
} from '../../features/image/processor.ts';
import { type MediaOptions, MediaReader } from '../../features/media/media-reader.ts';
import type { LoadPictures, PictureProblem, ProductPictures } from './example.ts';
import type { PictureSpec } from './spec.ts';

export type PictureLoaderOptions = {
  readonly media?: Omit<MediaOptions, 'root'>;
  /** Where shaped pictures are kept, by the hash of their file; they are made again each time when left out. */
  readonly cacheFolder?: string;
};

/** Holds connections, open archives and files; close it. */
export class PictureLoader {
  readonly #specs: readonly PictureSpec[];
  readonly #options: PictureLoaderOptions;
  readonly #caches: readonly (FeatureCache<'uint8'> | undefined)[];
  readonly #readers = new Map<string | undefined, MediaReader>();

  private constructor(
    specs: readonly PictureSpec[],
    options: PictureLoaderOptions,
    caches: readonly (FeatureCache<'uint8'> | undefined)[],
  ) {
    this.#specs = specs;
    this.#options = options;
    this.#caches = caches;
    // Pictures are decoded side by side; within one, threads would only wait for each other.
    limitDecoder(1);
  }

  /** @throws features/cache-unwritable, features/cache-broken */
  static async open(
    specs: readonly PictureSpec[],
    options: PictureLoaderOptions = {},
  ): Promise<PictureLoader> {
    const { cacheFolder } = options;
    const caches = specs.map(({ processor }) =>
      cacheFolder === undefined ? undefined : openCache(cacheFolder, processor),
    );
    return new PictureLoader(specs, options, await Promise.all(caches));
  }

  /** The pictures that can be read, up to each field's most. */
  readonly load: LoadPictures = async (product) => {
    const problems: PictureProblem[] = [];
    const loaded = await Promise.all(this.#specs.map((_, field) => this.#field(field, product, problems)));
    return { loaded, problems };
  };

  async close(): Promise<void> {
    for (const cache of this.#caches) cache?.close();
    await Promise.all([...this.#readers.values()].map((reader) => reader.close()));
    this.#readers.clear();
  }

  async #field(
    index: number,
    product: ProductPictures,
    problems: PictureProblem[],
  ): Promise<readonly Picture[]> {
    const { field, most } = this.#specs[index]!;
    const reader = this.#readerOf(product.root);
    const loaded: Picture[] = [];
    for (const cell of product.cells[index] ?? []) {
      for (const reference of await referencesOf(reader, cell)) {
        if (loaded.length === most) return loaded;
        const picture = await this.#picture(index, reader, reference);
        if (typeof picture !== 'string') loaded.push(picture);
        else
          problems.push({
            field,
            reference: typeof reference === 'string' ? reference : undefined,
            reason: picture,
          });
      }
    }
    return loaded;
  }

  /** The picture, or why there is none. */
  async #picture(index: number, reader: MediaReader, reference: MediaCell): Promise<Picture | string> {
    const { processor } = this.#specs[index]!;
    const media = await reader.read(reference);
    if (!media.ok) return media.reason;
    const cache = this.#caches[index];
    const kept = cache?.get(media.sha256);
    if (kept) return { ...fixedSize(processor)!, pixels: kept };
    const outcome = await decodePicture(media.bytes);
    if (!outcome.ok) return outcome.reason;
    const picture = shapePicture(processor, outcome.picture);
    cache?.put(media.sha256, picture.pixels);
    return picture;
  }

  #readerOf(root: string | undefined): MediaReader {
    const known = this.#readers.get(root);
    if (known !== undefined) return known;
    const reader = new MediaReader({ ...this.#options.media, ...(root === undefined ? {} : { root }) });
    this.#readers.set(root, reader);
    return reader;
  }
}

async function referencesOf(reader: MediaReader, cell: MediaCell): Promise<readonly MediaCell[]> {
  return typeof cell === 'string' ? reader.references(cell) : [cell];
}

async function openCache(folder: string, processor: ImageProcessor): Promise<FeatureCache<'uint8'>> {
  const { height, width } = fixedSize(processor)!;
  const fingerprint = processorFingerprint(processor);
  return FeatureCache.open(folder, { fingerprint, rowLength: 3 * height * width, dtype: 'uint8' });
}
