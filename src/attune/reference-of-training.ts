/** What a training run keeps for later comparisons: its products summed up, and what the model says of those it did not learn from. */
import type { Catalog } from '../catalog/catalog.ts';
import { SPLIT_SIDES, type SplitSide } from '../catalog/product.ts';
import { readsText } from '../models/attribute/fusion.ts';
import type { Reference } from '../monitoring/reference.ts';
import { KnownIds } from '../monitoring/summary/known-ids.ts';
import type { ReadBundle } from '../prediction/bundle.ts';
import { BundlePredictor, type PredictorOptions } from '../prediction/bundle-predictor.ts';
import { openMediaEmbedder } from '../prediction/media-embedder.ts';
import type { AttuneConfig } from './config.ts';
import { embedWith } from './embed-texts.ts';
import {
  contentKey,
  predictSample,
  type Rows,
  slicesOf,
  summarisePredictions,
  summariseProducts,
} from './observe-files.ts';

/** Products of the dev and test sides that are predicted, about. */
const SAMPLE = 2000;

/** @param bundle - as it was saved, with its calibration; written texts are not watched */
export async function referenceOfTraining(
  catalog: Catalog,
  config: AttuneConfig,
  bundle: ReadBundle,
  options: PredictorOptions,
): Promise<Reference> {
  const rowsOf = (sides: readonly SplitSide[]): Rows =>
    async function* () {
      for await (const products of catalog.products({ sides }))
        yield products.map((product) => ({ product, own: {} }));
    };
  const all = rowsOf(SPLIT_SIDES);
  const slices = await slicesOf(config, all, []);
  const trainedOn = KnownIds.sized(catalog.counts.train);
  for await (const products of catalog.products({ sides: ['train'] }))
    for (const product of products) trainedOn.add(contentKey(product));
  const { generator: _, ...file } = bundle.file;
  const predictor = await BundlePredictor.open({ ...bundle, file }, options);
  // A frozen encoder is not in the bundle yet.
  const embeds = readsText(file.model) && !file.model.frozenText;
  const embedder = embeds ? await embedWith(bundle.folder, options.threads) : undefined;
  const media = await openMediaEmbedder(
    { ...bundle, file },
    { threads: options.threads, loadMedia: options.loaders?.loadMedia },
  );
  try {
    const unseen = await predictSample({
      rows: rowsOf(['dev', 'test']),
      predictor,
      sample: SAMPLE,
      total: catalog.counts.dev + catalog.counts.test,
      skip: () => false,
    });
    return {
      products: await summariseProducts(config, all, [], slices),
      predictions: await summarisePredictions(config, unseen, predictor, slices, {
        texts: embedder?.embed,
        media,
      }),
      trainedOn,
    };
  } finally {
    await media?.close();
    await embedder?.close();
    await predictor.close();
  }
}
