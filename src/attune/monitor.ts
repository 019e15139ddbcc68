/** `attune monitor`: what changed since a model was trained, how right it is now, and whether anyone should hear of it. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Progress, silent } from '../base/progress.ts';
import { type Catalog, openCatalog } from '../catalog/catalog.ts';
import { specOfConfig } from '../catalog/spec-of-config.ts';
import type { AttributeResult } from '../evaluation/attribute-result.ts';
import { readsText } from '../models/attribute/fusion.ts';
import { type WatchedAccuracy, watchAccuracy } from '../monitoring/accuracy/watch-accuracy.ts';
import type { Alert, Check } from '../monitoring/alerts/judge.ts';
import { type CompareOptions, mergedReports } from '../monitoring/drift/compare.ts';
import type { DriftReport } from '../monitoring/drift/report.ts';
import { monitoringError } from '../monitoring/errors.ts';
import { lastAnswers, type ReviewRecord } from '../monitoring/people/reviews-file.ts';
import { REFERENCE_FILE, type Reference, readReference } from '../monitoring/reference.ts';
import { learnedReviews } from '../monitoring/retrain/learned-reviews.ts';
import { KnownIds } from '../monitoring/summary/known-ids.ts';
import { confidenceField } from '../monitoring/summary/observe-product.ts';
import type { Summary } from '../monitoring/summary/summarise.ts';
import { type ReadBundle, readBundle } from '../prediction/bundle.ts';
import { openMediaEmbedder } from '../prediction/media-embedder.ts';
import type { Predictor } from '../prediction/prediction.ts';
import { PredictorPool } from '../prediction/predictor-pool.ts';
import type { Store } from '../store/store.ts';
import { completedBy, encodingOf, openBehaviour } from './behaviour.ts';
import type { AttuneConfig } from './config.ts';
import { countedReviews } from './counted-reviews.ts';
import { embedWith } from './embed-texts.ts';
import { resolveSources } from './model-sources.ts';
import { monitoringReport } from './monitoring-report.ts';
import {
  type Embedders,
  type Predicted,
  predictSample,
  type Rows,
  type Slices,
  slicesOf,
  summarisePredictions,
  summariseProducts,
} from './observe-files.ts';
import { type ReviewSources, readAllReviews, withStore } from './read-reviews.ts';
import { type RaiseOptions, raiseAlerts, signalsOf } from './watch-alerts.ts';

export type MonitorOptions = ReviewSources &
  RaiseOptions & {
    /** Folder of the bundle. */
    readonly model: string;
    /** Files laid out as the training files, of the period to look at. */
    readonly files: readonly string[];
    /** Files to compare with, in place of what the bundle keeps of its training. */
    readonly reference?: readonly string[];
    /** Columns to look at by themselves, such as the supplier or the locale; with reference files only. */
    readonly slices?: readonly string[];
    /** About how many rows are predicted; 2,000 when left out. */
    readonly sample?: number;
    readonly compare?: CompareOptions;
    readonly threads?: number;
    readonly progress?: Progress;
    /** Seconds since 1970. */
    readonly now?: () => number;
  };

export type MonitorResult = {
  readonly drift: DriftReport;
  readonly accuracy: readonly WatchedAccuracy[];
  readonly alerts: readonly Alert[];
  /** What could not be compared, read or delivered, in a sentence each. */
  readonly notes: readonly string[];
};

const SAMPLE = 2000;

/**
 * With a store, people's answers are read from it, and what was found is kept there.
 * @throws prediction/bundle-missing, monitoring/..., catalog/..., store/...
 */
export const monitor = (options: MonitorOptions): Promise<MonitorResult> =>
  withStore(options.store, (store) => watch(options, store));

async function watch(options: MonitorOptions, store: Store | undefined): Promise<MonitorResult> {
  const progress = options.progress ?? silent;
  const bundle = await readBundle(options.model);
  const config = bundle.file.config as AttuneConfig;
  const stored = await storedReference(bundle, options);
  const [model] = await resolveSources([{ folder: options.model }]);
  const read = await readAllReviews(options.reviews, store);
  const counted = countedReviews(lastAnswers(read.reviews), await learnedReviews(options.model));
  const { reviews } = counted;
  const notes = [...read.notes, ...counted.notes];
  const { threads, sample = SAMPLE } = options;
  const predictor = await PredictorPool.open(withoutWriter(bundle), threads === undefined ? {} : { threads });
  const embedder = readsText(bundle.file.model) ? await embedWith(bundle.folder, threads) : undefined;
  const media = await openMediaEmbedder(bundle, { threads });
  try {
    const embedders = { texts: embedder?.embed, media };
    const shared = { bundle, config, predictor, embedders, sample, progress };
    const reference =
      stored ??
      (await observe({
        ...shared,
        files: options.reference!,
        slices: options.slices ?? [],
        trainedOn: KnownIds.sized(0),
        reviewed: new Set(),
        stage: 'Reading the reference',
      }));
    const now = await observe({
      ...shared,
      files: options.files,
      slices: reference.products.slices,
      trainedOn: stored?.trainedOn ?? KnownIds.sized(0),
      reviewed: new Set(reviews.map(({ product }) => product)),
      stage: 'Reading the current rows',
    });
    const seed = config.training.seed;
    const drift = compareAll(reference, now, { seed, ...options.compare });
    const accuracy = accuracyOf(bundle, reference.predictions, now, reviews);
    const time = (options.now ?? (() => Date.now() / 1000))();
    const check: Check = { time, signals: signalsOf(drift, accuracy) };
    const told = [...notes, ...drift.notes, ...now.notes];
    const { alerts, undelivered } = await raiseAlerts(
      check,
      options,
      { store, model: model! },
      (raised, failed) => monitoringReport(drift, accuracy, raised, [...told, ...failed]),
    );
    return { drift, accuracy, alerts, notes: [...told, ...undelivered] };
  } finally {
    await media?.close();
    await embedder?.close();
    await predictor.close();
  }
}

/** Texts that are written are not watched, and take long. */
const withoutWriter = (bundle: ReadBundle): ReadBundle => {
  const { generator: _, ...file } = bundle.file;
  return { ...bundle, file };
};

/** @throws monitoring/reference-invalid, monitoring/bad-option */
async function storedReference(
  { folder }: ReadBundle,
  { reference, slices }: MonitorOptions,
): Promise<Reference | undefined> {
  if (reference !== undefined) return undefined;
  if (slices !== undefined && slices.length > 0)
    throw monitoringError(
      'monitoring/bad-option',
      `What ${folder} keeps of its training is not told apart by ${slices.join(', ')}.`,
      { hint: 'Name the training files with --reference, and both sides are told apart.' },
    );
  const path = join(folder, REFERENCE_FILE);
  const text = await readFile(path, 'utf8').catch((cause) => {
    throw monitoringError('monitoring/reference-invalid', `${path} cannot be read.`, {
      cause,
      hint: 'Train the model again with this version, or name the training files with --reference.',
    });
  });
  return readReference(text, path);
}

type ObserveOptions = {
  readonly bundle: ReadBundle;
  readonly config: AttuneConfig;
  readonly files: readonly string[];
  /** Columns to find the slices of, or the slices of the reference. */
  readonly slices: readonly string[] | Summary['slices'];
  readonly predictor: Predictor;
  readonly embedders: Embedders;
  readonly sample: number;
  readonly trainedOn: KnownIds;
  /** Ids of products that are predicted whatever the sample. */
  readonly reviewed: ReadonlySet<string>;
  readonly stage: string;
  readonly progress: Progress;
};

type Observed = {
  readonly products: Summary;
  readonly predictions: Summary;
  readonly predicted: readonly Predicted[];
  readonly reviewed: readonly Predicted[];
  readonly notes: readonly string[];
};

async function observe(options: ObserveOptions): Promise<Observed> {
  const { bundle, config, files, predictor, sample, trainedOn, stage, progress } = options;
  progress({ kind: 'stage', stage, total: undefined });
  const catalog = await openCatalog({
    ...specOfConfig(config, { paths: files, split: false, absent: 'skip' }),
    progress,
  });
  let behaviour: Awaited<ReturnType<typeof openBehaviour>>;
  try {
    behaviour = await openBehaviour({
      config,
      ...encodingOf(bundle.file),
      products: () => catalog.products(),
      progress,
    });
    if (behaviour) catalog.completeWith(completedBy(behaviour.store));
    const rows = watchedRows(catalog);
    const slices: Slices = isColumns(options.slices)
      ? await slicesOf(config, rows, options.slices)
      : Object.fromEntries(Object.entries(options.slices).map(([name, parts]) => [name, Object.keys(parts)]));
    const columns = Object.keys(slices).filter((name) =>
      catalog.columns.some((column) => column.name === name),
    );
    const products = await summariseProducts(config, rows, columns.filter(notCategory), slices);
    const total = catalog.source.rowCount;
    progress({ kind: 'stage', stage: 'Predicting a sample', total });
    const all = await predictSample({
      rows,
      predictor,
      sample,
      total,
      skip: (key) => trainedOn.has(key),
      also: options.reviewed,
      onBatch: (done) => progress({ kind: 'advance', done }),
    });
    const predicted = all.filter(({ sampled }) => sampled);
    const predictions = await summarisePredictions(config, predicted, predictor, slices, options.embedders);
    return {
      products,
      predictions,
      predicted,
      reviewed: all.filter(({ row }) => options.reviewed.has(row.product.id)),
      notes: [
        ...catalog.warnings,
        ...(predicted.length > 0
          ? []
          : ['The model was trained on every row, so that what it says of them is not compared.']),
      ],
    };
  } finally {
    behaviour?.close();
    catalog.close();
  }
}

const notCategory = (name: string) => name !== 'category';
const isColumns = (slices: ObserveOptions['slices']): slices is readonly string[] => Array.isArray(slices);

function watchedRows(catalog: Catalog): Rows {
  return async function* () {
    for await (const batch of catalog.rows())
      yield batch.flatMap(({ product, own }) => (product === undefined ? [] : [{ product, own }]));
  };
}

function compareAll(
  reference: Pick<Reference, 'products' | 'predictions'>,
  now: Observed,
  options: CompareOptions,
): DriftReport {
  return mergedReports(
    [
      [reference.products, now.products],
      [reference.predictions, now.predictions],
    ],
    options,
  );
}

function accuracyOf(
  { file }: ReadBundle,
  before: Summary,
  { predicted, reviewed }: Observed,
  reviews: readonly ReviewRecord[],
): readonly WatchedAccuracy[] {
  const tested = file.metrics.test as readonly AttributeResult[];
  const byId = new Map(reviewed.map(({ row, prediction }) => [row.product.id as string, prediction]));
  return file.attributes
    .filter(({ schema }) => schema.kind !== 'generate')
    .map(({ schema: { name } }) => {
      const confidences = before.fields[confidenceField(name)];
      return watchAccuracy(
        name,
        predicted.map(({ prediction }) => prediction.attributes[name]!),
        reviews.flatMap(({ product, attribute, values, chance }) => {
          const prediction = attribute === name ? byId.get(product)?.attributes[name] : undefined;
          return prediction === undefined ? [] : [{ prediction, values, chance: chance! }];
        }),
        {
          confidence: confidences?.kind === 'number' ? meanOf(confidences.sample.values) : undefined,
          tested: tested.find(({ attribute }) => attribute === name)?.accuracy,
        },
      );
    });
}

function meanOf(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : values.reduce((a, b) => a + b, 0) / values.length;
}
