/**
 * A number as a vector: whether it is missing, its place among the training data's numbers, and its piecewise-linear
 * encoding. What is learned is plain data, made of the training rows alone and of no label.
 *
 * @see Gorishniy, Rubachev and Babenko 2022, "On Embeddings for Numerical Features in Tabular Deep Learning",
 * https://arxiv.org/abs/2203.05556, sections 3.1 and 3.2.1. The paper lets the outermost bins go beyond 0 and 1; ours clamp, so that a price
 * with a slipped decimal point cannot shout everything else down.
 */
import type { DecimalMark } from '../../catalog/values/numbers.ts';
import { normaliseQuantity } from '../../catalog/values/quantity.ts';
import { firstAtLeast, quantileSketch } from './quantile-sketch.ts';

/** What was learned of a number input; JSON. */
export type NumberEncoding = {
  /** Symbol of the unit that every cell is converted to; null when numbers are bare. */
  readonly unit: string | null;
  readonly decimal: DecimalMark;
  /** The training data's quantiles at even ranks from 0 to 1, not falling; empty when there was no number. */
  readonly quantiles: readonly number[];
  /** Rising, one more than there are bins; empty when the number was always the same. */
  readonly edges: readonly number[];
};

export type NumberOptions = {
  /** Symbol of a unit (see `UNIT_SYMBOLS`). */
  readonly unit?: string | undefined;
  /** How "1,234" is read. */
  readonly decimal?: DecimalMark | undefined;
  /** At most so many; fewer where many numbers are equal. */
  readonly bins?: number | undefined;
  readonly seed?: number | undefined;
};

const BINS = 16;
const QUANTILES = 257;
/** Makes a uniform share of unit variance. */
const UNIFORM_SCALE = Math.sqrt(12);

export type NumberCell =
  | { readonly state: 'number'; readonly value: number }
  | { readonly state: 'missing' }
  | { readonly state: 'unreadable'; readonly reason: string };

/** A cell as a number in the unit; "12.5 kg", "1.299,00", "0,45" and numbers are read. */
export function readNumber(
  cell: string | number | null | undefined,
  {
    unit,
    decimal = 'point',
  }: { readonly unit?: string | null | undefined; readonly decimal?: DecimalMark | undefined },
): NumberCell {
  if (typeof cell === 'number') {
    return Number.isFinite(cell) ? { state: 'number', value: cell } : { state: 'missing' };
  }
  if (cell === null || cell === undefined || cell.trim() === '') return { state: 'missing' };
  const quantity = normaliseQuantity(cell, unit ?? undefined, decimal);
  return quantity.ok
    ? { state: 'number', value: quantity.value }
    : { state: 'unreadable', reason: quantity.reason };
}

export type NumberFit = {
  /** Takes one training row's cell; returns how it was read. */
  readonly add: (cell: string | number | null | undefined) => NumberCell;
  readonly finish: () => NumberEncoding;
};

/** Learns an encoding from a stream of training cells, in memory that does not grow with them. */
export function fitNumber({ unit, decimal = 'point', bins = BINS, seed = 0 }: NumberOptions = {}): NumberFit {
  const sketch = quantileSketch(seed);
  const add = (cell: string | number | null | undefined): NumberCell => {
    const read = readNumber(cell, { unit, decimal });
    if (read.state === 'number') sketch.add(read.value);
    return read;
  };
  const finish = (): NumberEncoding => {
    const known = { unit: unit ?? null, decimal };
    if (sketch.count() === 0) return { ...known, quantiles: [], edges: [] };
    const quantiles = sketch.quantiles(evenRanks(QUANTILES));
    const edges = [...new Set(sketch.quantiles(evenRanks(bins + 1)))].sort((a, b) => a - b);
    return { ...known, quantiles, edges: edges.length > 1 ? edges : [] };
  };
  return { add, finish };
}

function evenRanks(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i / (count - 1));
}

/** What each place of the vector is, e.g. `missing`, `place`, `above 10`. */
export function numberNames({ edges }: NumberEncoding): string[] {
  return ['missing', 'place', ...edges.slice(0, -1).map((edge) => `above ${Number(edge.toPrecision(6))}`)];
}

/**
 * @param value - in the encoding's unit; undefined when missing or unreadable
 * @returns [2 + bins] float32: 1 when missing (then all others are 0); the quantile transform, uniform, of mean 0 and
 * variance 1 on the training data, within +-1.74; and for each bin how far the number goes into it, 0 to 1
 */
export function encodeNumber(value: number | undefined, encoding: NumberEncoding): Float32Array {
  const { quantiles, edges } = encoding;
  const out = new Float32Array(2 + Math.max(0, edges.length - 1));
  if (value === undefined || Number.isNaN(value)) {
    out[0] = 1;
    return out;
  }
  if (quantiles.length > 0) out[1] = (quantileOf(value, quantiles) - 0.5) * UNIFORM_SCALE;
  for (let bin = 0; bin + 1 < edges.length; bin++) {
    const [low, high] = [edges[bin]!, edges[bin + 1]!];
    out[2 + bin] = Math.min(1, Math.max(0, (value - low) / (high - low)));
  }
  return out;
}

/**
 * The share of the training data below a value, 0 to 1, as scikit-learn's QuantileTransformer: linear between quantiles; a
 * value that many rows share gets the middle of its ranks.
 */
export function quantileOf(value: number, quantiles: readonly number[]): number {
  const last = quantiles.length - 1;
  if (last === 0 || quantiles[0] === quantiles[last]) return 0.5;
  if (value <= quantiles[0]!) return 0;
  if (value >= quantiles[last]!) return 1;
  const from = firstAtLeast(quantiles, value);
  if (quantiles[from] !== value) {
    const [low, high] = [quantiles[from - 1]!, quantiles[from]!];
    return (from - 1 + (value - low) / (high - low)) / last;
  }
  let to = from;
  while (quantiles[to + 1] === value) to++;
  return (from + to) / 2 / last;
}
