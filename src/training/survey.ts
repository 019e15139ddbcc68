/**
 * What the training products say before training: which values attributes have, how numbers are spread, in which
 * categories spans are labelled, which tokens occur. One or two streams over the products; nothing is held but counts.
 */
import type { Catalog } from '../catalog/catalog.ts';
import type { AttributeSchema, Label, Product } from '../catalog/product.ts';
import { learnCanonicalForms, namesOfForms } from '../catalog/values/canonical.ts';
import { type DecimalMark, detectDecimal, parseNumber } from '../catalog/values/numbers.ts';
import { labelReader } from '../models/attribute/labels.ts';
import type { ChoiceSpec, NumberSpec, SpanPair } from '../models/attribute/spec.ts';
import { OverlapCount } from './overlaps.ts';

export type ProductStream = Pick<Catalog, 'products'>;

/** An attribute as configured, its values perhaps still to be learned. */
export type WantedAttribute = { readonly schema: AttributeSchema; readonly decimal: DecimalMark | 'auto' };

export type AttributeSurvey = {
  readonly schema: AttributeSchema;
  readonly decimal: DecimalMark;
  readonly labelled: number;
  readonly notApplicable: number;
  /** Labels by value as written, the commonest first; empty for extract and generate. */
  readonly counts: readonly (readonly [value: string, count: number])[];
};

export type Survey = {
  readonly attributes: readonly AttributeSurvey[];
  readonly choices: readonly ChoiceSpec[];
  readonly numbers: readonly NumberSpec[];
  readonly pairs: readonly SpanPair[];
  /** Whether values of different attributes stand apart in the texts; unknown, so false, where some are numbers. */
  readonly apart: boolean;
  /** Training products, and those with a label that the encoder can learn. */
  readonly products: number;
  readonly labelledProducts: number;
  readonly categories: readonly string[];
};

/** Values that training must see at least this often to become one of a learned list. */
export const SMALLEST_CLASS = 2;
const KEPT_NUMBERS = 100_000;

type Tally = {
  labelled: number;
  notApplicable: number;
  readonly counts: Map<string, number>;
  readonly categories: Set<string>;
};

export async function surveyProducts(
  catalog: ProductStream,
  wanted: readonly WantedAttribute[],
): Promise<Survey> {
  const tallies = new Map<string, Tally>(
    wanted.map(({ schema }) => [
      schema.name,
      { labelled: 0, notApplicable: 0, counts: new Map(), categories: new Set() },
    ]),
  );
  const categories = new Set<string>();
  const extracted = wanted.flatMap(({ schema }) => (schema.kind === 'extract' ? [schema.name] : []));
  const overlaps = new OverlapCount();
  let products = 0;
  let labelledProducts = 0;
  for await (const chunk of catalog.products({ sides: ['train'] })) {
    for (const product of chunk) {
      products++;
      if (product.category !== undefined) categories.add(product.category);
      overlaps.add(product, extracted);
      let labels = 0;
      for (const { schema } of wanted) {
        const label = product.labels[schema.name];
        if (label === undefined || !applies(schema, product)) continue;
        // A decoder learns from written texts, apart from the encoder.
        if (schema.kind !== 'generate') labels++;
        count(tallies.get(schema.name)!, schema, label, product);
      }
      if (labels > 0) labelledProducts++;
    }
  }
  const attributes = wanted.map((attribute) => resolve(attribute, tallies.get(attribute.schema.name)!));
  const numbers = attributes.flatMap(numberOf);
  return {
    attributes,
    choices: attributes.flatMap(choiceOf),
    numbers,
    pairs: attributes.flatMap((attribute) => pairsOf(attribute, tallies.get(attribute.schema.name)!)),
    apart: overlaps.apart && numbers.length === 0,
    products,
    labelledProducts,
    categories: [...categories].sort(),
  };
}

/** Whether an attribute is one of the product's category. */
export function applies({ appliesTo }: AttributeSchema, { category }: Pick<Product, 'category'>): boolean {
  return appliesTo === undefined || category === undefined || appliesTo.includes(category);
}

/** Whose labels are texts of any kind, not worth counting. */
const isText = ({ kind }: AttributeSchema) => kind === 'extract' || kind === 'generate';

function count(tally: Tally, schema: AttributeSchema, label: Label, product: Product): void {
  tally.labelled++;
  tally.categories.add(product.category ?? '');
  if (label.state === 'not-applicable') tally.notApplicable++;
  else if (!isText(schema) && (schema.kind !== 'number' || tally.counts.size < KEPT_NUMBERS)) {
    for (const value of label.values) tally.counts.set(value, (tally.counts.get(value) ?? 0) + 1);
  }
}

/** Values learned where the config lists none; rare spellings that join no value are left out. */
function resolve({ schema, decimal }: WantedAttribute, tally: Tally): AttributeSurvey {
  const counts = [...tally.counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  const mark =
    decimal !== 'auto'
      ? decimal
      : detectDecimal(counts.slice(0, 1000).map(([text]) => parseNumber(numberIn(text)))).mark;
  const base = { decimal: mark, labelled: tally.labelled, notApplicable: tally.notApplicable, counts };
  const closed = schema.kind === 'choice' || schema.kind === 'multi';
  if (!closed || schema.values.length > 0) return { ...base, schema };
  const forms = learnCanonicalForms(counts);
  const frequent = forms.filter((form) => form.count >= SMALLEST_CLASS);
  const names = namesOfForms(frequent.length > 0 ? frequent : forms);
  return {
    ...base,
    schema: {
      ...schema,
      values: names.values,
      learned: true,
      synonyms: { ...names.synonyms, ...schema.synonyms },
    },
  };
}

/** The first number of a cell, without the unit and what else stands around it. */
const numberIn = (text: string) => /\d(?:[\d.,']*\d)?/.exec(text)?.[0] ?? text;

function choiceOf({ schema, notApplicable }: AttributeSurvey): ChoiceSpec[] {
  if ((schema.kind !== 'choice' && schema.kind !== 'multi') || schema.values.length === 0) return [];
  return [
    {
      attribute: schema.name,
      kind: schema.kind,
      values: schema.values,
      ...(Object.keys(schema.synonyms).length > 0 ? { synonyms: schema.synonyms } : {}),
      notApplicable: schema.kind === 'choice' && notApplicable > 0,
    },
  ];
}

function numberOf(attribute: AttributeSurvey): NumberSpec[] {
  const { schema, decimal, counts } = attribute;
  if (schema.kind !== 'number') return [];
  const read = labelReader(schema, decimal);
  const values: number[] = [];
  for (const [text, times] of counts) {
    const label = read({ state: 'value', values: [text] });
    if (label.state === 'number') for (let i = 0; i < times; i++) values.push(label.value);
  }
  if (values.length === 0) return [];
  const logarithm = isSkewed(values);
  const scaled = values.map((value) => (logarithm ? Math.log1p(value) : value));
  const mean = scaled.reduce((a, b) => a + b, 0) / scaled.length;
  const variance = scaled.reduce((a, b) => a + (b - mean) ** 2, 0) / scaled.length;
  return [
    { attribute: schema.name, unit: schema.unit, logarithm, mean, deviation: Math.sqrt(variance) || 1 },
  ];
}

/** Whether the logarithms lie more evenly about their median than the numbers about theirs, as prices do; none is below 0 then. */
function isSkewed(values: readonly number[]): boolean {
  const ordered = values.toSorted((a, b) => a - b);
  const quantile = (share: number) => ordered[Math.floor(share * (ordered.length - 1))]!;
  const [low, middle, high] = [quantile(0.05), quantile(0.5), quantile(0.95)];
  const skew = (f: (value: number) => number) =>
    Math.abs(Math.log((f(high) - f(middle)) / (f(middle) - f(low))));
  return ordered[0]! >= 0 && skew(Math.log1p) < skew((value) => value);
}

/** Numbers with a unit are looked for in the text too. */
function pairsOf({ schema }: AttributeSurvey, { categories }: Tally): SpanPair[] {
  if (schema.kind !== 'extract' && !(schema.kind === 'number' && schema.unit !== undefined)) return [];
  return [...categories].sort().map((category) => ({ category, attribute: schema.name }));
}
