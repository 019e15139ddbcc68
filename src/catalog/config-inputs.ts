/** The `inputs` section of attune.yaml: what the model reads of a product. */
import { z } from 'zod';

/** Kinds that later versions learn from are told apart from typing errors. */
const laterInput = (issue: { readonly input?: unknown }): string | undefined =>
  ['audio', 'number'].includes(String(issue.input))
    ? `this version trains on text and image inputs; leave the ${String(issue.input)} field out`
    : undefined;

const kindOf = (input: unknown) =>
  typeof input === 'object' && input !== null && 'kind' in input ? input.kind : input;

const textInputSchema = z
  .strictObject({
    kind: z.literal('text', { error: laterInput }).describe('What the field holds.'),
    column: z
      .union([z.string().min(1), z.array(z.string().min(1)).min(1)])
      .optional()
      .describe("Column of the text, or several, joined line by line; the input's own name when left out."),
    path: z
      .string()
      .min(1)
      .optional()
      .describe(
        'File that has the column, where it is another: any number of rows a product, such as its reviews.',
      ),
    key: z
      .string()
      .min(1)
      .optional()
      .describe("For `path`: the file's column of the product's id; named as `data.id` when left out."),
    maxTokens: z
      .int()
      .min(4)
      .max(8192)
      .default(128)
      .describe('Token budget of this field; what is longer is cut at its end.'),
  })
  .refine(({ path, key }) => key === undefined || path !== undefined, {
    path: ['key'],
    error: '`key` needs `path`, the file that it is a column of',
  });
export type TextInputConfig = z.infer<typeof textInputSchema>;

const imageInputSchema = z.strictObject({
  kind: z.literal('image').describe('What the field holds.'),
  column: z
    .union([z.string().min(1), z.array(z.string().min(1)).min(1)])
    .optional()
    .describe(
      "Column of the pictures, or several: paths beside the file, addresses, data URIs, or a Parquet file's bytes; the " +
        "input's own name when left out.",
    ),
  most: z
    .int()
    .min(1)
    .max(32)
    .default(1)
    .describe('Pictures of a product that are read at most; their vectors are averaged.'),
});
export type ImageInputConfig = z.infer<typeof imageInputSchema>;

export type InputConfig = TextInputConfig | ImageInputConfig;

export const inputsSchema = z
  .record(
    z.string().min(1),
    z.union([
      z
        .enum(['text', 'image'], { error: laterInput })
        .transform(
          (kind): InputConfig =>
            kind === 'text' ? textInputSchema.parse({ kind }) : imageInputSchema.parse({ kind }),
        ),
      z.discriminatedUnion('kind', [textInputSchema, imageInputSchema], {
        error: (issue) => laterInput({ input: kindOf(issue.input) }),
      }),
    ]),
  )
  .default({})
  .describe('What the model reads, by field name; inferred from the file when empty.');

type Inputs = Readonly<Record<string, InputConfig>>;

/** The inputs of one kind, by name, in the order of the config. */
export function textInputs(inputs: Inputs): readonly (readonly [string, TextInputConfig])[] {
  return Object.entries(inputs).flatMap(([name, input]) => (input.kind === 'text' ? [[name, input]] : []));
}

export function imageInputs(inputs: Inputs): readonly (readonly [string, ImageInputConfig])[] {
  return Object.entries(inputs).flatMap(([name, input]) => (input.kind === 'image' ? [[name, input]] : []));
}
