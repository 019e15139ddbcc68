/** `attune predict`: any number of rows through a bundle, streamed, resumable, the input's own columns kept. */
import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname } from 'node:path';
import { type Progress, silent } from '../base/progress.ts';
import { type Catalog, type InputRow, openCatalog } from '../catalog/catalog.ts';
import { TableWriter } from '../catalog/output.ts';
import type { Product } from '../catalog/product.ts';
import type { CatalogSpec } from '../catalog/spec.ts';
import { specOfConfig } from '../catalog/spec-of-config.ts';
import { readBundle } from '../prediction/bundle.ts';
import { askedName, furtherOf } from '../prediction/bundle-predictor.ts';
import { givenAttributesOf } from '../prediction/bundle-reads.ts';
import type { Precision } from '../prediction/precision.ts';
import type {
  AttributePrediction,
  Predictor,
  ProductInput,
  ProductPrediction,
} from '../prediction/prediction.ts';
import { PredictorPool } from '../prediction/predictor-pool.ts';
import { mapInOrder } from '../serving/in-order.ts';
import { givenValues } from '../training/labelled.ts';
import {
  completedBy,
  type EventOptions,
  encodingOf,
  noteRejects,
  type OpenBehaviour,
  openBehaviour,
  requireBehaviour,
} from './behaviour.ts';
import type { AttuneConfig } from './config.ts';
import { mediaReject } from './media.ts';
import { type MoreColumns, outputColumns, outputRow } from './predicted-row.ts';
import { openSharedPredictor, type SharedPredictorOptions } from './shared-predict.ts';
import { tellPrecision } from './tell-precision.ts';

export type PredictFileOptions = {
  /** Folder of the bundle. */
  readonly model: string;
  readonly files: readonly string[];
  /** CSV, TSV, JSONL or Parquet, by its name. */
  readonly out: string;
  readonly overwrite?: boolean;
  /** Character encoding of the files, where it is not the one of the training files. */
  readonly encoding?: string;
  /** Text input -> the file that it stands in, in place of the one that training read (`inputs.NAME.path`). */
  readonly textFiles?: Readonly<Record<string, string>>;
  /** The event log, the shopper profiles and the time of the prediction, where they are not those of training. */
  readonly behaviour?: EventOptions;
  /** Further attributes to extract, by name or as "name: description"; training need not have seen any. */
  readonly ask?: readonly string[];
  readonly topK?: number;
  /** Whether each answer says what each modality contributed. */
  readonly contributions?: boolean;
  /** fp32 when left out. */
  readonly precision?: Precision;
  /** Processor threads, each with a model of its own; one a core when left out. Answers do not depend on it, but for rounding in fp32. */
  readonly threads?: number;
  /** Whether all workers on the same store with the same model share the work. */
  readonly distributed?: SharedPredictorOptions;
  readonly progress?: Progress;
  stopRequested?(): boolean;
};

export type PredictFileResult = {
  readonly rows: number;
  /** Rows that an earlier, stopped run had done. */
  readonly resumedRows: number;
  readonly rejected: number;
  /** The file that says which rows could not be read, and why; undefined when all could. */
  readonly rejects: string | undefined;
  /** Pictures and sounds that could not be read; their products were predicted without them. */
  readonly mediaProblems: number;
  readonly finished: boolean;
  /** Rows by attribute and status. */
  readonly statuses: Readonly<Record<string, Readonly<Record<AttributePrediction['status'], number>>>>;
};

/** Rows given to a model at once: enough that texts of equal length, which are computed together, fill batches. */
const WINDOW = 2048;
/** A smaller file is cut into so many windows a model, so that all end at about the same time. */
const WINDOWS_PER_MODEL = 4;
const SMALLEST_WINDOW = 256;
/** Windows under way for each model: one at work, one that waits. */
const AHEAD = 2;

/**
 * A run that was stopped goes on where it was, when called again with the same rows, model and settings.
 * @throws prediction/bundle-missing, prediction/nothing-to-ask, catalog/..., and what writing the output throws
 */
export async function predictFile(options: PredictFileOptions): Promise<PredictFileResult> {
  const progress = options.progress ?? silent;
  const bundle = await readBundle(options.model);
  const config = bundle.file.config as AttuneConfig;
  const { files: paths, textFiles, behaviour: eventOptions = {} } = options;
  const given = givenAttributesOf(bundle);
  requireBehaviour(config, eventOptions);
  const spec = {
    ...specOfConfig(config, {
      paths,
      textFiles,
      at: eventOptions.at === undefined && eventOptions.events !== false,
      split: false,
      labels: given,
      absent: 'skip',
    }),
    ...(options.encoding === undefined ? {} : { encoding: options.encoding }),
  };
  const catalog = await openCatalog({ ...spec, progress });
  const total = catalog.source.rowCount;
  let behaviour: Awaited<ReturnType<typeof openBehaviour>>;
  try {
    behaviour = await openBehaviour({
      ...eventOptions,
      config,
      ...encodingOf(bundle.file),
      products: () => catalog.products(),
      progress,
    });
    if (behaviour) {
      catalog.completeWith(completedBy(behaviour.store));
      await noteRejects(catalog, behaviour);
    }
    for (const text of [...catalog.warnings, ...(behaviour?.warnings ?? [])])
      progress({ kind: 'warning', text });
    const { precision = 'fp32', topK = 0, contributions = false, threads = availableParallelism() } = options;
    tellPrecision(bundle, precision, progress);
    const more = { topK, contributions };
    const ask = furtherOf(bundle.file, options.ask ?? []);
    const key = createHash('sha256')
      .update(
        JSON.stringify([
          bundle.file.fingerprint,
          inputsOf(catalog, spec, behaviour),
          eventOptions.at,
          spec.encoding,
          topK,
          contributions,
          ask,
          total,
          precision,
        ]),
      )
      .digest('hex');
    const writer = await TableWriter.open(
      options.out,
      outputColumns(catalog.columns, bundle.file, more, ask.map(askedName)),
      {
        overwrite: options.overwrite ?? false,
        resume: key,
      },
    );
    const names = [...ask.map(askedName), ...bundle.file.attributes.map(({ schema }) => schema.name)];
    const statuses: Statuses = Object.fromEntries(
      names.map((name) => [name, { auto: 0, review: 0, abstain: 0 }]),
    );
    let stopped = false;
    let mediaProblems = 0;
    try {
      const size = windowSize(total, threads);
      const mostModels = Math.max(1, Math.ceil((total - writer.resumedRows) / size));
      const predictor = options.distributed
        ? await openSharedPredictor(bundle, { ...options.distributed, precision, threads, progress })
        : await PredictorPool.open(bundle, { precision, threads, mostModels });
      try {
        progress({ kind: 'stage', stage: 'Predicting', total });
        const goOn = () => {
          stopped ||= options.stopRequested?.() ?? false;
          return !stopped;
        };
        const windows = regrouped(catalog.rows(writer.resumedRows), size, goOn);
        const continues = catalog.layout.kind === 'shopify';
        const predicted = mapInOrder(windows, AHEAD * predictor.parallel, (rows) =>
          predictRows(predictor, rows, { ...more, ask, continues, given, columns: labelColumns(config) }),
        );
        for await (const rows of predicted) {
          for (const { prediction } of rows) count(statuses, prediction);
          mediaProblems += await noteMedia(catalog, rows);
          await writer.write(rows.map(({ row, prediction }) => outputRow(row, prediction, more)));
          await writer.checkpoint();
          progress({ kind: 'advance', done: writer.rows });
        }
      } finally {
        await predictor.close();
      }
      if (stopped) await writer.abort();
      else await writer.commit();
    } catch (cause) {
      await writer.abort();
      throw cause;
    }
    const rejects = await rejectsFile(catalog, options.out, mediaProblems + (behaviour?.unread ?? 0));
    const rejected = Object.values(catalog.rejectCounts).reduce((a: number, b) => a + (b ?? 0), 0);
    return {
      rows: writer.rows,
      resumedRows: writer.resumedRows,
      rejected,
      rejects,
      mediaProblems,
      finished: !stopped,
      statuses,
    };
  } finally {
    behaviour?.close();
    catalog.close();
  }
}

async function rejectsFile(catalog: Catalog, out: string, problems: number): Promise<string | undefined> {
  if (Object.keys(catalog.rejectCounts).length === 0 && problems === 0) return undefined;
  const path = `${out}.rejects.csv`;
  await catalog.writeRejects(path);
  return path;
}

function windowSize(rows: number, threads: number): number {
  return Math.max(SMALLEST_WINDOW, Math.min(WINDOW, Math.ceil(rows / (WINDOWS_PER_MODEL * threads))));
}

/** The same rows, `size` at a time, as long as `goOn` says so. */
async function* regrouped(
  chunks: AsyncIterable<readonly InputRow[]>,
  size: number,
  goOn: () => boolean,
): AsyncGenerator<readonly InputRow[]> {
  let held: InputRow[] = [];
  for await (const chunk of chunks) {
    for (const row of chunk) {
      held.push(row);
      if (held.length < size) continue;
      if (!goOn()) return;
      yield held;
      held = [];
    }
  }
  if (held.length > 0 && goOn()) yield held;
}

/** What tells the files from others of the same names. */
function inputsOf(
  { source }: Catalog,
  { texts }: CatalogSpec,
  behaviour: OpenBehaviour | undefined,
): readonly unknown[] {
  const others = texts.flatMap(({ from }) => (from === undefined ? [] : [from.path]));
  return [...source.files.map(({ path }) => path), ...others, ...(behaviour?.log.files ?? [])].map((path) => {
    const { size, mtimeMs } = statSync(path);
    return [path, size, mtimeMs];
  });
}

type PredictedRow = { readonly row: InputRow; readonly prediction: ProductPrediction | undefined };

/** Attribute -> the column that has its values, where it has one. */
function labelColumns({
  data,
  attributes,
}: AttuneConfig): readonly (readonly [name: string, column: string])[] {
  if (data.layout !== 'columns') return [];
  return Object.entries(attributes).map(([name, { column }]) => [name, column ?? name]);
}

type RowOptions = MoreColumns & {
  readonly ask: readonly string[];
  /** Whether a row without a product is a further row of the product above it, and stays empty. */
  readonly continues: boolean;
  /** Attributes whose values are read where the file has them. */
  readonly given: readonly string[];
  readonly columns: ReturnType<typeof labelColumns>;
};

async function predictRows(
  predictor: Pick<Predictor, 'predict'>,
  rows: readonly InputRow[],
  { topK, contributions, ask, continues, given, columns }: RowOptions,
): Promise<readonly PredictedRow[]> {
  const asked = continues ? rows.filter(({ product }) => product !== undefined) : rows;
  const products = asked.map(({ product, own }) => ({
    known: columns.flatMap(([name, column]) => (isFilled(own[column]) ? [name] : [])),
    ...(product ? { id: product.id as string } : {}),
    ...(product?.category === undefined ? {} : { category: product.category }),
    texts: product?.texts ?? {},
    ...(given.length > 0 && product ? { values: givenValues(product, given) } : {}),
    ...mediaOf(product),
    ...(product?.table ? { table: product.table } : {}),
    ...(product?.behaviour ? { behaviour: product.behaviour } : {}),
  }));
  const predictions = await predictor.predict(products, { topK, contributions, ask });
  const predicted = new Map(asked.map((row, i) => [row, predictions[i]!]));
  return rows.map((row) => ({ row, prediction: predicted.get(row) }));
}

/** Lists the pictures and sounds that could not be read among the rejects. @returns how many */
async function noteMedia(catalog: Catalog, rows: readonly PredictedRow[]): Promise<number> {
  const problems = rows.flatMap(({ row, prediction }) =>
    (prediction?.problems ?? []).map((problem) => mediaReject(row.product!.source, problem)),
  );
  await catalog.note(problems);
  return problems.length;
}

/** Paths of pictures and sounds are relative to the file that names them. */
function mediaOf(product: Product | undefined): Pick<ProductInput, 'media'> {
  if (product?.media === undefined) return {};
  return { media: { cells: product.media, root: dirname(product.source.file) } };
}

const isFilled = (cell: unknown) => cell !== null && cell !== undefined && String(cell).trim() !== '';

type Statuses = Record<string, Record<AttributePrediction['status'], number>>;

function count(statuses: Statuses, prediction: ProductPrediction | undefined): void {
  for (const [name, { status }] of Object.entries(prediction?.attributes ?? {})) statuses[name]![status]++;
}
