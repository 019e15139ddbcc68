/** The `inputs` section of attune.yaml: what the model reads of a product. */
import { z } from 'zod';
import { type BehaviourInputConfig, behaviourInputSchema } from './config-behaviour.ts';
import { unitSymbol } from './config-unit.ts';

/** Names a kind that is none. */
const unknownInput = 'must be text, image, audio, number, category, date or behaviour';

const textInputSchema = z
  .strictObject({
    kind: z.literal('text').describe('What the field holds.'),
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

const columns = z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]).optional();
const most = z.int().min(1).max(32).default(1);

const imageInputSchema = z.strictObject({
  kind: z.literal('image').describe('What the field holds.'),
  column: columns.describe(
    "Column of the pictures, or several: paths beside the file, addresses, data URIs, or a Parquet file's bytes; the " +
      "input's own name when left out.",
  ),
  most: most.describe('Pictures of a product that are read at most; their vectors are averaged.'),
});
export type ImageInputConfig = z.infer<typeof imageInputSchema>;

const audioInputSchema = z.strictObject({
  kind: z.literal('audio').describe('What the field holds.'),
  column: columns.describe(
    "Column of the sounds, or several, as of pictures; the input's own name when left out.",
  ),
  most: most.describe('Sounds of a product that are read at most; their vectors are averaged.'),
  seconds: z
    .number()
    .min(0.32)
    .max(30)
    .default(1.28)
    .describe('How much of a sound is heard: a longer one is cut at both ends, a shorter one padded.'),
});
export type AudioInputConfig = z.infer<typeof audioInputSchema>;

const numberInputSchema = z.strictObject({
  kind: z.literal('number').describe('What the field holds.'),
  column: z.string().min(1).optional().describe("Column of the number; the input's own name when left out."),
  unit: unitSymbol
    .optional()
    .describe('Unit that cells are converted to, e.g. g, cm; bare numbers when left out.'),
  decimal: z
    .enum(['point', 'comma'])
    .default('point')
    .describe('Whether "1,234" is 1234 (point) or 1.234 (comma).'),
});
export type NumberInputConfig = z.infer<typeof numberInputSchema>;

const categoryInputSchema = z.strictObject({
  kind: z.literal('category').describe('What the field holds.'),
  column: z
    .string()
    .min(1)
    .optional()
    .describe("Column of the category; the input's own name when left out."),
  minCount: z
    .int()
    .min(1)
    .max(1000)
    .default(5)
    .describe('Values that fewer training products have are read as unknown ones.'),
});
export type CategoryInputConfig = z.infer<typeof categoryInputSchema>;

const dateInputSchema = z.strictObject({
  kind: z.literal('date').describe('What the field holds.'),
  column: z.string().min(1).optional().describe("Column of the date; the input's own name when left out."),
});
export type DateInputConfig = z.infer<typeof dateInputSchema>;

/** Inputs of single cells, which are read together. */
export const TABLE_KINDS = ['number', 'category', 'date'] as const;
export type TableInputConfig = NumberInputConfig | CategoryInputConfig | DateInputConfig;

export type InputConfig =
  | TextInputConfig
  | ImageInputConfig
  | AudioInputConfig
  | TableInputConfig
  | BehaviourInputConfig;
type Kind = InputConfig['kind'];

const inputForms = z.discriminatedUnion(
  'kind',
  [
    textInputSchema,
    imageInputSchema,
    audioInputSchema,
    numberInputSchema,
    categoryInputSchema,
    dateInputSchema,
    behaviourInputSchema,
  ],
  { error: unknownInput },
);

export const inputsSchema = z
  .record(
    z.string().min(1),
    z.union([
      z
        .enum(['text', 'image', 'audio', ...TABLE_KINDS], { error: unknownInput })
        .transform((kind): InputConfig => inputForms.parse({ kind })),
      inputForms,
    ]),
  )
  .refine((inputs) => inputsOf(inputs, 'behaviour').length < 2, {
    error: 'has two inputs of kind behaviour; one is read. Put their files into one list of `events`',
  })
  .default({})
  .describe('What the model reads, by field name; inferred from the file when empty.');

type Inputs = Readonly<Record<string, InputConfig>>;

/** The inputs of some kinds, by name, in the order of the config. */
export function inputsOf<K extends Kind>(
  inputs: Inputs,
  ...kinds: readonly K[]
): readonly (readonly [string, Extract<InputConfig, { readonly kind: K }>])[] {
  const wanted: readonly Kind[] = kinds;
  return Object.entries(inputs).flatMap(([name, input]) =>
    wanted.includes(input.kind) ? [[name, input as Extract<InputConfig, { readonly kind: K }>]] : [],
  );
}
