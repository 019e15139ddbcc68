/**
 * What an attribute model is, as plain data: stored in a bundle, read back, and enough to build the graph again.
 */
import type { AttributeKind } from '../../catalog/product.ts';
import type { SoundPlan } from '../../features/audio/sound-input.ts';
import type { BehaviourInput } from '../../features/behaviour/behaviour-input.ts';
import type { ImageProcessor } from '../../features/image/processor.ts';
import type { CategoryEncoding } from '../../features/numbers/category-encoding.ts';
import type { DateEncoding } from '../../features/numbers/date-encoding.ts';
import type { NumberEncoding } from '../../features/numbers/number-encoding.ts';
import type { LoraSpec } from '../layers/lora.ts';

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

/** How modalities are joined; see fusion.ts. */
export const FUSION_KINDS = ['concat', 'gated', 'attention', 'late'] as const;
export type FusionKind = (typeof FUSION_KINDS)[number];

/** An encoder of pictures or sounds, and how files become what it reads. */
export type FileEncoderSpec = {
  /** config.json of the encoder, which sees a sound as a picture of one channel: its spectrogram, or its wave as one row. */
  readonly encoder: Readonly<Record<string, unknown>>;
  /** Whether the encoder started from random weights; `training.freshLearningRate` is its rate then. */
  readonly fresh: boolean;
  /** Whether the encoder stands outside of the graph, which reads its vectors; see frozen.ts. */
  readonly frozen?: boolean;
} & (
  | {
      readonly kind: 'image' /** From a picture to what the encoder reads. */;
      readonly processor: ImageProcessor;
    }
  | {
      readonly kind: 'audio' /** From samples to what the encoder reads. */;
      readonly sound: SoundPlan;
    }
);

/** A number, category or date input of the catalog. */
export type TableInputSpec = { readonly field: string } & (
  | { readonly kind: 'number'; readonly encoding: NumberEncoding }
  | { readonly kind: 'category'; readonly encoding: CategoryEncoding }
  | { readonly kind: 'date'; readonly encoding: DateEncoding }
);

/** A picture or sound input of the catalog. */
export type MediaSpec = FileEncoderSpec & {
  readonly field: string;
  /** Files of a product that are read at most. */
  readonly most: number;
};

/** The event log as an input. */
export type BehaviourSpec = { readonly field: string; readonly encoding: BehaviourInput };

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
  /** Picture and sound inputs; left out where there are none. */
  readonly media?: readonly MediaSpec[];
  /** Number, category and date inputs; left out where there are none. */
  readonly tableInputs?: readonly TableInputSpec[];
  /** What shoppers did; left out where no event log is read. */
  readonly behaviour?: BehaviourSpec;
  /** Used where the model reads more than text. */
  readonly fusion?: FusionKind;
  /** While it trains: the text encoder stands outside of the graph, which reads its vectors. */
  readonly frozenText?: boolean;
  /** While it trains: pretrained encoders stay as they are, and low-rank adapters beside them learn. */
  readonly adapter?: LoraSpec & {
    /** Whether the text encoder started from nothing, so that it learns and is not adapted. */
    readonly freshText?: true;
  };
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
