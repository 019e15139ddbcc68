/** Predicts with a bundle: calibrated confidence, a status, evidence, completeness. */

import type { DecodeOptions } from '../models/attribute/decode.ts';
import type { Loaders, MediaProblem, ProductMedia, ProductText } from '../models/attribute/example.ts';
import { isFused } from '../models/attribute/fusion.ts';
import type { MediaLoader } from '../models/attribute/media-loader.ts';
import { AttributeRunner } from '../models/attribute/runner.ts';
import { type Answerer, answererOf } from './answerer.ts';
import type { ReadBundle } from './bundle.ts';
import type { BundleFile } from './bundle-file.ts';
import { type BundleForward, openForward } from './bundle-forward.ts';
import { bundleModel, openMedia } from './bundle-model.ts';
import { BundleReads } from './bundle-reads.ts';
import { contributionsOf } from './contributions.ts';
import { type OpenWriter, openWriter } from './decoder-part.ts';
import { predictionError } from './errors.ts';
import { DEFAULT_TOKENS_PER_BATCH, type Precision } from './precision.ts';
import type { PredictOptions, Predictor, ProductInput, ProductPrediction } from './prediction.ts';
import {
  attributePrediction,
  isAnswerable,
  isSilent,
  productPrediction,
  type ReadInput,
} from './product-prediction.ts';
import type { SharedBase } from './shared-base.ts';
import { blended } from './wide-part.ts';

export type PredictorOptions = {
  /** fp32 when left out. */
  readonly precision?: Precision;
  /** Threads inside one operation; one a core when left out. */
  readonly threads?: number;
  readonly maxTokensPerBatch?: number;
  /** What brings pictures, sounds and vectors of frozen encoders, in place of the bundle's own; the caller closes it. */
  readonly loaders?: Loaders;
  /** A base that the bundle has an adapter over, in memory once for all models that read it. In fp32 only. */
  readonly base?: SharedBase;
};

export class BundlePredictor extends BundleReads implements Predictor {
  readonly bundle: ReadBundle;
  /** The attribute model alone. */
  readonly runner: AttributeRunner;
  /** All that is answered, written texts too. */
  readonly answerer: Answerer;
  readonly #forward: BundleForward;
  readonly #media: MediaLoader | undefined;
  readonly #writer: OpenWriter | undefined;

  private constructor(
    bundle: ReadBundle,
    forward: BundleForward,
    media: MediaLoader | undefined,
    runner: AttributeRunner,
    writer: OpenWriter | undefined,
  ) {
    super(bundle);
    this.bundle = bundle;
    this.runner = runner;
    this.answerer = answererOf(runner, writer?.writer);
    this.#writer = writer;
    this.#forward = forward;
    this.#media = media;
  }

  /** Loads the weights and prepares the graph. */
  static async open(bundle: ReadBundle, options: PredictorOptions = {}): Promise<BundlePredictor> {
    const { threads, precision = 'fp32', maxTokensPerBatch = DEFAULT_TOKENS_PER_BATCH } = options;
    if (options.base && precision !== 'fp32')
      throw predictionError('prediction/bad-option', 'A model over a shared base computes in fp32 only.', {
        hint: `Leave the precision ${precision} out, or open the model by itself.`,
      });
    const model = await bundleModel(bundle, options.base);
    const { encoder, batches } = model;
    const media = options.loaders ? undefined : await openMedia(bundle, threads);
    const spec = bundle.file.model;
    const forward = await openForward(model, { precision, threads });
    const runner = new AttributeRunner({
      spec,
      encoder,
      batches,
      maxTokensPerBatch,
      equalLengths: true,
      ...(options.loaders ?? { loadMedia: media?.load }),
      ...(bundle.wide ? blended(bundle.wide) : {}),
      forward: forward.forward,
    });
    const { generator } = bundle.file;
    const writer = generator && (await openWriter(bundle.folder, generator, { threads, maxTokensPerBatch }));
    return new BundlePredictor(bundle, forward, media, runner, writer);
  }

  async predict(
    products: readonly ProductInput[],
    options: PredictOptions = {},
  ): Promise<readonly ProductPrediction[]> {
    const explained = options.contributions === true && isFused(this.bundle.file.model);
    // What is explained is held in memory with its pictures and sounds until all its passes are done.
    const most = explained ? MOST_EXPLAINED : products.length;
    const predictions: ProductPrediction[] = [];
    for (let i = 0; i < products.length; i += most)
      predictions.push(...(await this.#predict(products.slice(i, i + most), options, explained)));
    return predictions;
  }

  async #predict(
    products: readonly ProductInput[],
    options: PredictOptions,
    explained: boolean,
  ): Promise<readonly ProductPrediction[]> {
    const decode: DecodeOptions = {
      topK: options.topK ?? 0,
      spanThreshold: this.bundle.file.decode.spanThreshold,
    };
    const ask = furtherOf(this.bundle.file, options.ask ?? []);
    const texts = products.map((product) => this.fields.map((field) => product.texts[field] ?? ''));
    const problems = new Map<number, readonly MediaProblem[]>();
    const inputs = products.map((product, i) => ({
      category: product.category,
      texts: texts[i]!,
      ...(product.values ? { values: product.values } : {}),
      ...(ask.length > 0 ? { ask } : {}),
      ...this.#mediaOf(product),
      ...this.#tableOf(product),
      ...(product.behaviour ? { behaviour: product.behaviour } : {}),
    }));
    const empty = new Set<number>();
    const read = (index: number): ReadInput => ({
      product: products[index]!,
      fields: this.fields,
      texts: texts[index]!,
      nothing: empty.has(index),
    });
    const schemas = new Map(this.bundle.file.attributes.map(({ schema }) => [schema.name, schema]));
    const runner = explained ? this.runner.remembering() : this.runner;
    const answers = await answererOf(runner, this.#writer?.writer).answer(
      inputs,
      decode,
      (index, found, nothing) => {
        if (found.length > 0) problems.set(index, found);
        if (nothing) empty.add(index);
      },
      (index, attribute) => {
        const schema = schemas.get(attribute);
        return schema !== undefined && isAnswerable(schema, read(index));
      },
    );
    const { model, attributes } = this.bundle.file;
    const contributions = explained
      ? await contributionsOf(model, runner, inputs, answers, decode.spanThreshold)
      : [];
    return products.map((_, i) => {
      const unread = problems.get(i);
      const prediction = {
        ...productPrediction(attributes, read(i), answers[i]!, contributions[i]),
        ...(unread ? { problems: unread } : {}),
      };
      if (ask.length === 0) return prediction;
      const asked = ask.map((attribute) => [
        askedName(attribute),
        attributePrediction(
          { schema: ASKED, trust: undefined },
          read(i),
          isSilent(texts[i]!) ? undefined : answers[i]![attribute],
        ),
      ]);
      return { ...prediction, attributes: { ...Object.fromEntries(asked), ...prediction.attributes } };
    });
  }

  async close(): Promise<void> {
    await this.#forward.close();
    await this.#writer?.close();
    await this.#media?.close();
  }

  #mediaOf({ media }: ProductInput): { readonly media?: ProductMedia } {
    const fields = this.bundle.file.model.media;
    if (fields === undefined || media === undefined) return {};
    return {
      media: {
        ...(media.root === undefined ? {} : { root: media.root }),
        cells: fields.map(({ field }) => media.cells[field] ?? []),
      },
    };
  }

  #tableOf({ table }: ProductInput): Pick<ProductText, 'table'> {
    const fields = this.bundle.file.model.tableInputs;
    return fields ? { table: fields.map(({ field }) => table?.[field]) } : {};
  }
}

/** The name of "name: description". */
export const askedName = (asked: string): string => asked.split(': ')[0]!;

/** Products whose answers are explained at once. */
const MOST_EXPLAINED = 64;

/** An attribute that the model was not trained on. */
const ASKED = { kind: 'extract', unit: undefined } as const;

/**
 * What is asked for beyond the model's own attributes, which are answered anyway.
 * @throws prediction/nothing-to-ask when the model extracts nothing
 */
export function furtherOf(
  { name, model, attributes }: BundleFile,
  ask: readonly string[],
): readonly string[] {
  const further = ask.filter((each) => attributes.every(({ schema }) => schema.name !== askedName(each)));
  if (further.length > 0 && model.spans === undefined) {
    throw predictionError(
      'prediction/nothing-to-ask',
      `The model ${name} cannot be asked for "${askedName(further[0]!)}": it has no attribute that is extracted from text.`,
      { hint: 'Train with at least one attribute of kind extract.' },
    );
  }
  return further;
}
