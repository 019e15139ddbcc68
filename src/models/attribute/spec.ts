/**
 * What an attribute model is, as plain data: stored in a bundle, read back, and enough to build the graph again.
 */
import type { AttributeKind } from '../../catalog/product.ts';
import type { ImageProcessor } from '../../features/image/processor.ts';

/** A text the model reads, and how many tokens of it at most. */
export type FieldSpec = { readonly name: string; readonly maxTokens: number };

/**
 * One of several values (`choice`) or any number of them (`multi`). `notApplicable` adds one more class to a choice,
 * after the values: "this attribute has no value here".
 */
export type ChoiceSpec = {
  readonly attribute: string;
  readonly kind: Extract<AttributeKind, 'choice' | 'multi'>;
  readonly values: readonly string[];
  /** Other names of values, where some have any. */
  readonly synonyms?: Readonly<Record<string, readonly string[]>>;
  readonly notApplicable: boolean;
};

/** A quantity in one unit, learned as (f(x) - mean) / deviation with f the logarithm of 1 + x where the values are skewed. */
export type NumberSpec = {
  readonly attribute: string;
  readonly unit: string | undefined;
  readonly logarithm: boolean;
  readonly mean: number;
  readonly deviation: number;
};

/** Spans of the text; see span-head.ts. */
export type SpanSpec = {
  /** (category, attribute) pairs that training has seen, in the order of the learned vectors. */
  readonly pairs: readonly SpanPair[];
  /** Longest candidate, in words. */
  readonly maxWords: number;
  /** Width of the space in which spans and attributes meet. */
  readonly width: number;
  /** Attribute -> what it means, where the config says so; read beside its name. */
  readonly descriptions?: Readonly<Record<string, string>>;
  /** Whether no two attributes share characters, as in the training labels; see apart.ts. */
  readonly apart: boolean;
};
export type SpanPair = { readonly category: string; readonly attribute: string };

/** How the vectors of modalities become one; see fusion.ts. */
export const FUSION_KINDS = ['concat', 'gated'] as const;
export type FusionKind = (typeof FUSION_KINDS)[number];

/** A picture input of the catalog, and how its pictures are read. */
export type PictureSpec = {
  readonly field: string;
  /** Pictures of a product that are read at most. */
  readonly most: number;
  /** The image encoder's config.json. */
  readonly encoder: Readonly<Record<string, unknown>>;
  /** From a picture to what it reads. */
  readonly processor: ImageProcessor;
  /** Whether the encoder started from random weights; it learns at the rate of the heads then. */
  readonly fresh: boolean;
};

export type AttributeModelSpec = {
  /** The encoder's config.json. */
  readonly encoder: Readonly<Record<string, unknown>>;
  /** Checkpoint ids of the word-table rows that are kept, ascending; undefined keeps the whole table. */
  readonly vocabulary: readonly number[] | undefined;
  readonly pooling: 'mean' | 'first';
  readonly fields: readonly FieldSpec[];
  /** Whether the category stands before the fields. */
  readonly categoryContext: boolean;
  readonly maxTokens: number;
  /** Picture inputs; left out where the model reads text alone. */
  readonly pictures?: readonly PictureSpec[];
  /** Used where there are picture inputs. */
  readonly fusion?: FusionKind;
  readonly choices: readonly ChoiceSpec[];
  readonly numbers: readonly NumberSpec[];
  readonly spans: SpanSpec | undefined;
};

/** Columns of the choice scores that belong to each attribute. */
export type Columns = { readonly start: number; readonly size: number };

export function choiceColumns(choices: readonly ChoiceSpec[]): readonly Columns[] {
  let start = 0;
  return choices.map(({ values, notApplicable }) => {
    const columns = { start, size: values.length + (notApplicable ? 1 : 0) };
    start += columns.size;
    return columns;
  });
}

/** An attribute's name as the model reads it: "Sleeve: how long the sleeves are". */
export function describedName(attribute: string, { descriptions }: Pick<SpanSpec, 'descriptions'>): string {
  const description = descriptions?.[attribute];
  return description === undefined ? attribute : `${attribute}: ${description}`;
}

/** A value's own name, as the model reads it: "Color: Navy blue". */
export function valueNames(choices: readonly ChoiceSpec[]): readonly string[] {
  return choices.flatMap(({ attribute, values, notApplicable }) => [
    ...values.map((value) => `${attribute}: ${value}`),
    ...(notApplicable ? [`${attribute}: not applicable`] : []),
  ]);
}
