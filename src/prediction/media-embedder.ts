/** What a trained model's own encoders make of pictures and sounds: vectors that tell how these change, in the terms that the model sees. */
import { Session } from '../graph/session.ts';
import type { LoadMedia } from '../models/attribute/example.ts';
import { fieldArrays } from '../models/attribute/media-batch.ts';
import { mediaStates } from '../models/attribute/media-vectors.ts';
import { noDropout } from '../models/layers/dropout.ts';
import type { ReadBundle } from './bundle.ts';
import { bundleModel, openMedia } from './bundle-model.ts';
import type { MediaField, MediaInput } from './prediction.ts';

export type MediaEmbedder = {
  readonly fields: readonly MediaField[];
  /**
   * @returns field -> `[width]` of each product, in their order: the mean over its files; undefined where none can be read
   */
  embed(
    products: readonly (MediaInput | undefined)[],
  ): Promise<Readonly<Record<string, readonly (Float32Array | undefined)[]>>>;
  close(): Promise<void>;
};

export type MediaEmbedderOptions = {
  readonly threads?: number | undefined;
  /** Brings files in place of the bundle's own reading, such as the vectors of encoders that training left as they were. */
  readonly loadMedia?: LoadMedia | undefined;
};

/** Products whose files are in memory at once. */
const AT_ONCE = 16;

/** Of the first member of an ensemble. @returns undefined where the model reads neither pictures nor sounds */
export async function openMediaEmbedder(
  bundle: ReadBundle,
  { threads, loadMedia }: MediaEmbedderOptions = {},
): Promise<MediaEmbedder | undefined> {
  const { media: specs = [] } = bundle.file.model;
  if (specs.length === 0) return undefined;
  const { scope, members } = await bundleModel(bundle);
  const own = loadMedia ? undefined : await openMedia(bundle, threads);
  const load = loadMedia ?? own!.load;
  const session = await Session.create(
    Object.fromEntries(
      specs.map((spec) => [spec.field, mediaStates(spec, scope, noDropout, 'prediction').vector]),
    ),
    { weights: members[0]!, ...(threads === undefined ? {} : { threads }) },
  );
  return {
    fields: specs.map(({ field, kind }) => ({ name: field, kind })),
    embed: async (products) => {
      const vectors = Object.fromEntries(
        specs.map(({ field }) => [field, [] as (Float32Array | undefined)[]]),
      );
      for (let from = 0; from < products.length; from += AT_ONCE) {
        const loaded = await Promise.all(
          products.slice(from, from + AT_ONCE).map(async (product) => {
            const cells = specs.map(({ field }) => product?.cells[field] ?? []);
            return (await load({ cells, ...(product?.root === undefined ? {} : { root: product.root }) }))
              .loaded;
          }),
        );
        const files = (field: number) => loaded.map((one) => one[field] ?? []);
        const outputs = await session.run(
          Object.assign({}, ...specs.map((spec, i) => fieldArrays(spec, files(i)))),
        );
        for (const [i, { field }] of specs.entries()) {
          const { data, dims } = outputs[field]!;
          const width = dims[1]!;
          for (const [b, { length }] of files(i).entries())
            vectors[field]!.push(
              length === 0 ? undefined : (data as Float32Array).slice(b * width, (b + 1) * width),
            );
        }
      }
      return vectors;
    },
    close: async () => {
      await session.close();
      await own?.close();
    },
  };
}
