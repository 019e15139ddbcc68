/** Products as callers send them, beside products as the store has them. */
import { createHash } from 'node:crypto';
import type { MediaInput, ProductInput } from '../../prediction/prediction.ts';
import type { ProductWrite, StoredProduct } from '../../store/products.ts';

/** The product as it was sent; what was not sent of it stays. */
export function productWrite(
  { id, category, texts, table, media }: ProductInput,
  before?: StoredProduct,
): ProductWrite {
  const files = mediaWrites(media?.cells ?? {});
  const sent = new Set(files.map(({ field }) => field));
  return {
    id: id!,
    supplier: before?.supplier ?? null,
    category: category ?? before?.category ?? null,
    locale: before?.locale ?? null,
    fields: { ...before?.fields, ...texts, ...table },
    media: [...(before?.media ?? []).filter(({ field }) => !sent.has(field)), ...files],
  };
}

/** Whether a model that reads these fields reads the same of the product as it was sent and as it is stored. */
export function isAsStored(
  { category, texts, table, media, values }: ProductInput,
  stored: StoredProduct,
  reads: readonly string[],
): boolean {
  // Known values are no part of a stored product.
  if (Object.keys(values ?? {}).length > 0) return false;
  const sent = { ...texts, ...table };
  return (
    isSame(category, stored.category) &&
    reads.every((field) => isSame(sent[field], stored.fields[field])) &&
    contentsOf(mediaWrites(media?.cells ?? {}), reads) === contentsOf(stored.media, reads)
  );
}

/** Bytes are not kept: the reference says which they were. */
export function mediaWrites(cells: MediaInput['cells']) {
  return Object.entries(cells).flatMap(([field, files]) =>
    files.map((file) => {
      if (typeof file === 'string') return { field, reference: file };
      const hash = createHash('sha256').update(file).digest('hex');
      return { field, reference: `sha256:${hash}`, contentHash: hash };
    }),
  );
}

function isSame(sent: unknown, stored: unknown): boolean {
  const missing = (value: unknown) => value === undefined || value === null || value === '';
  return missing(sent) ? missing(stored) : sent === stored;
}

function contentsOf(files: NonNullable<ProductWrite['media']>, reads: readonly string[]): string {
  const read = files.filter(({ field }) => reads.includes(field));
  return JSON.stringify(
    reads.map((field) =>
      read.filter((one) => one.field === field).map((one) => one.contentHash ?? one.reference),
    ),
  );
}
