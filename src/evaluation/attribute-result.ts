import type { Interval } from './intervals/interval.ts';

/** How an attribute's values are predicted; the catalog's words. */
export type EvaluatedKind = 'choice' | 'multi' | 'number' | 'extract' | 'generate';

/** One attribute's figures on one side of a split. What is not defined for its kind, or without rows, is undefined. */
export type AttributeResult = {
  readonly attribute: string;
  readonly kind: EvaluatedKind;
  /** Rows whose truth is known. */
  readonly count: number;
  /** Share of rows that are right as a whole. */
  readonly accuracy: number | undefined;
  readonly accuracyInterval: Interval | undefined;
  /** Over the values given. */
  readonly precision: number | undefined;
  /** Over the values that are there. */
  readonly recall: number | undefined;
  readonly microF1: number | undefined;
  readonly microF1Interval: Interval | undefined;
  /** Mean over values (choice, multi) or categories (extract). */
  readonly macroF1: number | undefined;
  /** Errors of numbers, in `unit`. */
  readonly meanAbsoluteError: number | undefined;
  readonly medianAbsoluteError: number | undefined;
  readonly rootMeanSquaredError: number | undefined;
  readonly r2: number | undefined;
  readonly unit: string | undefined;
  /** Of written texts: how much of their characters is as in the true ones, 0 to 1. */
  readonly chrF?: number | undefined;
  /** From this calibrated confidence answers are accepted without a person; undefined sends all to review. */
  readonly threshold: number | undefined;
  /** Share of answers accepted so. */
  readonly coverage: number | undefined;
  /** Share of the accepted that is right. */
  readonly acceptedPrecision: number | undefined;
};
