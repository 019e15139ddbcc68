import { z } from 'zod';
import { ATTRIBUTE_KINDS } from '../../catalog/product.ts';

/** What is served: the fields each model reads and the attributes it gives. */
export const modelsContract = z.strictObject({
  models: z.array(
    z.strictObject({
      name: z.string(),
      fields: z.array(z.string()).describe('Text fields of a product, the ones the model reads.'),
      media: z
        .array(z.strictObject({ name: z.string(), kind: z.enum(['image', 'audio']) }))
        .describe('Fields of pictures and sounds, the ones the model reads.'),
      cells: z
        .array(z.string())
        .describe('Fields of numbers, categories and dates, the ones the model reads.'),
      attributes: z.array(
        z.strictObject({
          name: z.string(),
          kind: z
            .enum(ATTRIBUTE_KINDS)
            .describe(
              'choice: one of; multi: some of; number; extract: words of the text; generate: free text.',
            ),
        }),
      ),
    }),
  ),
});
