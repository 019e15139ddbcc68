/**
 * What the models need of a tokenizer. Implementations read a Hugging Face `tokenizer.json`; models never know which
 * kind it is.
 */
export type Encoding = {
  /** Token ids without special tokens. */
  readonly ids: Int32Array;
  /** Start of each token in the original text, in UTF-16 units. */
  readonly starts: Int32Array;
  /** End (exclusive) of each token in the original text, in UTF-16 units. */
  readonly ends: Int32Array;
};

export type SpecialTokens = {
  readonly cls: number | undefined;
  readonly sep: number | undefined;
  readonly pad: number;
  readonly mask: number | undefined;
  readonly unknown: number | undefined;
};

export interface Tokenizer {
  readonly vocabularySize: number;
  readonly special: SpecialTokens;
  /**
   * Splits a text into tokens with their places in the original text.
   * @param limit - at most this many tokens; the rest of the text need not be read
   */
  encode(text: string, limit?: number): Encoding;
  /** The token's text as the vocabulary has it. */
  token(id: number): string;
}
