/** Products with their labels and pictures in the model's terms. */
import { dirname } from 'node:path';
import { hashString } from '../base/random.ts';
import type { Product } from '../catalog/product.ts';
import type { ProductMedia, ProductText } from '../models/attribute/example.ts';
import { type KnownLabel, labelReader } from '../models/attribute/labels.ts';
import type { LabelledText } from '../models/attribute/lexicon.ts';
import { type AttributeSurvey, applies } from './survey.ts';

/** An attribute whose labels can be read. */
export type ReadableAttribute = Pick<AttributeSurvey, 'schema' | 'decimal'>;

export type LabelledProduct = {
  readonly product: Product;
  readonly texts: readonly string[];
  readonly media?: ProductMedia;
  readonly table?: ProductText['table'];
  readonly labels: Readonly<Record<string, KnownLabel>>;
};

/** Names of the inputs beside text. */
export type OtherFields = { readonly media: readonly string[]; readonly table: readonly string[] };

export class LabelReader {
  readonly #readers: readonly {
    readonly attribute: ReadableAttribute;
    readonly read: ReturnType<typeof labelReader>;
  }[];
  readonly #fields: readonly string[];
  readonly #others: OtherFields;
  /** Labels that could not be read, with one example each: "color: "navyy" is not among ...". */
  readonly unreadable = new Map<string, { count: number; readonly example: string }>();
  /** Labels of values with too few labels to be learned, with one such value each. */
  readonly rare = new Map<string, { count: number; readonly example: string }>();

  /** @param fields - text inputs; @param others - inputs of other kinds, in the order of the model's */
  constructor(
    attributes: readonly ReadableAttribute[],
    fields: readonly string[],
    others: OtherFields = { media: [], table: [] },
  ) {
    this.#readers = attributes.map((attribute) => ({
      attribute,
      read: labelReader(attribute.schema, attribute.decimal),
    }));
    this.#fields = fields;
    this.#others = others;
  }

  /** @param options - whether labels of values that are too rare to be learned count: to judge a model by, not to train it */
  read(product: Product, { rare = false }: { readonly rare?: boolean } = {}): LabelledProduct {
    const labels: Record<string, KnownLabel> = {};
    for (const { attribute, read } of this.#readers) {
      const { name } = attribute.schema;
      const label = product.labels[name];
      if (label === undefined || !applies(attribute.schema, product)) continue;
      const known = read(label);
      if (known.state === 'unreadable') {
        const { file, row } = product.source;
        count(this.unreadable, name, `${file}, row ${row}: ${known.reason}`);
      } else if (known.state === 'rare') {
        count(this.rare, name, known.rare);
        const values = rare ? known.values : known.learned;
        if (values.length > 0) labels[name] = { state: 'values', values };
      } else labels[name] = known;
    }
    const media = this.mediaOf(product);
    const table = this.#others.table.map((field) => product.table?.[field]);
    return {
      product,
      texts: this.#fields.map((field) => product.texts[field] ?? ''),
      ...(media ? { media } : {}),
      ...(table.length > 0 ? { table } : {}),
      labels,
    };
  }

  /** Reads the labels of some attributes only. */
  only(keep: (attribute: ReadableAttribute) => boolean): LabelReader {
    const kept = this.#readers.map(({ attribute }) => attribute).filter(keep);
    return new LabelReader(kept, this.#fields, this.#others);
  }

  /** A product's pictures as a model reads them; undefined where it reads none, or the product has none. */
  mediaOf({ media, source }: Pick<Product, 'media' | 'source'>): ProductMedia | undefined {
    const cells = this.#others.media.map((field) => media?.[field] ?? []);
    return cells.every(({ length }) => length === 0) ? undefined : { cells, root: dirname(source.file) };
  }
}

/**
 * A product as a model reads it, without its labels.
 * @param given - attributes whose values are read all the same, where they are known
 */
export function withoutLabels(
  { product, texts, media, table }: LabelledProduct,
  given: readonly string[] = [],
): ProductText {
  return {
    category: product.category,
    ...(product.behaviour ? { behaviour: product.behaviour } : {}),
    texts,
    ...(media ? { media } : {}),
    ...(table ? { table } : {}),
    ...(given.length > 0 ? { values: givenValues(product, given) } : {}),
  };
}

/** What the catalog says of some attributes, as it says it; those that it says nothing of are left out. */
export function givenValues(
  { labels }: Pick<Product, 'labels'>,
  given: readonly string[],
): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(
    given.flatMap((name): [string, readonly string[]][] => {
      const label = labels[name];
      return label?.state === 'value' ? [[name, label.values]] : [];
    }),
  );
}

function count(
  counts: Map<string, { count: number; readonly example: string }>,
  attribute: string,
  example: string,
): void {
  const known = counts.get(attribute);
  if (known) known.count++;
  else counts.set(attribute, { count: 1, example });
}

/** The text labels that a lexicon learns from, and that a training product's features leave out. */
export function lexiconLabels(
  { labels }: LabelledProduct,
  extracted: ReadonlySet<string>,
): LabelledText['labels'] {
  const result: Record<string, readonly string[]> = {};
  for (const [attribute, label] of Object.entries(labels)) {
    if (!extracted.has(attribute)) continue;
    result[attribute] = label.state === 'values' ? label.values : [];
  }
  return result;
}

/** Labelled products that a lexicon learns from, about: its counts serve as shares, which more would not change. */
const LEXICON_PRODUCTS = 50_000;
const LEXICON_SAMPLE = 0x1e81;

/**
 * Which training products the lexicon learns from: all, or a sample by hash of their id where there are many. Only
 * these have their own labels taken out of its counts.
 */
export function lexiconSample(
  labelledProducts: number,
  limit = LEXICON_PRODUCTS,
): (product: Pick<Product, 'id'>) => boolean {
  if (labelledProducts <= limit) return () => true;
  const share = limit / labelledProducts;
  return ({ id }) => hashString(id, LEXICON_SAMPLE) / 2 ** 32 < share;
}
