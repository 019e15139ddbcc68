/**
 * The `data`, `inputs` and `attributes` sections of attune.yaml: what a merchant's file holds and what to learn of it.
 *
 * Short forms (`color: choice`, `title: text`) are written out in full here, so that what comes after sees one form
 * only. What parse returns parses again to itself. Nothing here opens a file.
 */
import { z } from 'zod';
import { inputsSchema } from './config-inputs.ts';
import { unitSymbol } from './config-unit.ts';
import type { AttributeSchema } from './product.ts';

/** A word of a catalog. YAML reads `36` as a number; a size is a word all the same. */
const word = z.union([
  z.string().min(1),
  z.number().transform((n) => String(n)),
  z.boolean().transform((b) => String(b)),
]);

const share = z.number().min(0).max(0.5);

const splitSchema = z
  .strictObject({
    by: z
      .enum(['hash', 'group', 'time', 'column', 'files'])
      .default('hash')
      .describe(
        'How products are dealt to train, dev and test: by a hash of the product (or of its group, where `data.group` ' +
          'is set), by `data.group`, by `data.time` (the latest are test), by a column that names the side, or by ' +
          'given files.',
      ),
    dev: share
      .default(0.1)
      .describe('Share of the products set aside to choose the best epoch and calibrate; 0 to 0.5.'),
    test: share.default(0.1).describe('Share of the products set aside for the final figures; 0 to 0.5.'),
    seed: z.int().min(0).max(0xffff_ffff).default(1).describe('Another seed deals the products otherwise.'),
    column: z
      .string()
      .min(1)
      .optional()
      .describe('For `by: column`: the column that holds train, dev or test.'),
    files: z
      .strictObject({
        dev: z.string().min(1).optional().describe('File or glob of the dev products.'),
        test: z.string().min(1).optional().describe('File or glob of the test products.'),
      })
      .optional()
      .describe('For `by: files`: files like `data.path`; a side without a file is dealt by hash.'),
  })
  .superRefine((split, context) => {
    if (split.by === 'column' && split.column === undefined)
      context.addIssue({ code: 'custom', path: ['by'], message: '`by: column` needs `column` beside it' });
    if (split.by !== 'column' && split.column !== undefined)
      context.addIssue({ code: 'custom', path: ['column'], message: 'only `by: column` reads this' });
    if (split.by === 'files' && split.files === undefined)
      context.addIssue({ code: 'custom', path: ['by'], message: '`by: files` needs `files` beside it' });
    if (split.by !== 'files' && split.files !== undefined)
      context.addIssue({ code: 'custom', path: ['files'], message: 'only `by: files` reads this' });
    if (split.dev + split.test > 0.8)
      context.addIssue({
        code: 'custom',
        path: ['dev'],
        message: 'dev and test together may be at most 0.8',
      });
  });

/** Names that people use and the web's list of encodings lacks; the reader knows them too. */
const ENCODING_ALIASES: readonly string[] = ['latin-1', 'ansi'];

function isEncoding(label: string): boolean {
  if (ENCODING_ALIASES.includes(label.toLowerCase())) return true;
  try {
    new TextDecoder(label);
    return true;
  } catch {
    return false;
  }
}

export const dataSchema = z
  .strictObject({
    path: z
      .union([z.string().min(1), z.array(z.string().min(1)).min(1)])
      .optional()
      .describe(
        'CSV, TSV, JSONL or Parquet, gzipped or not: a file, a glob or a list of them. May be left out when the ' +
          'command line names the file.',
      ),
    id: z
      .string()
      .min(1)
      .optional()
      .describe('Column that identifies a product; the row number when left out.'),
    group: z
      .string()
      .min(1)
      .optional()
      .describe('Column of the parent product: variants of one parent never part in a split.'),
    category: z
      .string()
      .min(1)
      .optional()
      .describe('Column of the category, which is context for the model.'),
    time: z.string().min(1).optional().describe('Column of a date or time, for `split: {by: time}`.'),
    layout: z
      .enum(['columns', 'nested', 'long', 'shopify'])
      .default('columns')
      .describe(
        'Where attributes stand: a column each, an object in `attributesColumn`, one row an attribute ' +
          '(`attributeColumn`, `valueColumn`), or as in a Shopify product CSV.',
      ),
    attributesColumn: z
      .string()
      .min(1)
      .default('attributes')
      .describe('For `layout: nested`: column that holds the object of attributes.'),
    attributeColumn: z
      .string()
      .min(1)
      .default('attribute')
      .describe('For `layout: long`: column that holds the name of the attribute.'),
    valueColumn: z
      .string()
      .min(1)
      .default('value')
      .describe('For `layout: long`: column that holds the value of the attribute.'),
    attributesPath: z
      .string()
      .min(1)
      .optional()
      .describe(
        'For `layout: long`: file of the long rows, where they are not in `path` itself; joined by `id`.',
      ),
    notApplicable: z
      .array(word)
      .default(['n/a', 'not applicable'])
      .describe('Cells that mean "this product has no such attribute" (an empty cell means "not known").'),
    encoding: z
      .string()
      .refine(isEncoding, {
        error: 'must be a character encoding such as utf-8, utf-16le, windows-1252 or shift_jis',
      })
      .default('utf-8')
      .describe(
        'Character encoding of text files, by its name on the web: utf-8, utf-16le, windows-1252, shift_jis.',
      ),
    delimiter: z
      .string()
      .length(1)
      .optional()
      .describe('Character between the cells of a CSV file; found in its first lines when left out.'),
    split: splitSchema.prefault({}).describe('How products are dealt to train, dev and test.'),
  })
  .superRefine((data, context) => {
    const needs = { group: data.group, time: data.time } as const;
    const by = data.split.by;
    if ((by === 'group' || by === 'time') && needs[by] === undefined)
      context.addIssue({
        code: 'custom',
        path: ['split', 'by'],
        message: `\`by: ${by}\` needs \`data.${by}\`, the column to go by`,
      });
  });
export type DataConfig = z.infer<typeof dataSchema>;

const attributeFields = {
  column: z
    .string()
    .min(1)
    .optional()
    .describe("Column (or key) of the label; the attribute's own name when left out."),
  description: z
    .string()
    .min(1)
    .optional()
    .describe('A sentence on what the attribute means; the model reads it.'),
  appliesTo: z
    .array(word)
    .min(1)
    .optional()
    .describe('Categories in which the attribute applies; all of them when left out.'),
  required: z.boolean().default(false).describe('Whether a product without it counts as incomplete.'),
};

const valueFields = {
  values: z
    .array(word)
    .min(1)
    .optional()
    .describe('Allowed values; learned from the data and shown when left out.'),
  synonyms: z
    .record(z.string().min(1), z.array(word))
    .default({})
    .describe('Allowed value -> other ways to write it, e.g. {Blue: [navy]}.'),
};

const separator = z
  .string()
  .min(1)
  .optional()
  .describe(
    'What stands between several values in one cell, e.g. "," or " | "; a cell is one value when left out.',
  );

const generateFields = {
  reads: z
    .array(z.string().min(1))
    .min(1)
    .optional()
    .describe(
      "Text inputs that the decoder reads; all when left out, but for those of the attribute's own column, which would give the answer away.",
    ),
  given: z
    .array(z.string().min(1))
    .default([])
    .describe(
      'Other attributes that the decoder reads where their values are known, as the file or the caller says them.',
    ),
  maxTokens: z.int().min(1).max(512).default(40).describe('Longest text, in tokens.'),
  beams: z
    .int()
    .min(1)
    .max(16)
    .default(4)
    .describe(
      'Texts kept side by side while writing; 1 takes the likeliest token each time, which is quicker.',
    ),
  lengthPenalty: z
    .number()
    .min(-5)
    .max(5)
    .default(1)
    .describe(
      "Power of a text's length that its log-probability is divided by: more favours long texts. Of beams only.",
    ),
  noRepeat: z
    .int()
    .min(0)
    .max(20)
    .default(0)
    .describe('No run of so many tokens comes twice in a text; 0 allows all.'),
  list: z
    .boolean()
    .default(false)
    .describe('Whether the text is a list, such as bullet points: a cell is split at `separator`.'),
  separator: z.string().min(1).default('|').describe('For `list`: what stands between the items in a cell.'),
};

const attributeForms = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('choice').describe('One of the allowed values.'),
    ...attributeFields,
    ...valueFields,
  }),
  z.strictObject({
    kind: z.literal('multi').describe('Some of the allowed values.'),
    ...attributeFields,
    ...valueFields,
    separator,
  }),
  z.strictObject({
    kind: z.literal('number').describe('A number, in a unit where one is set.'),
    ...attributeFields,
    unit: unitSymbol
      .optional()
      .describe('Unit that predictions are given in, e.g. g, cm, l, W; cells in other units are converted.'),
    decimal: z
      .enum(['auto', 'point', 'comma'])
      .default('auto')
      .describe('Whether "1,234" is 1234 (point) or 1.234 (comma); told from the column itself by auto.'),
  }),
  z.strictObject({
    kind: z
      .literal('extract')
      .describe('A piece of the text inputs, as it stands there: none, one or several.'),
    ...attributeFields,
    separator,
  }),
  z.strictObject({
    kind: z.literal('generate').describe('A free text that a decoder writes, such as a title.'),
    ...attributeFields,
    ...generateFields,
  }),
]);
export type AttributeConfig = z.infer<typeof attributeForms>;

export const attributesSchema = z
  .record(
    z.string().min(1),
    z.union([
      z
        .enum(['choice', 'multi', 'number', 'extract', 'generate'])
        .transform((kind): AttributeConfig => attributeForms.parse({ kind })),
      attributeForms,
    ]),
  )
  .default({})
  .describe('What the model predicts, by attribute name; inferred from the file when empty.');

/** The three sections as one whole, for a file that has no others. */
export const catalogConfigSchema = z.strictObject({
  data: dataSchema.prefault({}).describe('The file of products and how it is split.'),
  inputs: inputsSchema,
  attributes: attributesSchema,
});
export type CatalogConfig = z.infer<typeof catalogConfigSchema>;

/**
 * The resolved schema of one attribute.
 * @param learned - canonical values and their variants found in the data, used where the config lists no values
 */
export function attributeSchema(
  name: string,
  config: AttributeConfig,
  learned: {
    readonly values: readonly string[];
    readonly synonyms: Readonly<Record<string, readonly string[]>>;
  },
): AttributeSchema {
  const closed = config.kind === 'choice' || config.kind === 'multi';
  const given = closed && config.values !== undefined;
  return {
    name,
    kind: config.kind,
    description: config.description,
    values: closed ? (config.values ?? learned.values) : [],
    synonyms: closed ? { ...(given ? {} : learned.synonyms), ...config.synonyms } : {},
    unit: config.kind === 'number' ? config.unit : undefined,
    appliesTo: config.appliesTo,
    required: config.required,
    ...(config.kind === 'generate' && config.list ? { list: true } : {}),
  };
}
