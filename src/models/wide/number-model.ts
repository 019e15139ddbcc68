/** A trained wide part of number attributes: a linear model over hashed n-grams, its values beside the encoder's. */
import type { NumberSpec } from '../attribute/spec.ts';
import { type FeatureSpace, Vectorizer } from './features.ts';
import type { WideText } from './ngrams.ts';

/** Letters: F features, N number attributes. */
export type WideNumberParameters = {
  readonly space: Pick<FeatureSpace, 'buckets' | 'idf'>;
  /** `[F, N]` */
  readonly weights: Float32Array;
  /** `[N]` */
  readonly bias: Float32Array;
};

export class WideNumberModel {
  readonly numbers: readonly NumberSpec[];
  readonly parameters: WideNumberParameters;
  readonly #vectorizer: Vectorizer;

  constructor(numbers: readonly NumberSpec[], parameters: WideNumberParameters) {
    this.numbers = numbers;
    this.parameters = parameters;
    this.#vectorizer = new Vectorizer(parameters.space);
  }

  /** Standardised values `[N]`; of a product without a known n-gram the training mean, which is 0. */
  values(product: WideText): Float32Array {
    const { weights, bias } = this.parameters;
    const size = bias.length;
    const { columns, values, length } = this.#vectorizer.vector(product);
    if (length === 0) return new Float32Array(size);
    const result = Float32Array.from(bias);
    for (let i = 0; i < length; i++) {
      const row = columns[i]! * size;
      for (let n = 0; n < size; n++) result[n]! += values[i]! * weights[row + n]!;
    }
    return result;
  }
}
