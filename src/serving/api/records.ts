/** What the store keeps of products, and what people say of them. */
import { z } from 'zod';
import { STATUSES } from '../../prediction/prediction.ts';
import { PROVENANCES } from '../../store/tables.ts';

const value = z.union([z.string(), z.number(), z.array(z.string()), z.null()]);
const cell = z.union([z.string(), z.number(), z.boolean(), z.null()]);
const count = z.coerce.number<string>().int().min(1);
const share = z.coerce.number<string>().min(0).max(1);

const inForceContract = z.strictObject({
  attribute: z.string(),
  values: z.array(z.string()).describe('Numbers as texts; empty: the attribute is not applicable.'),
  unit: z.string().nullable(),
  provenance: z.enum(PROVENANCES).describe("Who says so. A person's value is overwritten by a person only."),
  who: z.string().nullable(),
  model: z.string().nullable(),
  version: z.string().nullable(),
  updated: z.iso.datetime(),
});

const keptPredictionContract = z.strictObject({
  attribute: z.string(),
  model: z.string(),
  version: z.string(),
  value,
  unit: z.string().nullable(),
  notApplicable: z.boolean(),
  confidence: z.number(),
  status: z.enum(STATUSES),
  source: z.string(),
  evidence: z.array(
    z.strictObject({ field: z.string(), start: z.int().min(0), end: z.int().min(0), text: z.string() }),
  ),
  at: z.iso.datetime(),
});

/** Small copies that are kept, in the order of the files: ask for them as `/v1/pictures/{hash}`. */
export const picturesContract = z.array(z.strictObject({ field: z.string(), hash: z.string() }));

export const picturePathContract = z.strictObject({
  hash: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .describe('SHA-256 of the file that was sent, in hexadecimal.'),
});

export const storedProductContract = z.strictObject({
  id: z.string(),
  supplier: z.string().nullable(),
  category: z.string().nullable(),
  locale: z.string().nullable(),
  fields: z.record(z.string(), z.unknown()),
  media: z.array(z.strictObject({ field: z.string(), reference: z.string() })),
  pictures: picturesContract.describe('Small copies that are kept: `/v1/pictures/{hash}`.'),
  created: z.iso.datetime(),
  updated: z.iso.datetime(),
  values: z.array(inForceContract).describe('The value in force of each attribute, and who said it.'),
  predictions: z.array(keptPredictionContract).describe('What a model said last of each attribute.'),
});

export const productPageContract = z.strictObject({
  products: z.array(storedProductContract).describe('By id.'),
  next: z.string().nullable().describe('Give it as `after` for the next page; null on the last.'),
});

export const productQueryContract = z.strictObject({
  after: z.string().max(1024).optional().describe('The `next` of the page before.'),
  limit: count.max(500).optional().describe('50 when left out.'),
  supplier: z.string().optional(),
  category: z.string().optional(),
  locale: z.string().optional(),
  attribute: z.string().optional().describe('The attribute that the following speak of.'),
  value: z.string().optional().describe('The value in force, or one of several.'),
  missing: z.enum(['true', 'false']).optional().describe('Whether no value is in force.'),
  provenance: z.enum(PROVENANCES).optional().describe('Who said the value in force.'),
  status: z.enum(STATUSES).optional().describe('Of what the model said last.'),
  minConfidence: share.optional(),
  maxConfidence: share.optional(),
  model: z.string().optional().describe('The model that said it.'),
});

export const productIdContract = z.strictObject({ id: z.string().min(1).max(1024) });

export const productWriteContract = z.strictObject({
  supplier: z.string().nullish(),
  category: z.string().nullish(),
  locale: z.string().nullish(),
  fields: z
    .record(z.string(), z.union([cell, z.array(cell).max(1000)]))
    .describe('Texts, numbers and other cells, by name.'),
  media: z
    .array(z.strictObject({ field: z.string(), reference: z.string().describe('A path or an address.') }))
    .max(100)
    .optional(),
});

export const removedContract = z.strictObject({ removed: z.int() });

export const correctionWriteContract = z.strictObject({
  productId: z.string().min(1).max(1024),
  attribute: z.string().min(1).max(256),
  values: z
    .array(z.string().max(10_000))
    .max(1000)
    .describe('Numbers as texts; empty: the attribute is not applicable.'),
  unit: z.string().nullish(),
  who: z
    .string()
    .min(1)
    .max(256)
    .optional()
    .describe('The person, where a program with a key of its own speaks for people; the key when left out.'),
});

const correctionContract = z.strictObject({
  id: z.int(),
  productId: z.string(),
  attribute: z.string(),
  values: z.array(z.string()),
  unit: z.string().nullable(),
  who: z.string(),
  created: z.iso.datetime(),
  suggested: z
    .strictObject({ value, model: z.string(), version: z.string() })
    .nullable()
    .describe('What a model had said.'),
});

export const newCorrectionContract = correctionContract.omit({ suggested: true });
export const correctionPageContract = z.strictObject({
  corrections: z.array(correctionContract).describe('In the order in which they came.'),
});
export const correctionQueryContract = z.strictObject({
  after: count.optional().describe('The id of the last one of the page before.'),
  limit: count.max(1000).optional(),
  attribute: z.string().optional(),
  productId: z.string().optional(),
  who: z.string().optional(),
});

export type ProductQuery = z.infer<typeof productQueryContract>;
export type StoredProductAnswer = z.infer<typeof storedProductContract>;
export type ProductPageAnswer = z.infer<typeof productPageContract>;
export type CorrectionAnswer = z.infer<typeof newCorrectionContract>;
