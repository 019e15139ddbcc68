/** A trained wide part: a linear model over hashed n-grams, its scores beside the encoder's in the same columns. */
import { type ChoiceSpec, choiceColumns } from '../attribute/spec.ts';
import { type FeatureSpace, Vectorizer } from './features.ts';
import { addMentions, MentionReader } from './mentions.ts';
import type { WideText } from './ngrams.ts';

/** Letters: F features, V columns of `choiceColumns`. */
export type WideParameters = {
  readonly space: Pick<FeatureSpace, 'buckets' | 'idf'>;
  /** `[F, V]` */
  readonly weights: Float32Array;
  /** `[V]` */
  readonly bias: Float32Array;
  /** `[V]`, ln of each class's share of the labelled training rows. */
  readonly logPriors: Float32Array;
  /** `[A, S]`, what each kind of mention (mentions.ts) is worth for each attribute; nothing where there is none. */
  readonly mentions: Float32Array;
};

export class WideModel {
  readonly choices: readonly ChoiceSpec[];
  readonly parameters: WideParameters;
  readonly #vectorizer: Vectorizer;
  readonly #mentions: MentionReader;
  readonly #starts: readonly number[];

  constructor(choices: readonly ChoiceSpec[], parameters: WideParameters) {
    this.choices = choices;
    this.parameters = parameters;
    this.#vectorizer = new Vectorizer(parameters.space);
    this.#mentions = new MentionReader(choices);
    this.#starts = choiceColumns(choices).map(({ start }) => start);
  }

  /** Logits `[V]` of all values side by side: softmax over a choice's columns, a sigmoid for each of a multi's. */
  scores(product: WideText): Float32Array {
    const { weights, bias, mentions } = this.parameters;
    const scores = Float32Array.from(bias);
    const size = scores.length;
    const { columns, values, length } = this.#vectorizer.vector(product);
    for (let i = 0; i < length; i++) {
      const value = values[i]!;
      const row = columns[i]! * size;
      for (let c = 0; c < size; c++) scores[c]! += value * weights[row + c]!;
    }
    if (mentions.length > 0) {
      const slots = mentions.length / this.choices.length;
      for (const [i, found] of this.#mentions.read(product.texts).entries())
        addMentions(scores.subarray(this.#starts[i]!), found, mentions.subarray(i * slots, (i + 1) * slots));
    }
    return scores;
  }
}

/** Columns of all attributes together. */
export function columnCount(choices: readonly ChoiceSpec[]): number {
  return choiceColumns(choices).reduce((total, { size }) => total + size, 0);
}
