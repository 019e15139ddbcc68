/**
 * What a merchant has: a product with its named inputs and what is known of its attributes.
 *
 * Everything after the readers speaks in these types; nothing after them knows of columns or file formats.
 */

declare const brand: unique symbol;
/** A product's identifier, unique in a catalog. */
export type ProductId = string & { readonly [brand]: 'ProductId' };

/** How an attribute's values are predicted. */
export const ATTRIBUTE_KINDS = ['choice', 'multi', 'number', 'extract', 'generate'] as const;
export type AttributeKind = (typeof ATTRIBUTE_KINDS)[number];

/**
 * What is known of one attribute of one product. A missing label means "not known": it trains nothing and is not
 * counted. `not-applicable` is knowledge: the attribute has no value here.
 */
export type Label =
  | { readonly state: 'value'; readonly values: readonly string[] }
  | { readonly state: 'not-applicable' };

/** Where a product came from, for messages a person can act on. */
export type SourceRow = { readonly file: string /** 1-based, counting data rows */; readonly row: number };

/**
 * What a cell says of pictures: where they are (a path relative to the catalog's file, an address, a data URI, or several of
 * them), or the bytes of one.
 */
export type MediaCell = string | Uint8Array;

/** A product's id or a query, with a weight above 0. */
export type Weighted = { readonly text: string; readonly weight: number };

/** What shoppers did with a product before the time of its prediction; made by `features/behaviour`. */
export type ObservedBehaviour = {
  /** [features] float32 */
  readonly vector: Float32Array;
  /** Products that were seen, and bought, together with it; the closest first. */
  readonly neighbours: { readonly viewed: readonly Weighted[]; readonly bought: readonly Weighted[] };
  /** That found it, in lower case; the most telling first. */
  readonly queries: readonly Weighted[];
};

export type Product = {
  readonly id: ProductId;
  /** Products of one group (variants of a parent) never part in a split. */
  readonly group: string | undefined;
  readonly category: string | undefined;
  /** Text inputs by field name, in the order of the config; an empty string is missing. */
  readonly texts: Readonly<Record<string, string>>;
  /** Picture inputs by field name, in the order of the config; an empty list is missing. Left out where there are no such inputs. */
  readonly media?: Readonly<Record<string, readonly MediaCell[]>>;
  /** Number, category and date inputs by field name, as their cells stand; a missing one is left out. Left out where there are no such inputs. */
  readonly table?: Readonly<Record<string, string | number>>;
  /** The time of its prediction, in seconds since 1970, where products have times of their own. */
  readonly at?: number;
  /** Left out where no event log is read, and of a product without any event. */
  readonly behaviour?: ObservedBehaviour;
  readonly labels: Readonly<Record<string, Label>>;
  readonly source: SourceRow;
};

/** One attribute of the catalog's schema, resolved: nothing left to infer. */
export type AttributeSchema = {
  readonly name: string;
  readonly kind: AttributeKind;
  /** A sentence on what the attribute means; conditions extraction and shows in pages. */
  readonly description: string | undefined;
  /** Allowed canonical values, in a stable order (choice and multi). */
  readonly values: readonly string[];
  /** That they were learned from the labels, those with too few left out. */
  readonly learned?: boolean;
  /** Canonical value -> other ways suppliers write it ("Blue" -> ["navy"]). */
  readonly synonyms: Readonly<Record<string, readonly string[]>>;
  /** Canonical unit of a number, e.g. "g"; undefined when bare. */
  readonly unit: string | undefined;
  /** Categories in which the attribute applies; undefined means all. */
  readonly appliesTo: readonly string[] | undefined;
  /** Counted by completeness checks. */
  readonly required: boolean;
  /** That a text which is written is a list of items. */
  readonly list?: boolean;
};

/** One of the sides of a split. */
export const SPLIT_SIDES = ['train', 'dev', 'test'] as const;
export type SplitSide = (typeof SPLIT_SIDES)[number];
