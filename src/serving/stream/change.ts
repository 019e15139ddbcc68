/**
 * A change of a product as it stands in a stream: JSON, the product as in `POST /v1/products:predict`, with further fields, which are kept.
 * `{"id": "p1", "deleted": true}` says that a product is gone.
 */
import { z } from 'zod';
import { AttuneError } from '../../base/errors.ts';
import type { MediaInput, Predictor, ProductInput } from '../../prediction/prediction.ts';
import { contentHash, type ProductWrite } from '../../store/products.ts';
import { MOST_FILES, productContract } from '../api/predict.ts';
import type { RequestErrorCode } from '../errors.ts';
import { readProduct } from '../products.ts';
import { mediaWrites } from '../records/product-writes.ts';
import { invalidRequest } from '../request-faults.ts';

export type Change = {
  readonly id: string;
  /** Undefined where the product is gone. */
  readonly product?: {
    readonly write: ProductWrite;
    readonly input: ProductInput;
    readonly contentHash: string;
  };
};

type Reads = Pick<Predictor, 'fields' | 'mediaFields' | 'tableFields' | 'givenAttributes'>;

const beside = z.looseObject({
  id: z.union([
    z.string().min(1).max(1024).refine(isKeepable, 'has characters that no database takes'),
    z.int(),
  ]),
  deleted: z.boolean().optional(),
  supplier: z.string().max(1024).nullish(),
  locale: z.string().max(64).nullish(),
});

/** Neither NUL nor half of a character. */
function isKeepable(id: string): boolean {
  return id.isWellFormed() && !id.includes('\u0000');
}

const BESIDE = ['id', 'category', 'texts', 'deleted', 'supplier', 'locale'];
const ADDRESS = /^https?:\/\//i;
const BASE64 = /^[\w+/-]+={0,2}$/;

/**
 * @param reads - what the model reads of a product
 * @returns a reader of changes, which throws AttuneError `serving/malformed-json`, `serving/invalid-request`, `serving/unknown-field`
 */
export function changeReader(reads: Reads): (data: Uint8Array) => Change {
  const media = (reads.mediaFields ?? []).map(({ name }) => name);
  const contract = productContract(reads.fields, {
    mediaFields: media,
    tableFields: reads.tableFields ?? [],
    givenAttributes: reads.givenAttributes ?? [],
    // Addresses too; `bytesOf` says what is neither.
    file: z.string().min(1),
  });
  const known = new Set([...reads.fields, ...media, ...(reads.tableFields ?? []), 'id', 'category', 'texts']);
  if ((reads.givenAttributes ?? []).length > 0) known.add('values');

  return (data) => {
    const body = jsonOf(data);
    const outer = beside.safeParse(body);
    if (!outer.success) throw invalidRequest(outer.error.issues, beside, body, { at: 'The change' });
    const { deleted, supplier, locale, ...given } = outer.data;
    const id = String(given.id);
    if (deleted) return { id };
    const read = Object.fromEntries(
      Object.entries(given)
        .filter(([name]) => known.has(name))
        .map(([name, value]) => [name, media.includes(name) ? firstOf(value) : value]),
    );
    const parsed = contract.safeParse(read);
    if (!parsed.success) throw invalidRequest(parsed.error.issues, contract, read, { at: 'The change' });
    const cells = mediaCells(read, media);
    const input = readProduct(parsed.data, reads);
    const write: ProductWrite = {
      id,
      supplier: supplier ?? null,
      locale: locale ?? null,
      category: parsed.data.category ?? null,
      fields: {
        ...parsed.data.texts,
        ...Object.fromEntries(
          Object.entries(given).filter(
            ([name, value]) => value != null && !media.includes(name) && !BESIDE.includes(name),
          ),
        ),
      },
      media: mediaWrites(cells),
    };
    return {
      id,
      product: {
        write,
        input: media.length === 0 ? input : { ...input, media: { cells } },
        contentHash: contentHash(write),
      },
    };
  };
}

/** As many files as a field may have; no model reads more of it. */
const firstOf = (value: unknown) => (Array.isArray(value) ? value.slice(0, MOST_FILES) : value);

/** Bytes, or addresses; files of this machine are no business of a stream. @throws AttuneError `serving/invalid-request` */
function mediaCells(
  given: Readonly<Record<string, unknown>>,
  fields: readonly string[],
): MediaInput['cells'] {
  return Object.fromEntries(
    fields.map((field) => {
      const list = [given[field] ?? []].flat() as string[];
      return [field, list.map((text) => (ADDRESS.test(text) ? text : bytesOf(field, text)))];
    }),
  );
}

function bytesOf(field: string, text: string): Uint8Array {
  const base64 = text.replace(/^data:[^,]*;base64,/i, '').replace(/\s+/g, '');
  if (BASE64.test(base64)) return Buffer.from(base64, 'base64');
  throw new AttuneError<RequestErrorCode>(
    'serving/invalid-request',
    `"${field}" of the change is "${text.slice(0, 100)}": neither the bytes of a file in base64, nor a data URI of them, nor an http(s) address.`,
    { hint: 'Send the bytes: workers read no files of a disk.', details: { field } },
  );
}

function jsonOf(data: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(data));
  } catch (cause) {
    throw new AttuneError<RequestErrorCode>(
      'serving/malformed-json',
      `The change is not JSON: ${cause instanceof Error ? cause.message : cause}`,
      { cause },
    );
  }
}
