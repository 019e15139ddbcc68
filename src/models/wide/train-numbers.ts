/**
 * Trains the wide part of number attributes: ridge regression of the standardised numbers. The penalty is chosen on a part of the
 * training products by what the others say of it, and all are fitted with it. Memory is bounded: of a catalog whose vectors
 * would not fit, the first ones of the stream are learned from.
 */
import type { KnownLabel } from '../attribute/labels.ts';
import { standardise } from '../attribute/number-head.ts';
import type { NumberSpec } from '../attribute/spec.ts';
import { FeatureCounter, Vectorizer } from './features.ts';
import type { WideText } from './ngrams.ts';
import { WideNumberModel } from './number-model.ts';
import { type RidgeSolution, solveRidge } from './ridge.ts';
import { SparseRows } from './sparse-rows.ts';

export type WideNumberExample = WideText & {
  readonly labels: Readonly<Record<string, KnownLabel>>;
  /** Whether the product judges penalties; variants of one product say the same. */
  readonly judges: boolean;
};

/** The same products at each call, well mixed. */
export type WideNumberStream = () => AsyncIterable<readonly WideNumberExample[]>;

export type WideNumberOptions = {
  /** Products that must have an n-gram for it to be a feature. */
  readonly minProducts: number;
  /** Penalties that are tried, ascending. */
  readonly penalties: readonly number[];
  /** Most weights that are solved for at once, over all penalties; features are dropped, the rarest first. 32 bytes each. */
  readonly maxWeights: number;
  /** Most n-grams of products that are kept while solving. 8 bytes each. */
  readonly maxEntries: number;
};

export const WIDE_NUMBER_DEFAULTS: WideNumberOptions = {
  minProducts: 2,
  penalties: [0.03, 0.1, 0.3, 1, 3, 10, 30],
  maxWeights: 4_000_000,
  maxEntries: 8_000_000,
};

export async function trainWideNumbers(
  products: WideNumberStream,
  numbers: readonly NumberSpec[],
  options: Partial<WideNumberOptions> = {},
): Promise<WideNumberModel> {
  const { minProducts, penalties, maxWeights, maxEntries } = { ...WIDE_NUMBER_DEFAULTS, ...options };
  const counter = new FeatureCounter();
  for await (const batch of products())
    for (const product of batch) if (hasNumber(numbers, product)) counter.add(product);
  const limit = Math.floor(maxWeights / (numbers.length * penalties.length));
  const space = counter.space({ minProducts, limit });
  const data = await rowsOf(products, numbers, new Vectorizer(space), maxEntries);
  const features = space.buckets.length;
  const best = penaltiesOf(data, features, penalties, numbers.length);
  const { weights, bias } = solveRidge({ rows: data.rows, features, targets: data.targets, penalties: best });
  return new WideNumberModel(numbers, {
    space,
    weights: Float32Array.from(weights),
    bias: Float32Array.from(bias),
  });
}

/** Letters: R rows, N numbers. */
type NumberRows = {
  readonly rows: SparseRows;
  /** `[R, N]`, standardised; NaN where a product has no number. */
  readonly targets: Float64Array;
  /** By row. */
  readonly judges: readonly boolean[];
};

async function rowsOf(
  products: WideNumberStream,
  numbers: readonly NumberSpec[],
  vectorizer: Vectorizer,
  maxEntries: number,
): Promise<NumberRows> {
  const rows = new SparseRows(maxEntries);
  const targets: number[] = [];
  const judges: boolean[] = [];
  const read = async () => {
    for await (const batch of products()) {
      for (const product of batch) {
        if (!hasNumber(numbers, product)) continue;
        if (!rows.add(vectorizer.vector(product))) return;
        for (const number of numbers) targets.push(targetOf(number, product));
        judges.push(product.judges);
      }
    }
  };
  await read();
  return { rows, targets: Float64Array.from(targets), judges };
}

const hasNumber = (numbers: readonly NumberSpec[], { labels }: WideNumberExample) =>
  numbers.some(({ attribute }) => labels[attribute]?.state === 'number');

function targetOf(number: NumberSpec, { labels }: WideNumberExample): number {
  const label = labels[number.attribute];
  return label?.state === 'number' ? standardise(number, label.value) : Number.NaN;
}

/** For each number the penalty with the least mean absolute error on the judges; of equals the larger. */
function penaltiesOf(
  { rows, targets, judges }: NumberRows,
  features: number,
  penalties: readonly number[],
  numbers: number,
): readonly number[] {
  const width = numbers * penalties.length;
  const spread = new Float64Array(rows.count * width);
  for (let at = 0; at < spread.length; at++) {
    const row = Math.floor(at / width);
    const number = Math.floor((at % width) / penalties.length);
    spread[at] = judges[row] ? Number.NaN : targets[row * numbers + number]!;
  }
  const tried = Array.from({ length: width }, (_, c) => penalties[c % penalties.length]!);
  const errors = errorsOn(
    { rows, targets, judges },
    solveRidge({ rows, features, targets: spread, penalties: tried }),
    numbers,
  );
  return Array.from({ length: numbers }, (_, n) => {
    const own = errors.subarray(n * penalties.length, (n + 1) * penalties.length);
    return penalties[own.lastIndexOf(Math.min(...own))]!;
  });
}

/** Summed absolute errors of the judges, `[N x penalties]`. */
function errorsOn(
  { rows, targets, judges }: NumberRows,
  { weights, bias }: RidgeSolution,
  numbers: number,
): Float64Array {
  const errors = new Float64Array(bias.length);
  const outputs = new Float64Array(bias.length);
  const penalties = bias.length / numbers;
  for (let row = 0; row < rows.count; row++) {
    if (!judges[row]) continue;
    outputs.set(bias);
    rows.multiply(row, weights, outputs);
    for (let c = 0; c < errors.length; c++) {
      const target = targets[row * numbers + Math.floor(c / penalties)]!;
      if (!Number.isNaN(target)) errors[c]! += Math.abs(outputs[c]! - target);
    }
  }
  return errors;
}
