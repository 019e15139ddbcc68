/** What is kept of one field of many rows: enough to compare two periods, in memory that does not grow with the rows. */
import type { Sample } from './reservoir.ts';

/** Where a field comes from: an input's kind, a label, or what the model says. */
export const MODALITIES = ['text', 'image', 'audio', 'table', 'product', 'label', 'prediction'] as const;
export type Modality = (typeof MODALITIES)[number];

/**
 * `number`; `value`: one of a set; `values`: some of a set; `text`: words; `presence`: only whether it is there, such as a picture.
 */
export type FieldKind = 'number' | 'value' | 'values' | 'text' | 'presence' | 'vector';

export type FieldDefinition = {
  readonly name: string;
  readonly kind: FieldKind;
  readonly modality: Modality;
};

/** What one row says of a field; undefined is missing. A `presence` is any of them. */
export type Observed = number | string | readonly string[] | Float32Array | undefined;

/** One row: its id, and what it says of each field. */
export type Observation = {
  readonly id: string;
  readonly fields: Readonly<Record<string, Observed>>;
};

type Shared = {
  readonly modality: Modality;
  readonly rows: number;
  readonly missing: number;
  /** Some of the rows where it is missing. */
  readonly absent: readonly string[];
};

export type NumberSummary = Shared & { readonly kind: 'number'; readonly sample: Sample<number> };

export type ValueSummary = Shared & {
  readonly kind: 'value' | 'values';
  /** The most frequent first. A count may be too low by `error`. */
  readonly counts: readonly (readonly [value: string, count: number])[];
  readonly error: number;
  /** Of rows: the value, or the values joined by a line break; for examples. */
  readonly sample: Sample<string>;
};

/** Unit vectors times 127 as bytes: `[rows, width]`, base64. */
export type VectorSample = {
  readonly ids: readonly string[];
  readonly width: number;
  readonly data: string;
};

export type TextSummary = Shared & {
  readonly kind: 'text';
  /** In characters. */
  readonly lengths: Sample<number>;
  readonly words: VectorSample;
};

export type VectorSummary = Shared & { readonly kind: 'vector'; readonly vectors: VectorSample };

export type PresenceSummary = Shared & { readonly kind: 'presence' };

export type FieldSummary = NumberSummary | ValueSummary | TextSummary | VectorSummary | PresenceSummary;
