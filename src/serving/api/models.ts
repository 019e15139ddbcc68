import { z } from 'zod';
import { ATTRIBUTE_KINDS } from '../../catalog/product.ts';

const share = z
  .number()
  .gt(0)
  .max(1)
  .describe('Of the products, told by their id, or by what stands in them where they have none.');

const shareContract = z.strictObject({ version: z.string(), share });

const versionContract = z.strictObject({
  version: z.string(),
  role: z
    .enum(['live', 'canary', 'shadow', 'idle'])
    .describe(
      'live: answers; canary: answers for a share of the products; shadow: is asked for a share, and nobody sees its answers; idle: answers who names it.',
    ),
  share: share.optional(),
});

/** What is served under one name: the fields the live version reads and the attributes it gives. */
export const modelContract = z.strictObject({
  name: z.string(),
  default: z.boolean().describe('Whether it answers where no model is named.'),
  version: z.string().describe('The live version.'),
  previous: z.string().nullable().describe('The version that a roll back goes to.'),
  versions: z.array(versionContract),
  fields: z.array(z.string()).describe('Text fields of a product, the ones the model reads.'),
  media: z
    .array(z.strictObject({ name: z.string(), kind: z.enum(['image', 'audio']) }))
    .describe('Fields of pictures and sounds, the ones the model reads.'),
  cells: z.array(z.string()).describe('Fields of numbers, categories and dates, the ones the model reads.'),
  attributes: z.array(
    z.strictObject({
      name: z.string(),
      kind: z
        .enum(ATTRIBUTE_KINDS)
        .describe('choice: one of; multi: some of; number; extract: words of the text; generate: free text.'),
    }),
  ),
  shadow: z
    .strictObject({
      products: z.int().describe('Compared so far.'),
      failed: z.int().describe('On which the shadow failed.'),
      dropped: z.int().describe('That it was not asked for, since it did not keep up.'),
      differing: z.record(z.string(), z.int()).describe('Products with another value, by attribute.'),
    })
    .optional()
    .describe('How the answers of the shadow compare with those that were given.'),
});

export const modelsContract = z.strictObject({
  models: z.array(modelContract).describe('The default model first.'),
  failed: z
    .array(z.strictObject({ name: z.string(), version: z.string(), problem: z.string() }))
    .describe('What should have answered since the service started, and could not be opened.'),
});

export const modelPathContract = z.strictObject({ model: z.string().min(1).max(256) });

const version = z.string().min(1).max(256);

export const loadContract = z.strictObject({
  version: version.optional().describe('The newest that there is when left out.'),
});
export const unloadContract = z.strictObject({
  version: version.optional().describe('The whole model when left out.'),
});
export const unloadedContract = z.strictObject({
  name: z.string(),
  unloaded: z.array(z.string()).describe('Versions; memory is freed when their last request is answered.'),
});
export const promoteContract = z.strictObject({ version });
export const rollBackContract = z.strictObject({});
export const trafficContract = z
  .strictObject({
    canary: shareContract.nullish().describe('Answers for a share of the products; none when left out.'),
    shadow: shareContract
      .nullish()
      .describe('Is asked beside the version that answers; another one than the canary; none when left out.'),
  })
  .refine(({ canary, shadow }) => canary == null || canary.version !== shadow?.version, {
    path: ['shadow', 'version'],
    error: 'is the canary: a version is one or the other',
  });

export type ModelsAnswer = z.infer<typeof modelsContract>;
export type ModelAnswer = z.infer<typeof modelContract>;
