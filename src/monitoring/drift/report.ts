/** What a comparison of two periods says. */
import type { Modality } from '../summary/field.ts';

export const TEST_NAMES = [
  'kolmogorov-smirnov',
  'wasserstein',
  'chi-squared',
  'jensen-shannon',
  'domain-classifier',
] as const;
export type TestName = (typeof TEST_NAMES)[number];

/** A value that became more or less frequent: its share before and now, each in [0, 1]. */
export type Change = { readonly value: string; readonly before: number; readonly now: number };

export type DriftTest = {
  readonly field: string;
  readonly modality: Modality;
  /** The part of the rows that was compared; undefined for all. */
  readonly slice: { readonly name: string; readonly value: string } | undefined;
  /** `missing`: how often the field is empty; `length`, `words`: of texts; `content`: of all else. */
  readonly aspect: 'content' | 'length' | 'words' | 'missing';
  readonly test: TestName;
  /** A distance for `wasserstein` (in standard deviations) and `jensen-shannon`, an area for `domain-classifier`, else p. */
  readonly score: number;
  /** Beyond it the score speaks of drift: below it for p values, at or above it for the others. */
  readonly threshold: number;
  /** The chance of so large a difference where nothing changed; and the same for all tests of the report together. */
  readonly pValue: number;
  readonly correctedPValue: number;
  readonly drifted: boolean;
  /** What changed most, in a few words where there are any to say it with. */
  readonly changes: readonly Change[];
  /** Rows of the current period that contributed most. */
  readonly rows: readonly string[];
};

export type DriftReport = {
  readonly referenceRows: number;
  readonly currentRows: number;
  /** Drifted ones first, then by corrected p value. */
  readonly tests: readonly DriftTest[];
  readonly drifted: boolean;
  /** Fields that one side lacks, or that have too few rows to be compared, in a sentence each. */
  readonly notes: readonly string[];
};
