/** Files of products, what stands in them, and the trainings that are made of them. */
import { z } from 'zod';
import { attributeFigures } from './figures.ts';

/** Of the bytes of a file that is sent. */
export const UPLOAD_TYPE = 'application/octet-stream';

const count = z.int().min(0);
const anything = z.record(z.string(), z.unknown());

const warningContract = z.strictObject({
  level: z.enum(['note', 'warning', 'error']).describe('error: nothing can be trained before it is mended.'),
  code: z.string(),
  where: z.string().describe('Columns or attributes.'),
  what: z.string(),
  why: z.string(),
  action: z.string().describe('What to do about it.'),
});

const columnContract = z.strictObject({
  name: z.string(),
  type: z.string(),
  role: z.string().describe('What the column seems to be: id, text, attribute, image, number ...'),
  reason: z.string().describe('Why, as part of a sentence.'),
  filled: count.describe('Rows in which it says something.'),
  distinct: count.describe('Different values; beyond a few thousand to within a few per cent.'),
  examples: z.array(z.string()).describe('Cut after 200 characters.'),
});

const foundAttributeContract = z.strictObject({
  name: z.string(),
  column: z.string().describe('Of the label; where attributes share a column, the name of the attribute.'),
  kind: z.string(),
  reason: z.string(),
  labelled: count.describe('Products with a value.'),
  distinct: count,
  usable: z.boolean().describe('Whether it can be trained as it is; `reason` says why not.'),
});

const inspectionContract = z.strictObject({
  rows: count,
  products: count.describe('Rows, or groups of rows where several make a product.'),
  layout: z.enum(['columns', 'nested', 'long', 'shopify']).describe('Where attributes stand.'),
  columns: z.array(columnContract),
  attributes: z.array(foundAttributeContract),
  warnings: z.array(warningContract),
  config: z
    .strictObject({ data: anything, inputs: anything, attributes: anything })
    .describe('What `attune inspect` would write into attune.yaml, to begin with.'),
});

export const fileContract = z.strictObject({
  id: z.string(),
  name: z.string(),
  bytes: count,
  uploaded: z.iso.datetime(),
  inspection: inspectionContract.nullable().describe('Null until somebody asked for it.'),
});

export const filesContract = z.strictObject({
  files: z.array(fileContract.omit({ inspection: true })).describe('The latest first.'),
  maxBytes: count.describe('The most that a file may have.'),
});

/** Read as it comes, so there is nothing to check. */
export const uploadBodyContract = z.unknown().describe('The bytes of the file.');

export const uploadQueryContract = z.strictObject({
  name: z.string().min(1).max(500).describe('Of the file; its ending tells the format.'),
});

export const idPathContract = z.strictObject({ id: z.string().min(1).max(200) });

export const trainContract = z.strictObject({
  file: z.string().min(1).max(64).describe('Its id.'),
  model: z
    .string()
    .regex(/^[\p{L}\p{N}][\p{L}\p{N} ._-]{0,63}$/u)
    .describe('What the model is called: letters, digits, spaces, dots, dashes; at most 64.'),
  config: z
    .strictObject({
      data: anything.optional(),
      inputs: anything.optional(),
      attributes: anything.optional(),
      model: anything.optional(),
      training: anything.optional(),
      accept: anything.optional(),
      gates: anything.optional(),
    })
    .prefault({})
    .describe(
      'As attune.yaml has it, without paths: `model.text` is `small`, or the name of a folder in the `encoders` of the workspace. ' +
        'Inputs and attributes that it does not name are inferred from the file.',
    ),
});

export const RUN_STATES = [
  'waiting',
  'running',
  'stopping',
  'finished',
  'stopped',
  'interrupted',
  'failed',
] as const;

export const runContract = z.strictObject({
  id: z.string(),
  model: z.string(),
  version: z.string().describe('Of the model that comes of it.'),
  state: z
    .enum(RUN_STATES)
    .describe(
      'waiting: for its turn; stopping: it saves; stopped: by a person; interrupted: the service or its machine stopped. What is stopped, interrupted or failed can be resumed.',
    ),
  file: z.strictObject({ id: z.string(), name: z.string() }),
  config: anything.describe('The whole config, defaults too.'),
  created: z.iso.datetime(),
  started: z.iso.datetime().nullable(),
  ended: z.iso.datetime().nullable(),
  stage: z.string().nullable().describe('What it does now, in words.'),
  step: count.describe('Optimiser steps done, of all models of the run.'),
  steps: count.nullable().describe('Planned; training may stop earlier, when the dev score no longer rises.'),
  devScore: z.number().nullable().describe('The best so far.'),
  problem: z
    .strictObject({ code: z.string(), message: z.string(), hint: z.string().nullable() })
    .nullable()
    .describe('Why it failed.'),
});

const curveContract = z.strictObject({
  model: z.string().nullable().describe('Which of several models of the run; null where there is one.'),
  loss: z
    .array(z.tuple([count, z.number()]))
    .describe('Step and train loss; means of neighbours where many.'),
  epochs: z.array(
    z.strictObject({
      epoch: count,
      step: count.describe('After which it ended.'),
      trainLoss: z.number(),
      devScore: z.number().nullable(),
      attributes: z.record(z.string(), z.number()),
    }),
  ),
});

export const runDetailContract = runContract.extend({
  curves: z.array(curveContract),
  plan: z
    .strictObject({
      products: z.strictObject({ train: count, dev: count, test: count }),
      rejected: count.describe('Rows that were set aside.'),
      start: z.string(),
      parameters: count,
      memory: z.number().describe('Bytes at most, by estimate.'),
    })
    .nullable(),
  warnings: z.array(z.string()),
  figures: z.array(attributeFigures).describe('On the test products; empty until it is finished.'),
  gates: z.array(z.strictObject({ text: z.string(), passed: z.boolean() })),
});

export const runsContract = z.strictObject({
  runs: z.array(runContract).describe('The latest first.'),
  encoders: z
    .array(z.string())
    .describe('What `model.text`, `model.image` and `model.audio` may name beside `small`.'),
});

export type InspectionAnswer = z.infer<typeof inspectionContract>;
export type FileAnswer = z.infer<typeof fileContract>;
export type FilesAnswer = z.infer<typeof filesContract>;
export type TrainRequest = z.infer<typeof trainContract>;
export type RunAnswer = z.infer<typeof runContract>;
export type RunDetail = z.infer<typeof runDetailContract>;
export type RunsAnswer = z.infer<typeof runsContract>;
