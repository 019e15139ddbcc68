/**
 * What `inspect` finds in a file, as plain data: columns and their roles, attributes and their kinds, and what would
 * ruin a model. The command line draws it, the config is written from it, `--json` prints it as it is.
 */
import type { AttributeKind } from '../product.ts';

const COLUMN_ROLES = [
  'id',
  'group',
  'category',
  'text',
  'attribute',
  'attributes',
  'attribute-name',
  'attribute-value',
  'split',
  'time',
  'number',
  'identifier',
  'url',
  'image',
  'audio',
  'constant',
  'empty',
  'ignored',
] as const;
/**
 * `attributes` is a column of nested objects; `identifier` a code that is neither the product's id nor its group;
 * `number` a figure that is no label (a price, a count); `image` and `audio` files, addresses or bytes of pictures and sounds.
 */
export type ColumnRole = (typeof COLUMN_ROLES)[number];

type Layout = 'columns' | 'nested' | 'long' | 'shopify';

/** A count of something and its share of all rows that were looked at, 0 to 1. */
export type ValueCount = { readonly value: string; readonly count: number };

/** Lengths in characters, over the filled cells. */
export type TextLengths = {
  readonly median: number;
  readonly p90: number;
  readonly p99: number;
  readonly longest: number;
};

export type TextReport = {
  readonly lengths: TextLengths;
  /** Script -> share of the letters, the largest first; from the sample. */
  readonly scripts: readonly { readonly script: string; readonly share: number }[];
  /** Language -> share of the cells whose language could be told; from the sample. */
  readonly languages: readonly { readonly language: string; readonly share: number }[];
};

/** Pictures or sounds that cannot be read for one reason. */
export type MediaFaultReport = {
  /** e.g. `media/missing`, `image/truncated`. */
  readonly code: string;
  /** What the code means, as a sentence or a part of one. */
  readonly meaning: string;
  readonly count: number;
  /** The first of them. */
  readonly examples: readonly {
    readonly file: string;
    readonly row: number;
    /** As it stands in the cell; undefined for bytes. */
    readonly reference: string | undefined;
    readonly reason: string;
  }[];
};

/** What reading a column's pictures or sounds told. */
export type MediaReport = {
  readonly kind: 'image' | 'audio';
  /** Cells that were looked at: all that are filled, or as many as a limit allows, chosen by a hash. */
  readonly looked: number;
  /** Pictures or sounds that these cells name or hold. */
  readonly files: number;
  readonly read: number;
  /** Addresses that were not fetched. */
  readonly addresses: number;
  /** The most in one cell. */
  readonly most: number;
  /** Sounds in which nothing is heard. */
  readonly silent: number;
  /** Of those that were read, the one in the middle: pixels of a picture, or seconds of a sound. */
  readonly middle:
    | { readonly width: number; readonly height: number }
    | { readonly seconds: number; readonly longest: number }
    | undefined;
  /** The commonest first. */
  readonly faults: readonly MediaFaultReport[];
};

export type ColumnReport = {
  readonly name: string;
  readonly type: string;
  readonly role: ColumnRole;
  /** Why it got this role, as part of a sentence. */
  readonly reason: string;
  /** Cells that hold something. */
  readonly filled: number;
  /** Exact up to a few thousand, else within a few per cent. */
  readonly distinct: number;
  readonly distinctExact: boolean;
  readonly examples: readonly string[];
  readonly text: TextReport | undefined;
  /** Of pictures and sounds. */
  readonly media: ColumnMedia | undefined;
};

/** A column of pictures or sounds as an input. */
export type ColumnMedia = {
  readonly kind: 'image' | 'audio';
  /** Whether an inferred config reads it: its files are there, and it has no addresses, which nobody asked to fetch. */
  readonly usable: boolean;
  /** Why not, as part of a sentence. */
  readonly unusable: string | undefined;
  /** The most in one cell. */
  readonly most: number;
  /** Undefined where nothing was read. */
  readonly report: MediaReport | undefined;
};

export type InputReport = {
  readonly name: string;
  readonly column: string;
  /** A budget that holds 95 of 100 texts, as far as characters tell. */
  readonly maxTokens: number;
};

export type AttributeReport = {
  readonly name: string;
  /** Column of the label; for nested and long layouts the key or attribute name. */
  readonly column: string;
  readonly kind: AttributeKind;
  readonly reason: string;
  /** Products with a value, with "not applicable", and all products. */
  readonly labelled: number;
  readonly notApplicable: number;
  readonly products: number;
  readonly distinct: number;
  readonly top: readonly ValueCount[];
  /** Values of a choice or multi that have fewer than three examples. */
  readonly rare: number;
  readonly unit: string | undefined;
  readonly separator: string | undefined;
  /** Spellings taken for one value. */
  readonly variants: readonly { readonly canonical: string; readonly others: readonly string[] }[];
  /** Share of labelled products (of the sample) in whose inputs the label stands literally. */
  readonly literalShare: number | undefined;
  /** Categories in which it applies, where only some have labels of it; undefined means all. */
  readonly appliesTo: readonly string[] | undefined;
  /** Whether it can be trained as it is; if not, `reason` says why and the config has it as a comment. */
  readonly usable: boolean;
  /** Numbers only. */
  readonly range: { readonly low: number; readonly median: number; readonly high: number } | undefined;
};

const WARNING_CODES = [
  'no-text',
  'no-attributes',
  'few-products',
  'duplicate-ids',
  'near-duplicates',
  'leak',
  'identifier-input',
  'single-value',
  'none-labelled',
  'few-labels',
  'rare-values',
  'mostly-unique',
  'empty-column',
  'mixed-decimals',
  'ambiguous-decimals',
  'unreadable-numbers',
  'mixed-units',
  'placeholder-cells',
  'spelling-variants',
  'long-text',
  'missing-text',
  'missing-media',
  'outside-media',
  'broken-media',
  'silent-media',
  'addresses-unread',
] as const;
export type WarningCode = (typeof WARNING_CODES)[number];

/** Something that spoils a model or its figures, said so that a person can act on it. */
export type InspectionWarning = {
  readonly code: WarningCode;
  /** `note`: worth knowing; `warning`: do something about it; `error`: nothing can be trained before. */
  readonly level: 'note' | 'warning' | 'error';
  /** Columns or attributes. */
  readonly where: string;
  readonly what: string;
  readonly why: string;
  readonly action: string;
  /** What it is about, by name, a line each. */
  readonly examples?: readonly string[];
};

export type Inspection = {
  readonly paths: readonly string[];
  /** Rows that could be read. */
  readonly rows: number;
  /** Products: rows, or groups of rows in the long and Shopify layouts. */
  readonly products: number;
  readonly layout: Layout;
  readonly columns: readonly ColumnReport[];
  readonly inputs: readonly InputReport[];
  readonly attributes: readonly AttributeReport[];
  /** Column names by what the config calls them. */
  readonly data: {
    readonly id: string | undefined;
    readonly group: string | undefined;
    readonly category: string | undefined;
    readonly time: string | undefined;
    readonly split: string | undefined;
    /** What the split column says, in lower case. */
    readonly splitSides: readonly string[];
    readonly attributesColumn: string | undefined;
    readonly attributeColumn: string | undefined;
    readonly valueColumn: string | undefined;
  };
  /** Rows in the sample that lengthier checks looked at, and how it was drawn. */
  readonly sample: { readonly rows: number; readonly complete: boolean };
  readonly warnings: readonly InspectionWarning[];
};
