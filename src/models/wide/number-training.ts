/**
 * Trains the network of the wide part of numbers: some n-grams hidden at each visit (dropout of inputs), Huber's loss, and Adam whose
 * moments of a feature move only when the feature occurs (Kingma and Ba 2015; PyTorch's SparseAdam).
 *
 * Letters: R rows, F features, H hidden units, N numbers.
 */
import { setImmediate } from 'node:timers/promises';
import { Random } from '../../base/random.ts';
import type { SparseVector } from './features.ts';
import { Activations, addGradient, BatchGradient, type NumberLayers } from './number-network.ts';
import type { SparseRows } from './sparse-rows.ts';

export type NetworkSettings = {
  /** H */
  readonly hidden: number;
  readonly passes: number;
  readonly batchSize: number;
  /** At the start; it falls to 0 in a straight line. */
  readonly learningRate: number;
  /** Share of a product's n-grams that are hidden at each visit, in [0, 1). */
  readonly hide: number;
  /** Errors above it, in standard deviations, count by their size, those below by their square. */
  readonly huber: number;
  readonly seed: number;
};

/** What random numbers are for. */
const ORDER = 1;
const START = 2;
const HIDE = 3;

/** The same layers for the same rows and settings. @param targets - `[R, N]`, standardised; NaN is not learned from */
export async function trainNumberNetwork(
  { rows, targets }: { readonly rows: SparseRows; readonly targets: Float64Array },
  { features, numbers }: { readonly features: number; readonly numbers: number },
  settings: NetworkSettings,
): Promise<NumberLayers> {
  const { batchSize, passes, seed, learningRate, hide, huber } = settings;
  const layers = initialLayers(features, numbers, settings);
  const gradient = new BatchGradient(layers);
  const room = new Activations(layers);
  const adam = new SparseAdam(layers);
  const hidden = new HiddenEntries(features, hide, new Random(seed, HIDE));
  const order = Array.from({ length: rows.count }, (_, row) => row);
  const steps = passes * Math.ceil(rows.count / batchSize);
  let step = 0;
  for (let pass = 0; pass < passes; pass++) {
    const shuffled = new Random(seed, ORDER, pass).shuffled(order);
    for (let from = 0; from < shuffled.length; from += batchSize, step++) {
      const batch = shuffled.slice(from, from + batchSize);
      for (const row of batch) {
        const known = targets.subarray(row * numbers, (row + 1) * numbers);
        addGradient(layers, hidden.of(rows.row(row)), known, huber, { gradient, room });
      }
      adam.step(gradient, batch.length, learningRate * (1 - step / steps));
      gradient.clear();
    }
    // Lets timers, signals and requests in.
    await setImmediate();
  }
  return layers;
}

/** Uniform in ±1/sqrt(inputs), biases 0. */
function initialLayers(features: number, numbers: number, { hidden, seed }: NetworkSettings): NumberLayers {
  const random = new Random(seed, START);
  const uniform = (inputs: number, outputs: number) => {
    const bound = 1 / Math.sqrt(Math.max(1, inputs));
    return Float32Array.from({ length: inputs * outputs }, () => bound * (2 * random.uniform() - 1));
  };
  return {
    inner: uniform(features, hidden),
    innerBias: new Float32Array(hidden),
    middle: uniform(hidden, hidden),
    middleBias: new Float32Array(hidden),
    outer: uniform(hidden, numbers),
    outerBias: new Float32Array(numbers),
  };
}

/** Hides entries at random; what is left is made larger, so that their sum stays what it is on average. */
class HiddenEntries {
  readonly #share: number;
  readonly #random: Random;
  readonly #left: SparseVector;

  constructor(features: number, share: number, random: Random) {
    this.#share = share;
    this.#random = random;
    this.#left = { columns: new Int32Array(features), values: new Float32Array(features), length: 0 };
  }

  /** Reused by the next call. */
  of({ columns, values, length }: SparseVector): SparseVector {
    const left = this.#left;
    left.length = 0;
    for (let i = 0; i < length; i++) {
      if (this.#random.uniform() < this.#share) continue;
      left.columns[left.length] = columns[i]!;
      left.values[left.length++] = values[i]! / (1 - this.#share);
    }
    return left;
  }
}

const BETA1 = 0.9;
const BETA2 = 0.999;
const EPSILON = 1e-8;

class SparseAdam {
  readonly #layers: NumberLayers;
  readonly #first: NumberLayers;
  readonly #second: NumberLayers;
  #steps = 0;

  constructor(layers: NumberLayers) {
    const zeros = () =>
      Object.fromEntries(
        Object.entries(layers).map(([name, { length }]) => [name, new Float32Array(length)]),
      ) as NumberLayers;
    this.#layers = layers;
    this.#first = zeros();
    this.#second = zeros();
  }

  /** Changes the layers in place by the mean of a batch of `count` products. */
  step(gradient: BatchGradient, count: number, learningRate: number): void {
    this.#steps++;
    const rate = learningRate / (1 - BETA1 ** this.#steps);
    const correction = 1 / Math.sqrt(1 - BETA2 ** this.#steps);
    const update = (name: keyof NumberLayers, at: number, own: Float32Array) => {
      const weights = this.#layers[name];
      const first = this.#first[name];
      const second = this.#second[name];
      for (let i = 0; i < own.length; i++) {
        const g = own[i]! / count;
        const m = BETA1 * first[at + i]! + (1 - BETA1) * g;
        const v = BETA2 * second[at + i]! + (1 - BETA2) * g * g;
        first[at + i] = m;
        second[at + i] = v;
        weights[at + i]! -= (rate * m) / (Math.sqrt(v) * correction + EPSILON);
      }
    };
    for (const [name, own] of Object.entries(gradient.dense)) update(name as keyof NumberLayers, 0, own);
    for (const feature of gradient.features) {
      const own = gradient.of(feature);
      update('inner', feature * own.length, own);
    }
  }
}
