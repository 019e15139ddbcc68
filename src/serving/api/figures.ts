/** How good a model was on the test products of its training. */
import { z } from 'zod';

const share = z.number().min(0).max(1).nullable();
const interval = z.strictObject({ low: z.number(), high: z.number() }).nullable();

const attributeFigures = z.strictObject({
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

export type AttributeFigures = z.infer<typeof attributeFigures>;
export type FiguresAnswer = z.infer<typeof figuresContract>;
