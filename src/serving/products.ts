/** From what a client sent to what a model takes, and from what the model said to what the client reads. */
import type {
  MediaField,
  MediaInput,
  Predictor,
  ProductInput,
  ProductPrediction,
} from '../prediction/prediction.ts';
import { type PredictionAnswer, type ProductBody, RESERVED_NAMES } from './api/predict.ts';

/** @param predictor - says which fields the model reads */
export function readProduct(
  body: ProductBody,
  {
    fields,
    mediaFields = [],
    tableFields = [],
    givenAttributes = [],
  }: Pick<Predictor, 'fields' | 'mediaFields' | 'tableFields' | 'givenAttributes'>,
): ProductInput {
  const texts = fields.flatMap((field) => {
    const beside: unknown = RESERVED_NAMES.includes(field) ? undefined : Reflect.get(body, field);
    const text = body.texts?.[field] ?? beside;
    return typeof text === 'string' && text !== '' ? [[field, text] as const] : [];
  });
  return {
    ...(body.id != null ? { id: String(body.id) } : {}),
    ...(body.category != null && body.category !== '' ? { category: body.category } : {}),
    texts: Object.fromEntries(texts),
    ...(tableFields.length === 0 ? {} : { table: tableOf(body, tableFields) }),
    ...(givenAttributes.length === 0 ? {} : { values: valuesOf(body, givenAttributes) }),
    ...(mediaFields.length === 0 ? {} : { media: mediaOf(body, mediaFields) }),
  };
}

function tableOf(body: ProductBody, fields: readonly string[]): Record<string, string | number> {
  return Object.fromEntries(
    fields.flatMap((field) => {
      const given: unknown = Reflect.get(body, field);
      return typeof given === 'number' || typeof given === 'string' ? [[field, given]] : [];
    }),
  );
}

function valuesOf(body: ProductBody, given: readonly string[]): Record<string, readonly string[]> {
  const values = (Reflect.get(body, 'values') ?? {}) as Record<string, string | readonly string[] | null>;
  return Object.fromEntries(
    given.flatMap((name): [string, readonly string[]][] => {
      const known = [values[name] ?? []].flat().filter((value) => value !== '');
      return known.length > 0 ? [[name, known]] : [];
    }),
  );
}

/** Bytes only: a client has no business with the files and the network of this machine. */
function mediaOf(body: ProductBody, fields: readonly MediaField[]): MediaInput {
  const cells = fields.map(({ name: field }): [string, Uint8Array[]] => {
    const given = (Reflect.get(body, field) ?? []) as string | readonly string[];
    return [field, [given].flat().map((text) => Buffer.from(text.replace(/^data:[^,]*,/, ''), 'base64'))];
  });
  return { cells: Object.fromEntries(cells) };
}

/** @param topK - what this client asked for: its batch may have been predicted with more */
export function answerOf(
  product: ProductInput,
  prediction: ProductPrediction,
  { topK, version }: { readonly topK: number; readonly version: string },
): PredictionAnswer {
  const attributes = Object.entries(prediction.attributes).map(([name, said]) => [
    name,
    {
      value: Array.isArray(said.value) ? [...said.value] : (said.value as string | number | null),
      ...(said.unit !== undefined ? { unit: said.unit } : {}),
      confidence: said.confidence,
      status: said.status,
      source: 'model',
      evidence: said.evidence.map((span) => ({ ...span })),
      alternatives: said.alternatives.slice(0, topK).map((other) => ({ ...other })),
      notApplicable: said.notApplicable,
      ...(said.contributions === undefined
        ? {}
        : {
            contributions: {
              baseline: said.contributions.baseline,
              parts: { ...said.contributions.parts },
            },
          }),
    },
  ]);
  return {
    id: product.id ?? null,
    version,
    attributes: Object.fromEntries(attributes) as PredictionAnswer['attributes'],
    missing: [...prediction.missing],
    problems: (prediction.problems ?? []).map(({ field, reason }) => ({ field, reason })),
  };
}
