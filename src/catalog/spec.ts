/**
 * What `openCatalog` is told: files, the roles of their columns, and how products are dealt to the sides. Everything
 * is resolved: nothing is inferred after this but a layout left to `auto`.
 */
import type { Progress } from '../base/progress.ts';
import type { AttributeKind } from './product.ts';
import type { SourceFormat } from './source-files.ts';

/** Where the attributes stand. */
export type Layout =
  /** A column each. */
  | { readonly kind: 'columns' }
  /** One column of objects: `{"Color": "Red"}`, `{"Color": ["Red", "Blue"]}` or scores `{"Color": {"Red": 1}}`. */
  | { readonly kind: 'nested'; readonly column: string }
  /** A row each: (product, attribute, value), in a file of their own when `path` names one, else in the same. */
  | {
      readonly kind: 'long';
      readonly product: string;
      readonly attribute: string;
      readonly value: string;
      readonly path?: string | undefined;
    }
  /** Shopify's product CSV: rows with one handle are one product, its options are attributes. */
  | { readonly kind: 'shopify' };

/** A text input, made of the non-empty of its columns, one a line. */
export type TextField = {
  readonly name: string;
  readonly columns: readonly string[];
  /** The file that has the columns, when it is another: rows whose `key` is the product's id, such as its reviews. */
  readonly from?: { readonly path: string; readonly key: string } | undefined;
  /** A column that is not there is empty in every row. */
  readonly optional?: true;
};

/** Pictures or sounds of a product: those of its columns, one after the other. */
export type MediaField = {
  readonly name: string;
  readonly columns: readonly string[];
  /** How many are read at most. */
  readonly most: number;
};

/** A number, category or date input and its column. */
export type TableField = { readonly name: string; readonly column: string };

export type AttributeColumn = {
  readonly name: string;
  /** Column (or key of the nested object, or name in the attribute column) of the label. */
  readonly column: string;
  readonly kind: AttributeKind;
  /** What divides several values in one cell; for `multi` by default `;` or `|`, for the others nothing. */
  readonly separator?: string | undefined;
};

/**
 * How products are dealt to train, dev and test. Copies and near-copies of a product, and the variants of a parent,
 * are always on one side.
 *
 * `dev` and `test` are shares of the products, 0 to 0.5.
 */
export type SplitSpec =
  /** By a hash of the id (of the group where there is one), so that a product stays on its side when others come. */
  | { readonly by: 'hash'; readonly dev: number; readonly test: number; readonly seed: number }
  /** The latest are test, the ones before them dev. */
  | { readonly by: 'time'; readonly dev: number; readonly test: number }
  /** By a column that says train, dev (or validation) or test. */
  | { readonly by: 'column'; readonly column: string }
  /** By given files; a side without files is dealt by hash from the data files. */
  | {
      readonly by: 'files';
      readonly devPaths: readonly string[];
      readonly testPaths: readonly string[];
      readonly dev: number;
      readonly test: number;
      readonly seed: number;
    };

export type CatalogSpec = {
  /** Files or globs. */
  readonly paths: readonly string[];
  readonly format?: SourceFormat | undefined;
  readonly encoding?: string | undefined;
  readonly delimiter?: string | undefined;
  readonly memoryLimitMb?: number | undefined;
  readonly threads?: number | undefined;
  readonly scratch?: string | undefined;
  readonly layout: Layout | 'auto';
  /** Without one, a product is called by its row number (and file, when there are several). */
  readonly id?: string | undefined;
  /** The parent product of variants. */
  readonly group?: string | undefined;
  readonly category?: string | undefined;
  readonly time?: string | undefined;
  readonly texts: readonly TextField[];
  readonly media?: readonly MediaField[] | undefined;
  readonly table?: readonly TableField[] | undefined;
  /** Whether behaviour is read, so that a product may be known by its id alone; and the column of the time that it is told as of. */
  readonly behaviour?: { readonly at: string | undefined } | undefined;
  readonly attributes: readonly AttributeColumn[];
  /** Cells that say that the attribute does not apply, whatever their case. */
  readonly notApplicable?: readonly string[] | undefined;
  /** Longer texts are cut, in characters (code points). */
  readonly maxTextLength?: number | undefined;
  /**
   * A column of the id, the group, the category, the time or a label that the file lacks: `refuse` (the default), or
   * `skip` it with a warning, as suits a file that a trained model is asked about.
   */
  readonly absent?: 'refuse' | 'skip' | undefined;
  /** Without one every product is on the train side, and copies are not looked for. */
  readonly split?: SplitSpec | undefined;
  readonly progress?: Progress | undefined;
};

export const DEFAULT_NOT_APPLICABLE = ['n/a', 'not applicable'] as const;
export const DEFAULT_MAX_TEXT_LENGTH = 100_000;
