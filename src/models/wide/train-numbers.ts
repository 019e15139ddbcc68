/**
 * Trains the wide part of number attributes: small networks over a product's n-grams, learning the standardised numbers. Memory is
 * bounded: of a catalog whose vectors would not fit, the first ones of the stream are learned from.
 */
import { hash32 } from '../../base/random.ts';
import type { KnownLabel } from '../attribute/labels.ts';
import { standardise } from '../attribute/number-head.ts';
import type { NumberSpec } from '../attribute/spec.ts';
import { FeatureCounter, Vectorizer } from './features.ts';
import type { WideText } from './ngrams.ts';
import { WideNumberModel } from './number-model.ts';
import { averaged, type NumberLayers } from './number-network.ts';
import { type NetworkSettings, trainNumberNetwork } from './number-training.ts';
import { SparseRows } from './sparse-rows.ts';

export type WideNumberExample = WideText & {
  readonly labels: Readonly<Record<string, KnownLabel>>;
};

/** The same products at each call, well mixed. */
export type WideNumberStream = () => AsyncIterable<readonly WideNumberExample[]>;

export type WideNumberOptions = Omit<NetworkSettings, 'passes'> & {
  /** Products that must have an n-gram for it to be a feature. */
  readonly minProducts: number;
  /** Most features; the rarest are dropped. Each costs `hidden` weights in each network: 4 bytes each, and 8 more in the one that is trained. */
  readonly maxFeatures: number;
  /** Most n-grams of products that are kept while training. 8 bytes each. */
  readonly maxEntries: number;
  /** Products looked at in all: few products are looked at often, but no more than `maxPasses` times each. */
  readonly visits: number;
  readonly maxPasses: number;
  /** Networks with seeds of their own, whose mean answers: each is wrong by chance elsewhere. */
  readonly networks: number;
};

export const WIDE_NUMBER_DEFAULTS: Omit<WideNumberOptions, 'seed'> = {
  minProducts: 2,
  maxFeatures: 60_000,
  maxEntries: 8_000_000,
  visits: 60_000,
  maxPasses: 30,
  networks: 3,
  hidden: 64,
  batchSize: 32,
  learningRate: 2e-3,
  hide: 0.3,
  huber: 0.3,
};

/** What random numbers are for. */
const NETWORK = 0x4e7;

/** @param options - `seed`, and what differs from `WIDE_NUMBER_DEFAULTS` */
export async function trainWideNumbers(
  products: WideNumberStream,
  numbers: readonly NumberSpec[],
  options: Pick<WideNumberOptions, 'seed'> & Partial<WideNumberOptions>,
): Promise<WideNumberModel> {
  const settings = { ...WIDE_NUMBER_DEFAULTS, ...options };
  const { minProducts, maxFeatures, maxEntries, visits, maxPasses } = settings;
  const counter = new FeatureCounter();
  for await (const batch of products())
    for (const product of batch) if (hasNumber(numbers, product)) counter.add(product);
  const space = counter.space({ minProducts, limit: maxFeatures });
  const data = await rowsOf(products, numbers, new Vectorizer(space), maxEntries);
  const passes = Math.max(1, Math.min(maxPasses, Math.round(visits / Math.max(1, data.rows.count))));
  const networks: NumberLayers[] = [];
  for (let i = 0; i < settings.networks; i++)
    networks.push(
      await trainNumberNetwork(
        data,
        { features: space.buckets.length, numbers: numbers.length },
        { ...settings, passes, seed: hash32(settings.seed, NETWORK, i) },
      ),
    );
  return new WideNumberModel(numbers, { space, layers: averaged(networks) });
}

/** Letters: R rows, N numbers. */
type NumberRows = {
  readonly rows: SparseRows;
  /** `[R, N]`, standardised; NaN where a product has no number. */
  readonly targets: Float64Array;
};

async function rowsOf(
  products: WideNumberStream,
  numbers: readonly NumberSpec[],
  vectorizer: Vectorizer,
  maxEntries: number,
): Promise<NumberRows> {
  const rows = new SparseRows(maxEntries);
  const targets: number[] = [];
  const read = async () => {
    for await (const batch of products()) {
      for (const product of batch) {
        if (!hasNumber(numbers, product)) continue;
        if (!rows.add(vectorizer.vector(product))) return;
        for (const number of numbers) targets.push(targetOf(number, product));
      }
    }
  };
  await read();
  return { rows, targets: Float64Array.from(targets) };
}

const hasNumber = (numbers: readonly NumberSpec[], { labels }: WideNumberExample) =>
  numbers.some(({ attribute }) => labels[attribute]?.state === 'number');

function targetOf(number: NumberSpec, { labels }: WideNumberExample): number {
  const label = labels[number.attribute];
  return label?.state === 'number' ? standardise(number, label.value) : Number.NaN;
}
