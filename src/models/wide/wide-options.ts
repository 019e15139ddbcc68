/** How the wide part is trained. */
export type WideOptions = {
  readonly passes: number;
  /** Most products trained on, over all passes: of a large catalog few passes, or part of one, are enough. */
  readonly maxSteps: number;
  /** First step of AdaGrad. */
  readonly learningRate: number;
  /** Inverse of the L2 penalty, as scikit-learn's `C`: more fits the training rows more closely. */
  readonly strength: number;
  /** Products that must have an n-gram for it to be a feature. */
  readonly minProducts: number;
  /** Most weights held; features are dropped, the rarest first, until they fit. 4 bytes each. */
  readonly maxWeights: number;
  /**
   * Each row of a class weighs (rows / (classes x rows of the class))^classBalance: 0 leaves classes as they are, 1 makes
   * them count alike. Of `choice` attributes.
   */
  readonly classBalance: number;
};

export const WIDE_DEFAULTS: WideOptions = {
  passes: 6,
  maxSteps: 1_000_000,
  learningRate: 0.5,
  strength: 30,
  minProducts: 2,
  maxWeights: 16_000_000,
  classBalance: 0.2,
};
