/**
 * The network of the wide part of numbers: two hidden layers over a product's sparse vector, by which words change what other
 * words are worth. Small and sparse, so it is computed here rather than in a graph.
 *
 * Letters: F features, H hidden units, N numbers.
 */
import type { SparseVector } from './features.ts';

/** Row-major float32. */
export type NumberLayers = {
  /** `[F, H]` and `[H]` */
  readonly inner: Float32Array;
  readonly innerBias: Float32Array;
  /** `[H, H]` and `[H]` */
  readonly middle: Float32Array;
  readonly middleBias: Float32Array;
  /** `[H, N]` and `[N]` */
  readonly outer: Float32Array;
  readonly outerBias: Float32Array;
};

/**
 * The mean of several networks of one shape, as one network: their hidden units side by side, none of which reads another's.
 * @param networks - one or more
 */
export function averaged(networks: readonly NumberLayers[]): NumberLayers {
  const count = networks.length;
  const width = networks[0]!.innerBias.length;
  // Each row of a network beside the same row of the others.
  const beside = (layer: 'inner' | 'innerBias' | 'middleBias') => {
    const rows = networks[0]![layer].length / width;
    const joined = new Float32Array(rows * count * width);
    for (let row = 0; row < rows; row++)
      for (const [n, network] of networks.entries())
        joined.set(network[layer].subarray(row * width, (row + 1) * width), (row * count + n) * width);
    return joined;
  };
  const middle = new Float32Array((count * width) ** 2);
  for (const [n, network] of networks.entries())
    for (let row = 0; row < width; row++) {
      const at = (n * width + row) * count * width + n * width;
      middle.set(network.middle.subarray(row * width, (row + 1) * width), at);
    }
  const share = (values: Float32Array) => Array.from(values, (value) => value / count);
  return {
    inner: beside('inner'),
    innerBias: beside('innerBias'),
    middle,
    middleBias: beside('middleBias'),
    outer: Float32Array.from(networks.flatMap(({ outer }) => share(outer))),
    outerBias: networks[0]!.outerBias.map((_, i) =>
      networks.reduce((sum, { outerBias }) => sum + outerBias[i]! / count, 0),
    ),
  };
}

/** Room for what a forward pass computes on the way. */
export class Activations {
  readonly first: Float32Array;
  readonly second: Float32Array;
  readonly out: Float32Array;

  constructor({ innerBias, middleBias, outerBias }: NumberLayers) {
    this.first = new Float32Array(innerBias.length);
    this.second = new Float32Array(middleBias.length);
    this.out = new Float32Array(outerBias.length);
  }
}

/** Fills `into`; `into.out` holds the standardised values `[N]`. */
export function forward(
  layers: NumberLayers,
  { columns, values, length }: SparseVector,
  into: Activations,
): void {
  const { inner, innerBias, middle, middleBias, outer, outerBias } = layers;
  const { first, second, out } = into;
  const width = first.length;
  first.set(innerBias);
  for (let i = 0; i < length; i++) {
    const value = values[i]!;
    const at = columns[i]! * width;
    for (let h = 0; h < width; h++) first[h]! += value * inner[at + h]!;
  }
  rectify(first);
  second.set(middleBias);
  addProduct(first, middle, second);
  rectify(second);
  out.set(outerBias);
  addProduct(second, outer, out);
}

function rectify(values: Float32Array): void {
  for (let i = 0; i < values.length; i++) if (values[i]! < 0) values[i] = 0;
}

/** y += x M. @param matrix - `[inputs, outputs]` */
function addProduct(x: Float32Array, matrix: Float32Array, y: Float32Array): void {
  const width = y.length;
  for (let i = 0; i < x.length; i++) {
    const value = x[i]!;
    if (value === 0) continue;
    for (let o = 0; o < width; o++) y[o]! += value * matrix[i * width + o]!;
  }
}

/** Gradients of a batch, added up: of the dense layers whole, of `inner` the rows of features that occurred. */
export class BatchGradient {
  readonly dense: Readonly<Record<Exclude<keyof NumberLayers, 'inner'>, Float32Array>>;
  /** Features that occurred, each once. */
  readonly features: number[] = [];
  /** By feature: its place in `features`, plus 1; 0 for those that did not occur. */
  readonly #places: Int32Array;
  readonly #width: number;
  #inner = new Float32Array(1 << 16);

  constructor({ inner, innerBias, middle, middleBias, outer, outerBias }: NumberLayers) {
    const like = ({ length }: Float32Array) => new Float32Array(length);
    this.dense = {
      innerBias: like(innerBias),
      middle: like(middle),
      middleBias: like(middleBias),
      outer: like(outer),
      outerBias: like(outerBias),
    };
    this.#width = innerBias.length;
    this.#places = new Int32Array(inner.length / this.#width);
  }

  /** The gradient of a feature's row of `inner`, `[H]`: a view. */
  of(feature: number): Float32Array {
    const width = this.#width;
    const known = this.#places[feature]!;
    const place = known > 0 ? known - 1 : this.#newPlace(feature);
    return this.#inner.subarray(place * width, (place + 1) * width);
  }

  clear(): void {
    for (const gradient of Object.values(this.dense)) gradient.fill(0);
    this.#inner.fill(0, 0, this.features.length * this.#width);
    for (const feature of this.features) this.#places[feature] = 0;
    this.features.length = 0;
  }

  #newPlace(feature: number): number {
    const place = this.features.push(feature) - 1;
    this.#places[feature] = place + 1;
    const needed = (place + 1) * this.#width;
    if (needed > this.#inner.length) {
      const larger = new Float32Array(2 * needed);
      larger.set(this.#inner);
      this.#inner = larger;
    }
    return place;
  }
}

/**
 * Adds a product's gradients of Huber's loss: e^2 / (2 huber) of an error e up to `huber`, |e| - huber / 2 beyond.
 * @param targets - `[N]`, standardised; NaN is not learned from
 * @param room - overwritten
 */
export function addGradient(
  layers: NumberLayers,
  vector: SparseVector,
  targets: ArrayLike<number>,
  huber: number,
  { gradient, room }: { readonly gradient: BatchGradient; readonly room: Activations },
): void {
  forward(layers, vector, room);
  const { dense } = gradient;
  const slopes = room.out.map((said, n) => {
    const error = said - targets[n]!;
    return Number.isNaN(error) ? 0 : Math.max(-1, Math.min(1, error / huber));
  });
  const atSecond = back(room.second, layers.outer, slopes, dense.outer, dense.outerBias);
  const atFirst = back(room.first, layers.middle, atSecond, dense.middle, dense.middleBias);
  for (let h = 0; h < atFirst.length; h++) dense.innerBias[h]! += atFirst[h]!;
  for (let i = 0; i < vector.length; i++) {
    const value = vector.values[i]!;
    const row = gradient.of(vector.columns[i]!);
    for (let h = 0; h < row.length; h++) row[h]! += value * atFirst[h]!;
  }
}

/**
 * Through a dense layer: adds to the gradients of its weights and biases.
 * @param x - what went in, `[inputs]`, rectified; @param upstream - `[outputs]`
 * @returns the gradient before the rectifier that gave x, `[inputs]`
 */
function back(
  x: Float32Array,
  weights: Float32Array,
  upstream: Float32Array,
  weightGradient: Float32Array,
  biasGradient: Float32Array,
): Float32Array {
  const width = upstream.length;
  const result = new Float32Array(x.length);
  for (let o = 0; o < width; o++) biasGradient[o]! += upstream[o]!;
  for (let i = 0; i < x.length; i++) {
    const value = x[i]!;
    if (value <= 0) continue;
    let sum = 0;
    for (let o = 0; o < width; o++) {
      weightGradient[i * width + o]! += value * upstream[o]!;
      sum += weights[i * width + o]! * upstream[o]!;
    }
    result[i] = sum;
  }
  return result;
}
