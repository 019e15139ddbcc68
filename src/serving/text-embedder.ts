/** A text encoder, as whoever opens it hands it to the service. */
export type TextEmbedder = {
  readonly name: string;
  /**
   * Vectors in the order of the texts.
   * @param signal - aborted when nobody waits for them any more: it then rejects, with the reason of the signal
   */
  embed(texts: readonly string[], signal: AbortSignal): Promise<readonly Float32Array[]>;
  close(): Promise<void>;
};
