/** The wide part of a model: a linear model beside the encoder, and how much each of them counts. */
import { hash32 } from '../base/random.ts';
import type { Product } from '../catalog/product.ts';
import type { AttributeRunner, ScoreChoices } from '../models/attribute/runner.ts';
import type { ChoiceSpec } from '../models/attribute/spec.ts';
import { type Blend, type BlendRow, blendLogits, blendWeights } from '../models/wide/blend.ts';
import { trainWide, type WideExample } from '../models/wide/train-wide.ts';
import type { WideModel } from '../models/wide/wide-model.ts';
import { type LabelReader, withoutLabels } from '../training/labelled.ts';
import type { ProductStream } from '../training/survey.ts';

export type WidePart = { readonly model: WideModel; readonly blend: Blend };

export type WidePartInputs = {
  readonly choices: readonly ChoiceSpec[];
  readonly catalog: ProductStream;
  readonly reader: LabelReader;
  /** The encoder with its heads, without a wide part. */
  readonly runner: AttributeRunner;
  /** Dev products that the weights of the two parts are fitted on. */
  readonly keep: (product: Product) => boolean;
  readonly seed: number;
};

/** Trains the wide part on the training products, and fits how much each part counts on the dev products. */
export async function trainWidePart({
  choices,
  catalog,
  reader,
  runner,
  keep,
  seed,
}: WidePartInputs): Promise<WidePart> {
  const examples = async function* (pass: number): AsyncGenerator<readonly WideExample[]> {
    for await (const chunk of catalog.products({
      sides: ['train'],
      order: 'shuffled',
      seed: hash32(seed, 0x51de, pass),
    })) {
      yield chunk.map((product) => {
        const { texts, labels } = reader.read(product);
        return { texts, category: product.category, labels };
      });
    }
  };
  const model = await trainWide(examples, { choices });
  const rows: BlendRow[] = [];
  for await (const chunk of catalog.products({ sides: ['dev'] })) {
    const labelled = chunk.filter(keep).map((product) => reader.read(product));
    const products = labelled.map((each) => withoutLabels(each));
    const deep = new Map<unknown, Float32Array>();
    const watched = runner.with((logits, product) => {
      deep.set(product, logits.slice());
      return logits;
    });
    await watched.answer(products, { topK: 0, spanThreshold: 0.5 });
    for (const [i, product] of products.entries())
      rows.push({ deep: deep.get(product)!, wide: model.scores(product), labels: labelled[i]!.labels });
  }
  return { model, blend: blendWeights(choices, rows, { logPriors: model.parameters.logPriors }) };
}

/** Scores values with both parts. */
export function blended({ model, blend }: WidePart): ScoreChoices {
  return (deep, { texts, category }) =>
    blendLogits(model.choices, blend, deep, model.scores({ texts, category }));
}
