/** The Open Inference Protocol, version 2, with the extensions of Triton that the server metadata names. */
import { z } from 'zod';

/** Extensions of the protocol: what the service does beyond it. */
export const EXTENSIONS = ['binary_tensor_data', 'model_repository'] as const;
const DATATYPES = ['BYTES', 'FP32', 'INT32'] as const;

const datatype = z.enum(DATATYPES);
const parameters = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));

export const serverMetadataContract = z.strictObject({
  name: z.string(),
  version: z.string(),
  extensions: z.array(z.enum(EXTENSIONS)),
});

const tensorMetadata = z.strictObject({
  name: z.string(),
  datatype,
  shape: z.array(z.int()).describe('-1 for the number of products.'),
});

export const modelMetadataContract = z.strictObject({
  name: z.string(),
  versions: z.array(z.string()),
  platform: z.string(),
  inputs: z
    .array(tensorMetadata)
    .describe('What the model reads; one that is left out is missing of every product.'),
  outputs: z.array(tensorMetadata),
});

export const modelReadyContract = z.strictObject({ name: z.string(), ready: z.boolean() });

const element = z.union([z.string(), z.number(), z.boolean(), z.null()]);

const inputTensor = z.strictObject({
  name: z.string(),
  shape: z.array(z.int().min(0)).describe('[n, 1] for n products.'),
  datatype,
  parameters: parameters.optional(),
  data: z
    .array(z.union([element, z.array(element)]))
    .optional()
    .describe('Row by row, flat or nested; left out where the bytes follow the JSON (`binary_data_size`).'),
});

const requestedOutput = z.strictObject({ name: z.string(), parameters: parameters.optional() });

export const inferRequestContract = z.strictObject({
  id: z.string().optional().describe('Comes back with the answer.'),
  parameters: parameters.optional(),
  inputs: z.array(inputTensor).min(1),
  outputs: z.array(requestedOutput).optional().describe('All when left out.'),
});

const outputTensor = z.strictObject({
  name: z.string(),
  shape: z.array(z.int()),
  datatype,
  parameters: parameters.optional(),
  data: z.array(element).optional().describe('Flat, row by row; left out where the bytes follow the JSON.'),
});

export const inferResponseContract = z.strictObject({
  model_name: z.string(),
  model_version: z.string(),
  id: z.string().optional(),
  outputs: z.array(outputTensor),
});

export const repositoryIndexContract = z.array(
  z.strictObject({
    name: z.string(),
    version: z.string(),
    state: z.enum(['READY', 'UNAVAILABLE']),
    reason: z.string(),
  }),
);

export const versionPathContract = z.strictObject({ model: z.string(), version: z.string() });

export type Datatype = z.infer<typeof datatype>;
export type InputTensor = z.infer<typeof inputTensor>;
export type InferRequest = z.infer<typeof inferRequestContract>;
export type InferResponse = z.infer<typeof inferResponseContract>;
export type OutputTensor = z.infer<typeof outputTensor>;
