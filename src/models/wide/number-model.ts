/** A trained wide part of number attributes: a small network over hashed n-grams, its values beside the encoder's. */
import type { NumberSpec } from '../attribute/spec.ts';
import { type FeatureSpace, Vectorizer } from './features.ts';
import type { WideText } from './ngrams.ts';
import { Activations, forward, type NumberLayers } from './number-network.ts';

export type WideNumberParameters = {
  readonly space: Pick<FeatureSpace, 'buckets' | 'idf'>;
  readonly layers: NumberLayers;
};

export class WideNumberModel {
  readonly numbers: readonly NumberSpec[];
  readonly parameters: WideNumberParameters;
  readonly #vectorizer: Vectorizer;
  readonly #activations: Activations;

  constructor(numbers: readonly NumberSpec[], parameters: WideNumberParameters) {
    this.numbers = numbers;
    this.parameters = parameters;
    this.#vectorizer = new Vectorizer(parameters.space);
    this.#activations = new Activations(parameters.layers);
  }

  /** Standardised values `[N]`; of a product without a known n-gram the training mean, which is 0. */
  values(product: WideText): Float32Array {
    const vector = this.#vectorizer.vector(product);
    if (vector.length === 0) return new Float32Array(this.numbers.length);
    forward(this.parameters.layers, vector, this.#activations);
    return this.#activations.out.slice();
  }
}
