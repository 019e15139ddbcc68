/** What the process has done since it started: `/metrics`, counted together for a page. */
import { z } from 'zod';

const count = z.int().min(0);
const seconds = z.number().min(0);

export const trafficContract = z.strictObject({
  since: z.iso.datetime().describe('When the process started: everything is counted from there.'),
  waiting: count.describe('Products that wait for a batch.'),
  routes: z
    .array(
      z.strictObject({
        route: z.string().describe('As in the OpenAPI document; `none` for addresses that are not there.'),
        requests: count,
        refused: count.describe('Answered with 4xx.'),
        failed: count.describe('Answered with 5xx.'),
        seconds: z
          .strictObject({ mean: seconds, p50: seconds, p95: seconds, p99: seconds })
          .describe(
            'From the first byte of a request to the last of its answer. Quantiles are read from histograms: 10 stands for 10 and more.',
          ),
      }),
    )
    .describe('The busiest first.'),
  models: z.array(
    z.strictObject({
      model: z.string(),
      version: z.string(),
      products: count.describe('Asked for.'),
      kept: count.describe('Of them, answered from memory.'),
      batches: count,
    }),
  ),
  attributes: z
    .array(z.strictObject({ attribute: z.string(), auto: count, review: count, abstain: count }))
    .describe('Answers given, by status.'),
});

export type TrafficAnswer = z.infer<typeof trafficContract>;
