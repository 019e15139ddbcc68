/** A text encoder, as whoever opens it hands it to the service. */
export type TextEmbedder = {
  readonly name: string;
  /** Vectors in the order of the texts. */
  embed(texts: readonly string[]): Promise<readonly Float32Array[]>;
  close(): Promise<void>;
};
