import { z } from 'zod';

const share = z.number().min(0).max(1).optional();

/** What one attribute must reach on the test rows. */
export const gateSchema = z.strictObject({
  accuracy: share.describe('Least share of rows that are right, 0 to 1.'),
  precision: share.describe(
    'Least precision, 0 to 1: of the answers accepted without a person when `minCoverage` is set, else of all answers.',
  ),
  recall: share.describe('Least recall over all answers, 0 to 1.'),
  f1: share.describe('Least micro F1 over all answers, 0 to 1.'),
  macroF1: share.describe('Least macro F1, 0 to 1.'),
  minCoverage: share.describe('Least share of answers accepted without a person, 0 to 1.'),
  r2: z.number().max(1).optional().describe('Least R2 of a number, at most 1.'),
  meanAbsoluteError: z
    .number()
    .min(0)
    .optional()
    .describe('Largest mean absolute error of a number, in its unit.'),
});

/** Attribute name -> what it must reach. */
export const gatesSchema = z.record(z.string().min(1), gateSchema);

export type Gate = z.infer<typeof gateSchema>;
export type Gates = z.infer<typeof gatesSchema>;
