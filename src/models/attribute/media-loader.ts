/** Brings a product's pictures and sounds in the shape that a model reads: from a cell to bytes to what its encoder takes. */
import { join } from 'node:path';
import type { MediaCell } from '../../catalog/product.ts';
import { readSound } from '../../features/audio/read-sound.ts';
import { type SoundPlan, soundInput } from '../../features/audio/sound-input.ts';
import { FeatureCache } from '../../features/cache/feature-cache.ts';
import { limitDecoder } from '../../features/image/decode.ts';
import { type ImageProcessor, processorFingerprint } from '../../features/image/processor.ts';
import { openPictureCache, shapedPicture } from '../../features/image/shaped-pictures.ts';
import { MediaReader } from '../../features/media/media-reader.ts';
import type { LoadedFile, LoadMedia, MediaProblem, ProductMedia } from './example.ts';
import { encoderValues } from './media-batch.ts';
import type { MediaSpec } from './spec.ts';
import type { VectorEncoder } from './vector-encoder.ts';

export type MediaLoaderOptions = {
  /**
   * Where what addresses gave is kept, and files in the shape that encoders read, by their hash; both are fetched and read anew
   * each time when left out.
   */
  readonly cacheFolder?: string;
  /** Folder whose files alone are read; any file when left out. */
  readonly within?: string;
  /** Opens the encoder of a frozen field, whose vectors are kept in place of what the encoder reads; the loader closes it. */
  readonly openEncoder?: (spec: MediaSpec) => Promise<VectorEncoder>;
};

/** Reads the files of one field. */
type FileReader = {
  /** What the encoder reads, or why there is none. */
  read(file: { readonly bytes: Uint8Array; readonly sha256: string }): Promise<LoadedFile | string>;
  close(): void | Promise<void>;
};

/** Holds connections, open archives and files; close it. */
export class MediaLoader {
  readonly #specs: readonly MediaSpec[];
  readonly #options: MediaLoaderOptions;
  readonly #files: readonly FileReader[];
  readonly #readers = new Map<string | undefined, MediaReader>();

  private constructor(
    specs: readonly MediaSpec[],
    options: MediaLoaderOptions,
    files: readonly FileReader[],
  ) {
    this.#specs = specs;
    this.#options = options;
    this.#files = files;
    // Files are decoded side by side; within one, threads would only wait for each other.
    limitDecoder(1);
  }

  /** @throws features/cache-unwritable, features/cache-broken */
  static async open(specs: readonly MediaSpec[], options: MediaLoaderOptions = {}): Promise<MediaLoader> {
    const { cacheFolder, openEncoder } = options;
    const files: FileReader[] = [];
    for (const spec of specs) {
      const whole = spec.frozen ? undefined : cacheFolder;
      const reader = await (spec.kind === 'image'
        ? pictureReader(spec.processor, whole)
        : soundReader(spec.sound, whole));
      files.push(
        spec.frozen ? await vectorReader(spec, reader, await openEncoder!(spec), cacheFolder) : reader,
      );
    }
    return new MediaLoader(specs, options, files);
  }

  /** The files that can be read, up to each field's most. */
  readonly load: LoadMedia = async (product) => {
    const problems: MediaProblem[] = [];
    const loaded = await Promise.all(this.#specs.map((_, field) => this.#field(field, product, problems)));
    return { loaded, problems };
  };

  async close(): Promise<void> {
    for (const file of this.#files) await file.close();
    await Promise.all([...this.#readers.values()].map((reader) => reader.close()));
    this.#readers.clear();
  }

  async #field(
    index: number,
    product: ProductMedia,
    problems: MediaProblem[],
  ): Promise<readonly LoadedFile[]> {
    const { field, most } = this.#specs[index]!;
    const reader = this.#readerOf(product.root);
    const loaded: LoadedFile[] = [];
    for (const cell of product.cells[index] ?? []) {
      for (const reference of await referencesOf(reader, cell)) {
        if (loaded.length === most) return loaded;
        const media = await reader.read(reference);
        const file = media.ok ? await this.#files[index]!.read(media) : media.reason;
        if (typeof file !== 'string') loaded.push(file);
        else
          problems.push({
            field,
            reference: typeof reference === 'string' ? reference : undefined,
            reason: file,
          });
      }
    }
    return loaded;
  }

  #readerOf(root: string | undefined): MediaReader {
    const known = this.#readers.get(root);
    if (known !== undefined) return known;
    const { cacheFolder, within } = this.#options;
    const reader = new MediaReader({
      ...(root === undefined ? {} : { root }),
      ...(within === undefined ? {} : { within }),
      ...(cacheFolder === undefined ? {} : { cacheFolder: join(cacheFolder, 'addresses') }),
    });
    this.#readers.set(root, reader);
    return reader;
  }
}

async function referencesOf(reader: MediaReader, cell: MediaCell): Promise<readonly MediaCell[]> {
  return typeof cell === 'string' ? reader.references(cell) : [cell];
}

/** The vectors of a frozen encoder: a file is decoded only where its vector is not kept. */
async function vectorReader(
  spec: MediaSpec,
  files: FileReader,
  encoder: VectorEncoder,
  folder: string | undefined,
): Promise<FileReader> {
  const read =
    spec.kind === 'image' ? processorFingerprint(spec.processor) : soundInput(spec.sound).fingerprint;
  const layout = {
    fingerprint: `frozen-1 ${read} ${encoder.fingerprint}`,
    rowLength: encoder.width,
    dtype: 'float32',
  } as const;
  const cache = folder === undefined ? undefined : await FeatureCache.open(folder, layout);
  return {
    read: async (file) => {
      const kept = cache?.get(file.sha256);
      if (kept) return kept;
      const loaded = await files.read(file);
      if (typeof loaded === 'string') return loaded;
      const vector = await encoder.encode(encoderValues(spec, loaded));
      cache?.put(file.sha256, vector);
      return vector;
    },
    close: async () => {
      cache?.close();
      await files.close();
      await encoder.close();
    },
  };
}

async function pictureReader(processor: ImageProcessor, folder: string | undefined): Promise<FileReader> {
  const cache = folder === undefined ? undefined : await openPictureCache(folder, processor);
  return {
    read: async (file) => {
      const outcome = await shapedPicture(file, processor, cache);
      return outcome.ok ? outcome.picture : outcome.reason;
    },
    close: () => cache?.close(),
  };
}

async function soundReader(plan: SoundPlan, folder: string | undefined): Promise<FileReader> {
  const { fingerprint, rows, columns, sampleRateHz, read } = soundInput(plan);
  const layout = { fingerprint, rowLength: rows * columns, dtype: 'float32' } as const;
  const cache = folder === undefined ? undefined : await FeatureCache.open(folder, layout);
  return {
    read: async ({ bytes, sha256 }) => {
      const kept = cache?.get(sha256);
      if (kept) return kept;
      const sound = await readSound(bytes, { sampleRateHz });
      if (!sound.ok) return sound.reason;
      const values = read(sound.samples);
      cache?.put(sha256, values);
      return values;
    },
    close: () => cache?.close(),
  };
}
