/**
 * What a trained model says of a product, as plain data: the command line writes it, the service sends it, the reports
 * read it.
 */
import type { AttributeKind, MediaCell, ObservedBehaviour } from '../catalog/product.ts';
import type { MediaProblem } from '../models/attribute/example.ts';
import type { Contribution } from './contributions.ts';

/** `auto`: sure enough to be taken as it is; `review`: a person should look; `abstain`: nothing to say. */
export const STATUSES = ['auto', 'review', 'abstain'] as const;
export type Status = (typeof STATUSES)[number];

/** Where in the product's own text a value stands; places in UTF-16 units. */
export type Evidence = {
  readonly field: string;
  readonly start: number;
  readonly end: number;
  readonly text: string;
};

export type Alternative = { readonly value: string | number; readonly confidence: number };

export type AttributePrediction = {
  readonly kind: AttributeKind;
  /** A list for `multi` and for several spans; null where the attribute has no value, or none can be given. */
  readonly value: string | number | readonly string[] | null;
  /** The unit of a number. */
  readonly unit?: string;
  /** True where the model says that the product has no such attribute. */
  readonly notApplicable: boolean;
  /** Calibrated, 0 to 1. */
  readonly confidence: number;
  readonly status: Status;
  readonly evidence: readonly Evidence[];
  /**
   * What each modality (`text`, a picture, sound or behaviour field, `table`) added to the answer, when contributions were asked for: Shapley
   * values, of the model's own probability of the answered values (their mean) or of "no value", or of the number. Not of extracted attributes.
   */
  readonly contributions?: Contribution;
  /** The best values, best first, when top-k was asked for. */
  readonly alternatives: readonly Alternative[];
};

export type ProductPrediction = {
  readonly id: string;
  readonly attributes: Readonly<Record<string, AttributePrediction>>;
  /** Required attributes that apply to the product and have neither a value of their own nor an `auto` prediction. */
  readonly missing: readonly string[];
  /** Pictures that could not be read; the answers rest on the others. Left out where there are none. */
  readonly problems?: readonly MediaProblem[];
};

/** Pictures by field name, as `MediaCell` says them. */
export type MediaInput = {
  readonly cells: Readonly<Record<string, readonly MediaCell[]>>;
  /** The folder that paths are relative to; without one no file is read. */
  readonly root?: string;
};

/** What a caller knows of a product; text fields by name, a missing or empty one is missing. */
export type ProductInput = {
  readonly id?: string;
  readonly category?: string;
  readonly texts: Readonly<Record<string, string>>;
  readonly media?: MediaInput;
  /** Number, category and date inputs by field name: numbers in the model's unit, or cells such as "1.2 kg", "Acme", "2024-05-31". */
  readonly table?: Readonly<Record<string, string | number>>;
  /** What shoppers did with it before the prediction; found by its id where an event log is opened beside the model. */
  readonly behaviour?: ObservedBehaviour | undefined;
  /** Values of attributes that are known, as the catalog has them; read where a decoder is given them (`given` of the config). */
  readonly values?: Readonly<Record<string, readonly string[]>>;
  /** Attributes whose value is known already: they are predicted all the same, and never missing. */
  readonly known?: readonly string[];
};

export type PredictOptions = {
  /** How many alternatives to list; 0 for none. */
  readonly topK?: number;
  /**
   * Whether to say what each modality contributed, where a model reads several. It costs one more pass for each set of
   * modalities: three more for two, fifteen more for four.
   */
  readonly contributions?: boolean;
  /**
   * Further attributes to extract, by name or as "name: description"; training need not have seen any. Their answers are told
   * under the name, are never `auto`, and their confidence is the model's own.
   */
  readonly ask?: readonly string[];
};

export type MediaField = { readonly name: string; readonly kind: 'image' | 'audio' };

/** What serves predictions; a bundle is one. */
export interface Predictor {
  readonly name: string;
  /** Text fields the model reads. */
  readonly fields: readonly string[];
  /** Picture and sound inputs it reads; none when left out. */
  readonly mediaFields?: readonly MediaField[];
  /** Number, category and date inputs it reads; none when left out. */
  readonly tableFields?: readonly string[];
  /** Those of them that are numbers. */
  readonly numberFields?: readonly string[];
  /** Attributes whose known values it reads (`values` of a product); none when left out. */
  readonly givenAttributes?: readonly string[];
  readonly attributes: readonly { readonly name: string; readonly kind: AttributeKind }[];
  /** Calls of `predict` that it works on at once; 1 when left out. */
  readonly parallel?: number;
  /** Predictions in the order of the products. */
  predict(products: readonly ProductInput[], options?: PredictOptions): Promise<readonly ProductPrediction[]>;
}
