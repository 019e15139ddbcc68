/** A two-sided confidence interval and how it was made. */
export type Interval = {
  readonly low: number;
  readonly high: number;
  /** Confidence level in (0, 1), e.g. 0.95. */
  readonly level: number;
  readonly method: 'bootstrap' | 'wilson';
};
