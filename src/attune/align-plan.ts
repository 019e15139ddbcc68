/** What an alignment will do, once its data and its start are known and before anything is trained. */
export type AlignPlan = {
  /** Products with a text and a picture. */
  readonly pairs: { readonly train: number; readonly dev: number; readonly test: number };
  readonly start: string;
  readonly parameters: number;
  /** Bytes that the run takes at most, by estimate. */
  readonly memory: number;
  readonly steps: number;
  readonly warnings: readonly string[];
};
