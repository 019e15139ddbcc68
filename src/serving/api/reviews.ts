/** What people look at: who has which product, what a model suggests for it, and what they say. */
import { z } from 'zod';
import { STATUSES } from '../../prediction/prediction.ts';
import { PROVENANCES } from '../../store/tables.ts';
import { picturesContract } from './records.ts';

const productId = z.string().min(1).max(1024);
const attribute = z.string().min(1).max(256);
const value = z.union([z.string(), z.number(), z.array(z.string()), z.null()]);
const values = z
  .array(z.string().max(10_000))
  .max(1000)
  .describe('Numbers as texts; empty: the attribute is not applicable.');
const who = z
  .string()
  .min(1)
  .max(256)
  .optional()
  .describe('The person, where a program with a key of its own speaks for people; the key when left out.');

const suggestionContract = z.strictObject({
  value,
  unit: z.string().nullable(),
  notApplicable: z.boolean(),
  confidence: z.number().min(0).max(1),
  status: z.enum(STATUSES),
  model: z.string(),
  version: z.string(),
  evidence: z.array(
    z.strictObject({ field: z.string(), start: z.int().min(0), end: z.int().min(0), text: z.string() }),
  ),
  alternatives: z.array(z.strictObject({ value: z.union([z.string(), z.number()]), confidence: z.number() })),
});

const reviewItemContract = z.strictObject({
  attribute,
  reason: z
    .string()
    .describe(
      '`unsure` where the model is, `audit` where an accepted answer was drawn, or what else put it there: `returns`, `searches`, `drift`, `gold`; `undone` of an answer that was taken back and that nothing had asked for.',
    ),
  because: z
    .record(z.string(), z.unknown())
    .nullable()
    .describe(
      'What speaks for it: of `returns` and `searches` the figures and words of shoppers; else null.',
    ),
  priority: z.number().describe('Higher comes first.'),
  suggestion: suggestionContract.nullable().describe('What the model says of it now.'),
  inForce: z
    .strictObject({ values, unit: z.string().nullable(), provenance: z.enum(PROVENANCES) })
    .nullable()
    .describe('What is taken for true until somebody answers.'),
});

export const reviewProductContract = z.strictObject({
  productId,
  supplier: z.string().nullable(),
  category: z.string().nullable(),
  locale: z.string().nullable(),
  fields: z.record(z.string(), z.unknown()),
  pictures: picturesContract.describe('Small copies that are kept: `/v1/pictures/{hash}`.'),
  leasedUntil: z.iso.datetime().nullable().describe('Nobody else is given the product before.'),
  items: z.array(reviewItemContract).describe('What is to be looked at, most urgent first.'),
});

export const takeContract = z.strictObject({
  who,
  attribute: attribute.optional().describe('Only products that wait for this attribute.'),
  limit: z.int().min(1).max(50).default(1),
});

export const takenContract = z.strictObject({
  products: z.array(reviewProductContract).describe('Those the person has still, then the most urgent ones.'),
  waiting: z.int().describe('Products in the queue, those that people have included.'),
});

export const answersContract = z.strictObject({
  who,
  answers: z
    .array(z.strictObject({ productId, attribute, values, unit: z.string().nullish() }))
    .min(1)
    .max(500)
    .describe('All of them are taken, or none.'),
});
export const answeredContract = z.strictObject({
  ids: z.array(z.int()).describe('Of the answers, in their order: with them they can be undone.'),
});

export const skipContract = z.strictObject({ who, productId });
export const undoContract = z.strictObject({ who, ids: z.array(z.int().min(1)).min(1).max(500) });
export const releaseContract = z.strictObject({ who });
export const doneContract = z.strictObject({});

export const alikeQueryContract = z.strictObject({
  who,
  productId,
  attribute,
  limit: z.coerce.number<string>().int().min(1).max(500).optional().describe('50 when left out.'),
});
export const alikeContract = z.strictObject({
  products: z
    .array(
      z.strictObject({
        productId,
        category: z.string().nullable(),
        fields: z.record(z.string(), z.unknown()),
      }),
    )
    .describe(
      'That wait for the same attribute with the same suggestion, and nobody else has: those of the same category and supplier first.',
    ),
});

export const reviewFiguresContract = z.strictObject({
  products: z.int().describe('In the queue.'),
  leased: z.int().describe('That people have now.'),
  attributes: z.array(
    z.strictObject({
      attribute: z.string(),
      answers: z.int(),
      agreed: z.int().describe('In which the person said what the model had suggested.'),
    }),
  ),
  people: z
    .array(
      z.strictObject({
        attribute: z.string(),
        products: z.int().describe('Of which two people or more said the attribute.'),
        pairs: z.int().describe('Of two people about one product; what each said first counts.'),
        agreed: z.int().describe('Pairs that said the same.'),
      }),
    )
    .describe('How often people agree with each other.'),
});

export const disagreementQueryContract = z.strictObject({
  attribute: attribute.optional(),
  before: z.coerce.number<string>().int().min(1).optional().describe('The `next` of the page before.'),
  limit: z.coerce.number<string>().int().min(1).max(200).optional().describe('50 when left out.'),
});
export const disagreementsContract = z.strictObject({
  disagreements: z
    .array(
      z.strictObject({
        productId,
        attribute,
        answers: z
          .array(
            z.strictObject({ who: z.string(), values, unit: z.string().nullable(), at: z.iso.datetime() }),
          )
          .describe('What each person said last; the one in force first.'),
      }),
    )
    .describe(
      'Where people said otherwise of the same product and no two of them say what is in force; the latest first. One more answer that agrees settles it.',
    ),
  next: z.int().nullable().describe('Give it as `before` for the next page; null on the last.'),
});

export type ReviewProductAnswer = z.infer<typeof reviewProductContract>;
export type TakenAnswer = z.infer<typeof takenContract>;
export type AnsweredAnswer = z.infer<typeof answeredContract>;
export type AlikeAnswer = z.infer<typeof alikeContract>;
export type ReviewFiguresAnswer = z.infer<typeof reviewFiguresContract>;
export type DisagreementsAnswer = z.infer<typeof disagreementsContract>;
