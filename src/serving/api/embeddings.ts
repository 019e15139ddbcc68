/** Embeddings of texts, in the shape that OpenAI's clients read. */
import { z } from 'zod';

const MOST_TEXTS = 2048;

export const embeddingsRequestContract = z.strictObject({
  input: z.union([z.string().min(1), z.array(z.string().min(1)).min(1).max(MOST_TEXTS)]),
  model: z.string().optional().describe('Comes back with the answer: there is one encoder.'),
  encoding_format: z
    .enum(['float', 'base64'])
    .optional()
    .describe('base64: the float32 numbers, little endian.'),
  user: z.string().optional().describe('Not read.'),
});

export const embeddingsResponseContract = z.strictObject({
  object: z.literal('list'),
  model: z.string(),
  data: z.array(
    z.strictObject({
      object: z.literal('embedding'),
      index: z.int(),
      embedding: z.union([z.array(z.number()), z.string()]),
    }),
  ),
  usage: z.strictObject({
    prompt_tokens: z.int().describe('Not counted: 0.'),
    total_tokens: z.int().describe('Not counted: 0.'),
  }),
});
