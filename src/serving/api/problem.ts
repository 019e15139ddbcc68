import { z } from 'zod';

export const PROBLEM_TYPE = 'application/problem+json';

/** What every refused request is answered with (RFC 9457), plus our `code`, `hint` and the single faults. */
export const problemContract = z.strictObject({
  type: z.string().describe('A name for this kind of problem: `urn:attune:` and the code.'),
  title: z.string().describe('What the code means; the same for every problem of the kind.'),
  status: z.int().min(400).max(599).describe('The HTTP status.'),
  detail: z.string().describe('What was wrong this time, where, and what was expected.'),
  instance: z.string().describe('This one request, as `urn:uuid:`; the log of the service has the same id.'),
  code: z
    .string()
    .describe('Folder and reason in words, e.g. `serving/unknown-field`; docs/errors.md lists them.'),
  hint: z.string().optional().describe('What to do about it.'),
  errors: z
    .array(
      z.strictObject({
        pointer: z.string().describe('Where in the body, as a JSON pointer: `#/products/3/title`.'),
        detail: z.string(),
      }),
    )
    .optional()
    .describe('The single faults, at most 20.'),
  error: z.string().optional().describe('The detail once more, under `/v2`: there clients look for it.'),
});

export type Problem = z.infer<typeof problemContract>;
