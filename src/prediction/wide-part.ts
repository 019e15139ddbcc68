/** The wide part of a model: models of n-grams beside the encoder, and how much each of them counts. */
import { hash32 } from '../base/random.ts';
import type { Product } from '../catalog/product.ts';
import type { KnownLabel } from '../models/attribute/labels.ts';
import { standardise } from '../models/attribute/number-head.ts';
import type { AttributeRunner, Scorers } from '../models/attribute/runner.ts';
import type { AttributeModelSpec } from '../models/attribute/spec.ts';
import { type Blend, type BlendRow, blendLogits, blendWeights } from '../models/wide/blend.ts';
import {
  blendNumbers,
  type NumberBlend,
  type NumberBlendRow,
  numberBlendWeights,
} from '../models/wide/number-blend.ts';
import type { WideNumberModel } from '../models/wide/number-model.ts';
import { trainWideNumbers, type WideNumberExample } from '../models/wide/train-numbers.ts';
import { trainWide, type WideExample } from '../models/wide/train-wide.ts';
import type { WideModel } from '../models/wide/wide-model.ts';
import { type LabelReader, withoutLabels } from '../training/labelled.ts';
import type { ProductStream } from '../training/survey.ts';

/** Each is there where the model has such attributes. */
export type WidePart = {
  /** Of choice and multi attributes. */
  readonly values: { readonly model: WideModel; readonly blend: Blend } | undefined;
  /** Of number attributes. */
  readonly numbers: { readonly model: WideNumberModel; readonly blend: NumberBlend } | undefined;
};

export type WidePartInputs = {
  readonly spec: Pick<AttributeModelSpec, 'choices' | 'numbers'>;
  readonly catalog: ProductStream;
  readonly reader: LabelReader;
  /** The encoder with its heads, without a wide part. */
  readonly runner: AttributeRunner;
  /** Dev products that the weights of the two parts are fitted on. */
  readonly keep: (product: Product) => boolean;
  readonly seed: number;
};

/** Trains the wide part on the training products, and fits how much each part counts on the dev products. */
export async function trainWidePart(inputs: WidePartInputs): Promise<WidePart> {
  const { choices, numbers } = inputs.spec;
  const values = choices.length > 0 ? await trainWide(examples(inputs), { choices }) : undefined;
  const quantities =
    numbers.length > 0
      ? await trainWideNumbers(numberExamples(inputs), numbers, { seed: inputs.seed })
      : undefined;
  const rows = await heldOutRows(inputs, values, quantities);
  return {
    values: values && {
      model: values,
      blend: blendWeights(choices, rows.values, { logPriors: values.parameters.logPriors }),
    },
    numbers: quantities && {
      model: quantities,
      blend: numberBlendWeights(numbers.length, rows.numbers),
    },
  };
}

/** Of the order of a pass. */
const ORDER = 0x51de;

const examples = ({ catalog, reader, seed }: WidePartInputs) =>
  async function* (pass: number): AsyncGenerator<readonly WideExample[]> {
    for await (const chunk of catalog.products({
      sides: ['train'],
      order: 'shuffled',
      seed: hash32(seed, ORDER, pass),
    })) {
      yield chunk.map((product) => {
        const { texts, labels } = reader.read(product);
        return { texts, category: product.category, labels };
      });
    }
  };

const numberExamples = ({ catalog, reader, seed }: WidePartInputs) =>
  async function* (): AsyncGenerator<readonly WideNumberExample[]> {
    for await (const chunk of catalog.products({
      sides: ['train'],
      order: 'shuffled',
      seed: hash32(seed, ORDER),
    })) {
      yield chunk.map((product) => {
        const { texts, labels } = reader.read(product);
        return { texts, category: product.category, labels };
      });
    }
  };

/** What both parts say of the dev products that are kept, beside the truth. */
async function heldOutRows(
  { spec, catalog, reader, runner, keep }: WidePartInputs,
  values: WideModel | undefined,
  quantities: WideNumberModel | undefined,
): Promise<{ readonly values: readonly BlendRow[]; readonly numbers: readonly NumberBlendRow[] }> {
  const valueRows: BlendRow[] = [];
  const numberRows: NumberBlendRow[] = [];
  for await (const chunk of catalog.products({ sides: ['dev'] })) {
    const labelled = chunk.filter(keep).map((product) => reader.read(product));
    const products = labelled.map((each) => withoutLabels(each));
    const logits = new Map<unknown, Float32Array>();
    const outputs = new Map<unknown, Float32Array>();
    const noted = (kept: Map<unknown, Float32Array>) => (deep: Float32Array, product: unknown) => {
      kept.set(product, deep.slice());
      return deep;
    };
    const watched = runner.with({ scoreChoices: noted(logits), scoreNumbers: noted(outputs) });
    await watched.answer(products, { topK: 0, spanThreshold: 0.5 });
    for (const [i, product] of products.entries()) {
      const { labels } = labelled[i]!;
      if (values) valueRows.push({ deep: logits.get(product)!, wide: values.scores(product), labels });
      if (quantities) {
        numberRows.push({
          deep: outputs.get(product)!,
          wide: quantities.values(product),
          truth: spec.numbers.map((number) => {
            const label: KnownLabel | undefined = labels[number.attribute];
            return label?.state === 'number' ? standardise(number, label.value) : Number.NaN;
          }),
        });
      }
    }
  }
  return { values: valueRows, numbers: numberRows };
}

/** Scores with both parts. */
export function blended({ values, numbers }: WidePart): Scorers {
  return {
    scoreChoices:
      values &&
      ((deep, { texts, category }) =>
        blendLogits(values.model.choices, values.blend, deep, values.model.scores({ texts, category }))),
    scoreNumbers:
      numbers &&
      ((deep, { texts, category }) =>
        blendNumbers(numbers.blend, deep, numbers.model.values({ texts, category }))),
  };
}
