/** Answers beside the truth, attribute by attribute, for products whose labels are known. */
import type { Product } from '../catalog/product.ts';
import type { AttributeAnswers } from '../evaluation/answers.ts';
import type { Place } from '../features/text/places.ts';
import type { Answer, DecodeOptions } from '../models/attribute/decode.ts';
import type { KnownLabel } from '../models/attribute/labels.ts';
import { type LabelReader, type ReadableAttribute, withoutLabels } from '../training/labelled.ts';
import type { AttributeSurvey } from '../training/survey.ts';
import type { Answerer } from './answerer.ts';
import { NUMBER_TOLERANCE } from './judge-answer.ts';

/** Rows of one attribute: products that have a label for it. */
export type Collected = {
  readonly attribute: string;
  readonly kind: AttributeSurvey['schema']['kind'];
  readonly unit: string | undefined;
  /** Whether its texts are lists, judged as a whole. */
  readonly list: boolean;
  readonly truth: KnownLabel[];
  readonly answers: Answer[];
  readonly products: Product[];
};

/** @param attributes - those that are wanted; @param keep - which products to take */
export async function collectAnswers(
  answerer: Pick<Answerer, 'answer'> & Partial<Pick<Answerer, 'given'>>,
  reader: LabelReader,
  attributes: readonly ReadableAttribute[],
  chunks: AsyncIterable<readonly Product[]>,
  decode: DecodeOptions,
  keep: (product: Product) => boolean = () => true,
): Promise<readonly Collected[]> {
  const collected = new Map<string, Collected>(
    attributes.map(({ schema }) => [
      schema.name,
      {
        attribute: schema.name,
        kind: schema.kind,
        unit: schema.unit,
        list: schema.list ?? false,
        truth: [],
        answers: [],
        products: [],
      },
    ]),
  );
  for await (const chunk of chunks) {
    const labelled = chunk
      .filter(keep)
      .map((product) => reader.read(product, { rare: true }))
      .filter(({ labels }) => Object.keys(labels).length > 0);
    const answers = await answerer.answer(
      labelled.map((each) => withoutLabels(each, answerer.given)),
      decode,
      undefined,
      (index, attribute) => attribute in labelled[index]!.labels,
    );
    for (const [i, { product, labels }] of labelled.entries()) {
      for (const [attribute, label] of Object.entries(labels)) {
        const rows = collected.get(attribute);
        if (rows === undefined) continue;
        rows.truth.push(label);
        rows.answers.push(answers[i]![attribute] ?? NO_ANSWER);
        rows.products.push(product);
      }
    }
  }
  return [...collected.values()];
}

/** For an attribute that the model has no head for: nothing was learnable of it. */
const NO_ANSWER: Answer = { values: [], probability: 0, places: [], alternatives: [] };

/** The rows as the metrics take them. @param confidences - one a row; the model's own when left out */
export function toAnswers(
  rows: Collected,
  confidences: ArrayLike<number> = rows.answers.map(({ probability }) => probability),
): AttributeAnswers {
  const shared = {
    attribute: rows.attribute,
    confidences,
    categories: rows.products.map(({ category }) => category),
    groups: rows.products.map(({ group, id }) => group ?? id),
  };
  if (rows.kind === 'number') {
    return {
      ...shared,
      kind: 'number',
      unit: rows.unit,
      tolerance: NUMBER_TOLERANCE,
      truth: rows.truth.map((label) => (label.state === 'number' ? label.value : undefined)),
      predicted: rows.answers.map(({ values }) => (typeof values[0] === 'number' ? values[0] : undefined)),
    };
  }
  const whole = (values: readonly string[]) =>
    rows.list && values.length > 0 ? [values.join('\n')] : values;
  return {
    ...shared,
    kind: rows.kind,
    truth: rows.truth.map((label) => (label.state === 'values' ? whole(label.values) : [])),
    predicted: rows.answers.map(({ values }) => whole(values.map(String))),
  };
}

/** Places of an answer as the fields' names have them. */
export function evidenceOf(fields: readonly string[], texts: readonly string[], places: readonly Place[]) {
  return places.map(({ field, start, end }) => ({
    field: fields[field]!,
    start,
    end,
    text: texts[field]!.slice(start, end),
  }));
}
