/**
 * A part of a file as it lies in the store: its products, and how they are to be predicted. Both stand there as one text of JSON, because
 * the JSON of a database takes no NUL characters and texts of shops have them.
 */
import type { PredictOptions, ProductInput, ProductPrediction } from '../../prediction/prediction.ts';

type Facts = Readonly<Record<string, unknown>>;

/** What the names of the data sets of a model begin with. */
export const datasetsOf = (key: string): string => `predict/${key}/`;

export function partTask(products: readonly ProductInput[], options: PredictOptions): Facts {
  return { json: JSON.stringify({ products, options }, withoutArrays) };
}

export function readTask({ json }: Facts): {
  readonly products: readonly ProductInput[];
  readonly options: PredictOptions;
} {
  return JSON.parse(String(json), withArrays);
}

export function partResult(predictions: readonly ProductPrediction[]): Facts {
  return { json: JSON.stringify(predictions) };
}

export function predictionsIn(result: Facts | null): readonly ProductPrediction[] {
  return JSON.parse(String(result?.json));
}

/** JSON has no bytes and no typed arrays. */
function withoutArrays(_: string, value: unknown): unknown {
  if (value instanceof Float32Array) return { float32: Array.from(value) };
  if (value instanceof Uint8Array) return { base64: Buffer.from(value).toString('base64') };
  // A Buffer has turned itself into this before it comes here.
  const { type, data } = (value ?? {}) as { type?: unknown; data?: unknown };
  if (type === 'Buffer' && Array.isArray(data))
    return { base64: Buffer.from(data as number[]).toString('base64') };
  return value;
}

function withArrays(_: string, value: unknown): unknown {
  const { float32, base64 } = (value ?? {}) as { float32?: unknown; base64?: unknown };
  if (Array.isArray(float32)) return Float32Array.from(float32 as number[]);
  return typeof base64 === 'string' ? Buffer.from(base64, 'base64') : value;
}
