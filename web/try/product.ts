/** What a person filled in, and the product that the service takes. */
import type { ModelAnswer } from '../../src/serving/api/models.ts';
import type { PredictResponse } from '../../src/serving/api/predict.ts';

/** Texts and cells by field, pictures and sounds by field as `data:` URIs. */
export type Draft = {
  readonly texts: Readonly<Record<string, string>>;
  readonly cells: Readonly<Record<string, string>>;
  readonly media: Readonly<Record<string, readonly string[]>>;
  readonly category: string;
};

export const EMPTY: Draft = { texts: {}, cells: {}, media: {}, category: '' };

export type Request = {
  readonly products: readonly Readonly<Record<string, unknown>>[];
  /** Left out for the one that answers where none is named. */
  readonly model?: string;
  readonly topK: number;
  readonly contributions?: true;
};

export type Answered = {
  readonly request: Request;
  readonly draft: Draft;
  readonly answer: PredictResponse;
  readonly milliseconds: number;
};

/** Names that mean something else in a product; a text field of such a name goes into `texts`. */
const RESERVED = ['id', 'category', 'texts'];
const TOP_K = 3;

export function requestOf(
  draft: Draft,
  { name, default: isDefault, fields, media, cells }: ModelAnswer,
): Request {
  const product: Record<string, unknown> = {};
  const texts: Record<string, string> = {};
  for (const field of fields) {
    const text = draft.texts[field] ?? '';
    if (text !== '') (RESERVED.includes(field) ? texts : product)[field] = text;
  }
  for (const { name: field } of media) {
    const files = draft.media[field] ?? [];
    if (files.length > 0) product[field] = files.length === 1 ? files[0] : files;
  }
  for (const field of cells) {
    const cell = (draft.cells[field] ?? '').trim();
    if (cell !== '') product[field] = cell;
  }
  if (draft.category.trim() !== '') product.category = draft.category.trim();
  if (Object.keys(texts).length > 0) product.texts = texts;
  const several = media.length + cells.length > 0;
  return {
    products: [product],
    ...(isDefault ? {} : { model: name }),
    topK: TOP_K,
    ...(several ? { contributions: true as const } : {}),
  };
}

export function curlOf(request: Request): string {
  const quoted = JSON.stringify(request).replaceAll("'", "'\\''");
  return `curl ${new URL('v1/products:predict', location.href)} -H 'content-type: application/json' -d '${quoted}'`;
}
