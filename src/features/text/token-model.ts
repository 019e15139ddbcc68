/**
 * The last part of a tokenizer: splits one normalised word into tokens of the vocabulary. It never produces a special
 * token, whatever the word says: a product text is a merchant's words, not instructions to the model.
 */
export type TokenModel = {
  readonly vocabulary: ReadonlyMap<string, number>;
  readonly unknown: number | undefined;
  /** Calls `emit` for each token in order, with its place in the word in UTF-16 units. */
  readonly split: (word: string, emit: (id: number, from: number, to: number) => void) => void;
};
