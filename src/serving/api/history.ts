/** What was said of a product before, and what else a model thinks possible now. */
import { z } from 'zod';
import { STATUSES } from '../../prediction/prediction.ts';

const value = z.union([z.string(), z.number(), z.array(z.string()), z.null()]);

export const historyContract = z.strictObject({
  alternatives: z
    .record(
      z.string(),
      z.array(z.strictObject({ value: z.union([z.string(), z.number()]), confidence: z.number() })),
    )
    .describe('By attribute: what else the current prediction thinks possible, best first.'),
  predictions: z
    .array(
      z.strictObject({
        id: z.int(),
        attribute: z.string(),
        model: z.string(),
        version: z.string(),
        value,
        unit: z.string().nullable(),
        notApplicable: z.boolean(),
        confidence: z.number(),
        status: z.enum(STATUSES),
        shadow: z.boolean().describe('Of a model that ran beside the one that answers.'),
        at: z.iso.datetime(),
        replaced: z.iso.datetime(),
      }),
    )
    .describe('Those that others replaced, latest first; 100 at most.'),
  answers: z
    .array(
      z.strictObject({
        id: z.int(),
        attribute: z.string(),
        values: z.array(z.string()).describe('Empty: not applicable.'),
        unit: z.string().nullable(),
        who: z.string(),
        at: z.iso.datetime(),
      }),
    )
    .describe('What people said, first to last; 100 at most.'),
});

export type HistoryAnswer = z.infer<typeof historyContract>;
