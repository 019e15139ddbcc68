/** A catalog summed up for watching: its products, and what a model says of a sample of them. */
import { createHash } from 'node:crypto';
import { dirname } from 'node:path';
import { hashString } from '../base/random.ts';
import type { Product } from '../catalog/product.ts';
import { heavyValues } from '../features/numbers/heavy-values.ts';
import type { FieldDefinition, Observed } from '../monitoring/summary/field.ts';
import {
  CATEGORY_FIELD,
  predictionFields,
  productFields,
  type WatchedRow,
} from '../monitoring/summary/observe-product.ts';
import { Summariser, type Summary } from '../monitoring/summary/summarise.ts';
import { unit } from '../monitoring/summary/word-vector.ts';
import type { MediaEmbedder } from '../prediction/media-embedder.ts';
import type { Predictor, ProductPrediction } from '../prediction/prediction.ts';
import type { AttuneConfig } from './config.ts';

export type Slices = Readonly<Record<string, readonly string[]>>;

/** Rows of a catalog, as often as they are asked for. */
export type Rows = () => AsyncIterable<readonly WatchedRow[]>;

/** Values of a slice that are watched by themselves: the most frequent. */
const SLICE_VALUES = 20;
/** A part with fewer rows says too little. */
const LEAST_SLICE_ROWS = 50;
const SEED = 0x0b5;

/** The parts of the rows that are worth a look of their own. @param columns - beside the category */
export async function slicesOf(
  config: AttuneConfig,
  rows: Rows,
  columns: readonly string[],
): Promise<Slices> {
  const names = [...(config.data.category === undefined ? [] : [CATEGORY_FIELD]), ...columns];
  const fields = productFields(config, columns).filter(({ name }) => names.includes(name));
  const counts = new Map(names.map((name) => [name, heavyValues(SLICE_VALUES)]));
  for await (const batch of rows())
    for (const row of batch)
      for (const { name, of } of fields) {
        const value = of(row);
        if (typeof value === 'string') counts.get(name)!.add(value);
      }
  return Object.fromEntries(
    [...counts].map(([name, heavy]) => [
      name,
      heavy
        .counts()
        .slice(0, SLICE_VALUES)
        .filter(([, count]) => count >= LEAST_SLICE_ROWS)
        .map(([value]) => value),
    ]),
  );
}

/** One pass. @param columns - of the file, watched beside what the config reads */
export async function summariseProducts(
  config: AttuneConfig,
  rows: Rows,
  columns: readonly string[],
  slices: Slices,
): Promise<Summary> {
  const fields = productFields(config, columns);
  const summariser = new Summariser({ fields, slices, seed: SEED });
  for await (const batch of rows())
    for (const row of batch)
      summariser.add({
        id: row.product.id,
        fields: Object.fromEntries(fields.map(({ name, of }) => [name, of(row)])),
      });
  return summariser.summary();
}

export type Predicted = {
  readonly row: WatchedRow;
  readonly prediction: ProductPrediction;
  /** Whether it is of the sample, not only among those that were wanted besides. */
  readonly sampled: boolean;
};

/** Embeds texts: `[width]` each. */
export type EmbedTexts = (texts: readonly string[]) => Promise<readonly Float32Array[]>;

export type PredictSampleOptions = {
  readonly rows: Rows;
  readonly predictor: Predictor;
  /** About how many rows to predict, and how many there are to choose from. */
  readonly sample: number;
  readonly total: number;
  /** Rows to leave out by their `contentKey`: those that the model was trained on. */
  readonly skip: (key: string) => boolean;
  /** Ids of further products to predict; none of those that are left out. */
  readonly also?: ReadonlySet<string>;
  readonly onBatch?: (done: number) => void;
};

/** Tells a product by what it says, whatever it is called: a model knows what it read, not which id it had. */
export const contentKey = ({ texts, table, category, media }: Product) =>
  JSON.stringify([texts, table, category, ...(media ? [filesOf(media)] : [])]);

/** Files as the catalog names them; bytes by their hash. */
const filesOf = (media: NonNullable<Product['media']>) =>
  Object.entries(media).map(([field, cells]) => [
    field,
    cells.map((cell) => (typeof cell === 'string' ? cell : createHash('sha256').update(cell).digest('hex'))),
  ]);

/** Which rows are predicted is a function of what they say, so that two periods are sampled alike. */
export async function predictSample(options: PredictSampleOptions): Promise<readonly Predicted[]> {
  const { predictor, sample, total, skip, also } = options;
  const chance = sample / Math.max(1, total);
  const predicted: Predicted[] = [];
  let seen = 0;
  for await (const batch of options.rows()) {
    seen += batch.length;
    const chosen = batch.flatMap((row) => {
      const key = contentKey(row.product);
      const sampled = hashString(key, SEED) / 2 ** 32 < chance;
      return (sampled || also?.has(row.product.id)) && !skip(key) ? [{ row, sampled }] : [];
    });
    const predictions = await predictor.predict(
      chosen.map(({ row }) => inputOf(row.product)),
      { topK: MOST_ALTERNATIVES },
    );
    for (const [i, one] of chosen.entries()) predicted.push({ ...one, prediction: predictions[i]! });
    options.onBatch?.(seen);
  }
  return predicted;
}

const MOST_ALTERNATIVES = 50;

function inputOf({ id, category, texts, media, table, behaviour, source }: Product) {
  return {
    id,
    ...(category === undefined ? {} : { category }),
    texts,
    ...(media === undefined ? {} : { media: { cells: media, root: dirname(source.file) } }),
    ...(table === undefined ? {} : { table }),
    ...(behaviour === undefined ? {} : { behaviour }),
  };
}

/** What the model's own encoders make of products; left out where it reads no text, or no pictures and sounds. */
export type Embedders = {
  readonly texts?: EmbedTexts | undefined;
  readonly media?: Pick<MediaEmbedder, 'fields' | 'embed'> | undefined;
};

const embeddingField = (field: string) => `${field} (embedding)`;
/** Products that are embedded, which takes the time of predicting them. */
const EMBEDDED = 1000;

export async function summarisePredictions(
  config: AttuneConfig,
  predicted: readonly Predicted[],
  predictor: Pick<Predictor, 'attributes' | 'fields'>,
  slices: Slices,
  embedders: Embedders,
): Promise<Summary> {
  const columns = Object.keys(slices).filter((name) => name !== CATEGORY_FIELD);
  const sliceFields = productFields(config, columns).filter(({ name }) => name in slices);
  const fields = predictionFields(predictor.attributes);
  const summariser = new Summariser({ fields, slices, seed: SEED });
  for (const { row, prediction } of predicted) {
    const observed: [string, Observed][] = [
      ...sliceFields.map(({ name, of }): [string, Observed] => [name, of(row)]),
      ...fields.map(({ name, of }): [string, Observed] => [name, of(prediction)]),
    ];
    summariser.add({ id: row.product.id, fields: Object.fromEntries(observed) });
  }
  const summary = summariser.summary();
  const vectors = await embeddingSummary(predicted.slice(0, EMBEDDED), predictor.fields, embedders);
  return { ...summary, fields: { ...summary.fields, ...vectors.fields } };
}

async function embeddingSummary(
  predicted: readonly Predicted[],
  fields: readonly string[],
  { texts: embedTexts, media }: Embedders,
): Promise<Summary> {
  const vectors: Record<string, readonly Observed[]> = {};
  const definitions: FieldDefinition[] = [];
  if (embedTexts !== undefined) {
    const name = embeddingField('text');
    definitions.push({ name, kind: 'vector', modality: 'text' });
    vectors[name] = await embedTexts(
      predicted.map(({ row }) => fields.map((field) => row.product.texts[field] ?? '').join('\n')),
    );
  }
  if (media !== undefined) {
    const made = await media.embed(predicted.map(({ row }) => inputOf(row.product).media));
    for (const { name: field, kind } of media.fields) {
      const name = embeddingField(field);
      definitions.push({ name, kind: 'vector', modality: kind });
      vectors[name] = made[field]!.map((vector) => vector && unit(vector));
    }
  }
  const summariser = new Summariser({ fields: definitions, seed: SEED });
  for (const [i, { row }] of predicted.entries())
    summariser.add({
      id: row.product.id,
      fields: Object.fromEntries(definitions.map(({ name }) => [name, vectors[name]![i]])),
    });
  return summariser.summary();
}
