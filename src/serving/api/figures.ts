/** How good a model was on the test products of its training. */
import { z } from 'zod';

const share = z.number().min(0).max(1).nullable();
const interval = z.strictObject({ low: z.number(), high: z.number() }).nullable();

export const attributeFigures = z.strictObject({
  attribute: z.string(),
  kind: z.string(),
  products: z.int().describe('Test products whose true value is known.'),
  accuracy: share.describe('Of products that are right as a whole.'),
  accuracyInterval: interval.describe('95 %.'),
  precision: share.describe('Over the values given.'),
  recall: share.describe('Over the values that are there.'),
  microF1: share,
  meanAbsoluteError: z.number().nullable().describe('Of numbers, in `unit`.'),
  unit: z.string().nullable(),
  threshold: share.describe('From this confidence answers are `auto`; null sends all to review.'),
  coverage: share.describe('Of the answers, those that are `auto`.'),
  acceptedPrecision: share.describe('Of those, the ones that are right.'),
});

export const figuresContract = z.strictObject({
  version: z.string().describe('The live version.'),
  attributes: z.array(attributeFigures).describe('Empty where the model came without figures.'),
});

export const figuresPathContract = z.strictObject({
  model: z.string().min(1).max(256),
  attribute: z.string().min(1).max(1024),
});

const part = z.number().min(0).max(1);
const range = z.strictObject({ low: part, high: part });
const products = z.int().min(1);

/** One attribute more closely; every list is bounded, however many products were tested. */
export const attributeDetailContract = z.strictObject({
  attribute: z.string(),
  products: z.int().min(0).describe('Test products whose true value is known.'),
  calibration: z
    .strictObject({
      error: part.describe('Expected calibration error.'),
      brier: part,
      bins: z
        .array(
          z.strictObject({
            products,
            confidence: part.describe('The mean of those in the bin.'),
            right: part.describe('The share of them that is right.'),
            interval: range.describe('Of that share, 95 %.'),
          }),
        )
        .max(10)
        .describe('Of about equally many products, the least sure first.'),
    })
    .nullable()
    .describe('Whether a confidence of 90 % is right nine times in ten; null without test products.'),
  coverage: z
    .array(
      z.strictObject({
        threshold: part,
        accepted: products.describe('Test products whose answer is as sure as that, or surer.'),
        precision: part.describe('The share of them that is right.'),
        interval: range.describe('Of that share, 95 %.'),
      }),
    )
    .max(60)
    .describe('What accepting from a threshold on would give, the highest threshold first.'),
  confusions: z
    .strictObject({
      wrong: z.int().min(0).describe('All products that were given another value than the true one.'),
      pairs: z
        .array(z.strictObject({ truth: z.string(), answered: z.string(), products }))
        .max(20)
        .describe('The most frequent first; (none) stands for no value.'),
    })
    .nullable()
    .describe('Of a choice.'),
  slices: z
    .array(
      z.strictObject({
        by: z.string().describe('`category`, `text length` or `script`.'),
        slice: z.string(),
        products,
        accuracy: share,
        interval,
        flag: z
          .enum(['worse', 'better'])
          .nullable()
          .describe('Where the interval, widened for the number of slices, excludes the accuracy of all.'),
      }),
    )
    .max(100)
    .describe('The worst of each kind first.'),
});

export const detailContract = z.strictObject({
  version: z.string().describe('The live version.'),
  detail: attributeDetailContract.nullable().describe('null where the model came without.'),
});

export type AttributeDetail = z.infer<typeof attributeDetailContract>;
export type DetailAnswer = z.infer<typeof detailContract>;
export type AttributeFigures = z.infer<typeof attributeFigures>;
export type FiguresAnswer = z.infer<typeof figuresContract>;
