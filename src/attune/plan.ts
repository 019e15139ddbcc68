/** What a training run will do, once its data and its start are known and before anything is trained. */
export type TrainPlan = {
  readonly products: Readonly<Record<'train' | 'dev' | 'test', number>>;
  readonly labelledProducts: number;
  readonly rejected: number;
  readonly start: string;
  readonly parameters: number;
  readonly wordRows: number | undefined;
  /** Bytes that the run takes at most, by estimate. */
  readonly memory: number;
  readonly steps: number;
  readonly attributes: readonly {
    readonly name: string;
    readonly kind: string;
    readonly labelled: number;
    readonly values: number;
  }[];
  readonly warnings: readonly string[];
};
