/** An input of kind `behaviour`: the event log and the shopper profiles that tell what shoppers did with a product. */
import { z } from 'zod';
import { timeOfCell } from './values/date-cell.ts';

const name = z.string().min(1);
const paths = z.union([name, z.array(name).min(1)]);

export const behaviourInputSchema = z
  .strictObject({
    kind: z.literal('behaviour').describe('What the field holds.'),
    events: paths.describe(
      'Event log: CSV, TSV, JSONL or Parquet, a file, a glob or a list of them; one row a view, cart, purchase, return or search.',
    ),
    shoppers: paths
      .optional()
      .describe('File of shopper profiles, one row a shopper: who buys a product is told by their columns.'),
    at: z
      .union([name, z.number()])
      .refine((cell) => timeOfCell(cell) !== undefined, {
        error: 'must be a date or a time, such as 2024-12-31 or 2024-12-31T18:00:00Z',
      })
      .optional()
      .describe(
        'The time of the prediction: what happened at it or later is not read. The end of the log when left out.',
      ),
    atColumn: name
      .optional()
      .describe("Column of the catalog with each product's own time of prediction, in place of `at`."),
    windows: z
      .array(z.number().positive().max(3650))
      .max(12)
      .default([1, 7, 30, 90])
      .describe('Days before the prediction that events are counted over; all of them are counted as well.'),
    columns: z
      .strictObject({
        time: name.optional().describe('When it happened.'),
        kind: name
          .optional()
          .describe(
            'What happened: view, cart, purchase, return or search, in any usual spelling; all are purchases without one.',
          ),
        product: name.optional().describe('The product, as `data.id` names it.'),
        shopper: name.optional().describe('Who did it.'),
        session: name.optional().describe('The visit; told by pauses without one.'),
        query: name.optional().describe('What was searched for.'),
        quantity: name.optional().describe('How many; 1 without one.'),
        price: name.optional().describe('The price of one.'),
      })
      .optional()
      .describe("The event log's columns, where they do not have one of the usual names."),
    shopperColumn: name
      .optional()
      .describe('Column of the profiles that identifies the shopper, where it has no usual name.'),
    profile: z
      .array(name)
      .optional()
      .describe('Columns of the profiles that buyers are told by; those with 2 to 12 values when left out.'),
    neighbours: z
      .int()
      .min(0)
      .max(50)
      .default(10)
      .describe('Products viewed, and products bought, together with it that are read at most.'),
    queries: z.int().min(0).max(50).default(10).describe('Queries that found it that are read at most.'),
  })
  .refine(({ at, atColumn }) => at === undefined || atColumn === undefined, {
    path: ['atColumn'],
    error: '`at` is there already: give one time for all, or a column',
  })
  .refine(({ shoppers, shopperColumn }) => shopperColumn === undefined || shoppers !== undefined, {
    path: ['shopperColumn'],
    error: '`shopperColumn` needs `shoppers`, the file that it is a column of',
  });
export type BehaviourInputConfig = z.infer<typeof behaviourInputSchema>;
