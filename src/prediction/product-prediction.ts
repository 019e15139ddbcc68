/** From what a model answered to what is told of a product: calibrated confidence, a status, evidence, what is missing. */
import type { AttributeSchema } from '../catalog/product.ts';
import { calibrate } from '../evaluation/calibration/calibrator.ts';
import type { Answer } from '../models/attribute/decode.ts';
import { applies } from '../training/survey.ts';
import type { BundleAttribute } from './bundle-file.ts';
import { evidenceOf } from './collect.ts';
import type { Contributions } from './contributions.ts';
import type { AttributePrediction, ProductInput, ProductPrediction } from './prediction.ts';

/** A product as a model has read it. */
export type ReadInput = {
  readonly product: ProductInput;
  /** Names of the text inputs, and their texts. */
  readonly fields: readonly string[];
  readonly texts: readonly string[];
  /** Whether the model found nothing in it that it can read. */
  readonly nothing: boolean;
};

export function productPrediction(
  attributes: readonly BundleAttribute[],
  read: ReadInput,
  answers: Readonly<Record<string, Answer>>,
  contributions: Contributions = {},
): ProductPrediction {
  const { product } = read;
  const told: Record<string, AttributePrediction> = {};
  const missing: string[] = [];
  for (const attribute of attributes) {
    const { schema } = attribute;
    const inCategory = applies(schema, { category: product.category });
    const answer = isAnswerable(schema, read) ? answers[schema.name] : undefined;
    const prediction = inCategory ? attributePrediction(attribute, read, answer) : notApplicable(attribute);
    const own = answer && contributions[schema.name];
    told[schema.name] = own ? { ...prediction, contributions: own } : prediction;
    if (schema.required && inCategory && !product.known?.includes(schema.name) && !settled(prediction))
      missing.push(schema.name);
  }
  return { id: product.id ?? '', attributes: told, missing };
}

/** Whether an attribute is for the model to answer: it applies, and there is something that can be read of it. */
export function isAnswerable(schema: AttributeSchema, { product, texts, nothing }: ReadInput): boolean {
  if (!applies(schema, { category: product.category })) return false;
  const silent = isSilent(texts) && (nothing || !hasOthers(product));
  const known = Object.keys(product.values ?? {}).length > 0;
  return !silent || (schema.kind === 'generate' && known);
}

/** @param answer - undefined where there is none */
export function attributePrediction(
  {
    schema,
    trust,
  }: {
    readonly schema: Pick<AttributeSchema, 'kind' | 'unit' | 'list'>;
    readonly trust: BundleAttribute['trust'];
  },
  { fields, texts }: Pick<ReadInput, 'fields' | 'texts'>,
  answer: Answer | undefined,
): AttributePrediction {
  const unit = schema.unit === undefined ? {} : { unit: schema.unit };
  if (answer === undefined)
    return {
      kind: schema.kind,
      value: null,
      ...unit,
      notApplicable: false,
      confidence: 0,
      status: 'abstain',
      evidence: [],
      alternatives: [],
    };
  const confidence = trust ? calibrate(trust.calibrator, answer.probability) : answer.probability;
  const threshold = trust?.autoAccept.threshold;
  return {
    kind: schema.kind,
    value: answeredValue(schema, answer),
    ...unit,
    notApplicable: answer.values.length === 0 && answer.torn === undefined,
    confidence,
    status: threshold !== undefined && confidence >= threshold ? 'auto' : 'review',
    evidence: evidenceOf(fields, texts, answer.places),
    alternatives: answer.alternatives.map(({ value, probability }) => ({ value, confidence: probability })),
  };
}

export const isSilent = (texts: readonly string[]) => texts.every((text) => text.trim() === '');

const hasOthers = ({ media, table, behaviour }: ProductInput) =>
  behaviour !== undefined ||
  Object.keys(table ?? {}).length > 0 ||
  (media !== undefined && Object.values(media.cells).some(({ length }) => length > 0));

/** Whether a prediction can be taken as it is, and says something. */
const settled = ({ status, value, notApplicable }: AttributePrediction) =>
  status === 'auto' && (value !== null || notApplicable);

/** A rule of the schema, not a guess. */
function notApplicable({ schema }: BundleAttribute): AttributePrediction {
  return {
    kind: schema.kind,
    value: null,
    notApplicable: true,
    confidence: 1,
    status: 'auto',
    evidence: [],
    alternatives: [],
  };
}

function answeredValue(
  { kind, list }: Pick<AttributeSchema, 'kind' | 'list'>,
  { values }: Answer,
): AttributePrediction['value'] {
  const several = kind === 'multi' || list === true;
  if (values.length === 0) return several ? [] : null;
  if (several) return values.map(String);
  return values.length === 1 ? values[0]! : values.map(String);
}
