/**
 * What two models answer to the same products, and whether each is right. Neither learned from any of what is compared.
 */
import { type Catalog, openCatalog } from '../catalog/catalog.ts';
import type { Product } from '../catalog/product.ts';
import { specOfConfig } from '../catalog/spec-of-config.ts';
import { evaluateAttribute } from '../evaluation/evaluate-attribute.ts';
import type { PairedRow } from '../monitoring/retrain/compare-models.ts';
import type { ReadBundle } from '../prediction/bundle.ts';
import { BundlePredictor } from '../prediction/bundle-predictor.ts';
import { collectAnswers, toAnswers } from '../prediction/collect.ts';
import { LabelReader } from '../training/labelled.ts';
import { completedBy, encodingOf, openBehaviour } from './behaviour.ts';
import type { AttuneConfig } from './config.ts';
import type { ReviewedLabels } from './reviewed-labels.ts';

type Answered = Omit<PairedRow, 'champion' | 'challenger'> & { readonly correct: boolean };

/** Products of the test side, and reviewed ones that were held out. Written texts are not compared. */
export async function answeredPairs(
  champion: ReadBundle,
  challenger: ReadBundle,
  config: AttuneConfig,
  labels: ReviewedLabels,
): Promise<readonly PairedRow[]> {
  const before = await answersOf(champion, config, labels);
  const now = await answersOf(challenger, config, labels);
  return [...now].flatMap(([key, { correct, ...row }]) => {
    const other = before.get(key);
    return other === undefined ? [] : [{ ...row, champion: other.correct, challenger: correct }];
  });
}

async function answersOf(
  bundle: ReadBundle,
  config: AttuneConfig,
  labels: ReviewedLabels,
): Promise<ReadonlyMap<string, Answered>> {
  const catalog = await openCatalog(specOfConfig(config));
  let behaviour: Awaited<ReturnType<typeof openBehaviour>>;
  try {
    behaviour = await openBehaviour({
      config,
      ...encodingOf(bundle.file),
      products: (part) => catalog.products(part === 'train' ? { sides: ['train'] } : {}),
    });
    const observed = behaviour && completedBy(behaviour.store);
    catalog.completeWith(
      observed ? async (products) => labels.forJudging(await observed(products)) : labels.forJudging,
    );
    return await collected(bundle, config, catalog, labels);
  } finally {
    behaviour?.close();
    catalog.close();
  }
}

async function collected(
  bundle: ReadBundle,
  config: AttuneConfig,
  catalog: Catalog,
  labels: ReviewedLabels,
): Promise<ReadonlyMap<string, Answered>> {
  const { generator: _, ...file } = bundle.file;
  const { threads, seed } = config.training;
  const predictor = await BundlePredictor.open({ ...bundle, file }, threads === undefined ? {} : { threads });
  try {
    const attributes = file.attributes.filter(({ schema }) => schema.kind !== 'generate');
    const reader = new LabelReader(
      attributes,
      file.model.fields.map(({ name }) => name),
      { media: predictor.mediaFields.map(({ name }) => name), table: predictor.tableFields },
    );
    const answers = new Map<string, Answered>();
    for (const chunks of [
      catalog.products({ sides: ['test'] }),
      heldOut(catalog.products({ sides: ['train', 'dev'] }), labels),
    ]) {
      const found = await collectAnswers(predictor.answerer, reader, attributes, chunks, {
        topK: 0,
        spanThreshold: file.decode.spanThreshold,
      });
      for (const rows of found.filter(({ truth }) => truth.length > 0)) {
        const { correct } = evaluateAttribute(toAnswers(rows), { seed, resamples: 1 });
        for (const [i, product] of rows.products.entries())
          answers.set(JSON.stringify([rows.attribute, product.id]), {
            product: product.group ?? product.id,
            attribute: rows.attribute,
            set: labels.isReviewed(product, rows.attribute) ? 'reviews' : 'test',
            category: product.category,
            correct: correct[i]!,
          });
      }
    }
    return answers;
  } finally {
    await predictor.close();
  }
}

async function* heldOut(
  chunks: AsyncIterable<readonly Product[]>,
  labels: ReviewedLabels,
): AsyncGenerator<readonly Product[]> {
  for await (const chunk of chunks) yield labels.heldOut(chunk);
}
