import { z } from 'zod';
import { STATUSES } from '../../prediction/prediction.ts';
import { problemContract } from './problem.ts';

export const NDJSON_TYPE = 'application/x-ndjson';

/** Names that mean something else in a product; a text field of such a name goes into `texts`. */
export const RESERVED_NAMES: readonly string[] = ['id', 'category', 'texts'];

/** Of one field of pictures or sounds, in a product. */
export const MOST_FILES = 32;

/** Alternatives a call may ask for. */
const MAX_TOP_K = 50;

const text = z.string().nullish();

/** Base64 in either alphabet, bare or in a data URI; a path or an address nearly always has a letter that is none of it. */
const BASE64 = /^(?:data:[^,]{0,200};base64,)?[\w+/=\s-]*$/i;

const fileBytes = z
  .string()
  .min(1)
  .refine((text) => BASE64.test(text), {
    error:
      'is neither the bytes of a file in base64 nor a data URI of them. Files and addresses are not read here: send the bytes themselves',
  })
  .describe('A picture or a sound: the bytes of its file in base64, or a `data:` URI.');
const cell = z
  .union([z.number(), z.string()])
  .describe('A number in the unit of the training data, a category, a date, or a text such as "1.2 kg".');

/**
 * One product: its text fields by name, beside `id` and `category`; `texts` is the long form of the same, for a field
 * whose name is taken. A field that is missing, null or empty is missing.
 *
 * @param fields - the text fields that the model reads
 * @param others - its fields of pictures and sounds, each one file or a list, its number, category and date fields, and the
 *   attributes whose known values it reads, which stand in `values`; `file` is what a picture or a sound may be, bytes when left out
 */
export function productContract(
  fields: readonly string[],
  {
    mediaFields = [],
    tableFields = [],
    givenAttributes = [],
    file = fileBytes,
  }: {
    readonly mediaFields?: readonly string[];
    readonly file?: z.ZodType<string>;
    readonly tableFields?: readonly string[];
    readonly givenAttributes?: readonly string[];
  } = {},
) {
  const named = (names: readonly string[]) =>
    Object.fromEntries(names.map((name) => [name, text.describe(`The product's ${name}, as it is sold.`)]));
  return z
    .strictObject({
      ...named(fields.filter((field) => !RESERVED_NAMES.includes(field))),
      ...Object.fromEntries(
        mediaFields.map((name) => [name, z.union([file, z.array(file).max(MOST_FILES)]).nullish()]),
      ),
      ...Object.fromEntries(tableFields.map((name) => [name, cell.nullish()])),
      ...(givenAttributes.length === 0 ? {} : { values: valuesContract(givenAttributes) }),
      id: z
        .union([z.string().max(1024), z.int()])
        .nullish()
        .describe('Comes back with the prediction, as a text; a SKU, for instance.'),
      category: z.string().max(4096).nullish().describe('Where the product stands in the catalog.'),
      texts: z
        .strictObject(named(fields))
        .nullish()
        .describe('The text fields once more, by name, for one whose name is `id`, `category` or `texts`.'),
    })
    .superRefine((product, context) => {
      for (const [field, given] of Object.entries(product.texts ?? {})) {
        const beside: unknown = RESERVED_NAMES.includes(field) ? undefined : Reflect.get(product, field);
        if (given == null || beside == null) continue;
        context.addIssue({ code: 'custom', path: ['texts', field], message: 'is given twice' });
      }
    });
}

function valuesContract(attributes: readonly string[]) {
  const value = z.union([z.string(), z.array(z.string()).max(100)]).nullish();
  return z
    .strictObject(Object.fromEntries(attributes.map((name) => [name, value])))
    .nullish()
    .describe('Values of attributes that are known, which the texts that are written rest on.');
}

const model = z
  .string()
  .min(1)
  .max(256)
  .describe('The model that answers, by name; the default model otherwise.');
const version = z
  .string()
  .min(1)
  .max(256)
  .describe(
    'The version of it that answers; otherwise the live one, and a canary for its share of the products.',
  );
const topK = z.int().min(0).max(MAX_TOP_K).describe('How many alternatives to list for each attribute.');

const WHY_CONTRIBUTIONS =
  'Whether to say what each modality (text, each picture and sound field, the table (numbers, categories, dates) and the behaviour) added to each answer. It costs a further pass over the products for each set of modalities: 4 for two, 8 for three, 16 for four.';
const contributions = z.boolean().describe(WHY_CONTRIBUTIONS);

/** A product of whichever model; the OpenAPI document has those of the models that are served in its place. */
export const anyProductContract = z.record(z.string(), z.unknown());

const keep = z
  .boolean()
  .describe(
    'Whether the store keeps products that have an id and what is answered of them, where the service has a store; true when left out. A key with the role predict adds products and changes none.',
  );

/**
 * @param product - a `productContract`
 * @param maxProducts - how many products one call may have
 */
export function predictRequestContract<Product extends z.ZodType>(product: Product, maxProducts: number) {
  return z.strictObject({
    products: z.array(product).min(1).max(maxProducts),
    model: model.optional(),
    version: version.optional(),
    topK: topK.optional(),
    contributions: contributions.optional(),
    keep: keep.optional(),
  });
}

const WHERE = 'Where the body does not say.';

/** For a stream, whose body has no place for options; a query is text. */
export const predictQueryContract = z.strictObject({
  model: model.optional().describe(`${model.description} ${WHERE}`),
  version: version.optional().describe(`${version.description} ${WHERE}`),
  topK: z.coerce
    .number<string>()
    .int()
    .min(0)
    .max(MAX_TOP_K)
    .optional()
    .describe(`${topK.description} ${WHERE}`),
  contributions: z
    .enum(['true', 'false'])
    .transform((said) => said === 'true')
    .optional()
    .describe(`${WHY_CONTRIBUTIONS} ${WHERE}`),
  keep: z
    .enum(['true', 'false'])
    .transform((said) => said === 'true')
    .optional()
    .describe(`${keep.description} ${WHERE}`),
});

const probability = z.number().min(0).max(1);

const attributeContract = z.strictObject({
  value: z
    .union([z.string(), z.number(), z.array(z.string()), z.null()])
    .describe(
      'A list where an attribute can have several values; null where it has none, or none can be given.',
    ),
  unit: z.string().optional().describe('The unit of a number.'),
  confidence: probability.describe('Calibrated: of many values with 0.9, nine in ten are right.'),
  status: z
    .enum(STATUSES)
    .describe('auto: sure enough to be taken; review: a person should look; abstain: nothing to say.'),
  source: z.enum(['model']).describe('Who says so.'),
  evidence: z
    .array(
      z.strictObject({ field: z.string(), start: z.int().min(0), end: z.int().min(0), text: z.string() }),
    )
    .describe('Where in the texts the value stands; places in UTF-16 units, as in JavaScript.'),
  alternatives: z
    .array(z.strictObject({ value: z.union([z.string(), z.number()]), confidence: probability }))
    .describe('The best values, best first; empty unless `topK` asks for some.'),
  notApplicable: z.boolean().describe('The product has no such attribute.'),
  contributions: z
    .strictObject({
      baseline: z
        .number()
        .describe('What the model gives the same answer for a product that it knows nothing of.'),
      parts: z
        .record(z.string(), z.number())
        .describe('By modality: `text`, the name of a picture or sound field, `table`.'),
    })
    .optional()
    .describe(
      'When asked for, where the model reads several modalities, and not of extracted attributes: Shapley values. The baseline and all parts add up to the probability that the model gives the value (the mean of several; before calibration, as in `alternatives`), or to the number.',
    ),
});

export const predictionContract = z.strictObject({
  id: z.string().nullable().describe('The id of the product; null where it came without one.'),
  version: z.string().describe('The version of the model that answered.'),
  attributes: z.record(z.string(), attributeContract),
  missing: z
    .array(z.string())
    .describe('Required attributes that apply here and that the model cannot fill by itself.'),
  problems: z
    .array(z.strictObject({ field: z.string(), reason: z.string() }))
    .describe('Pictures and sounds that could not be read; the answers rest on everything else.'),
});

export const predictResponseContract = z.strictObject({
  model: z.string(),
  predictions: z.array(predictionContract).describe('In the order of the products.'),
});

/** A line of a stream that could not be answered; the stream goes on after it. */
const lineProblemContract = z.strictObject({
  line: z.int().min(1).describe('1-based, counting blank lines.'),
  id: z.string().nullable(),
  problem: problemContract,
});

/** One line out for each line in, in the same order. */
export const predictLineContract = z.union([predictionContract, lineProblemContract]);

export type PredictResponse = z.infer<typeof predictResponseContract>;
export type ProductBody = z.infer<ReturnType<typeof productContract>>;
export type PredictionAnswer = z.infer<typeof predictionContract>;
export type LineProblem = z.infer<typeof lineProblemContract>;
