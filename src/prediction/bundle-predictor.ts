/** Predicts with a bundle: calibrated confidence, a status, evidence, completeness. */

import { calibrate } from '../evaluation/calibration/calibrator.ts';
import { Session, type Value } from '../graph/session.ts';
import { attributeOutputs, predictedOutputs } from '../models/attribute/attribute-model.ts';
import type { Answer, DecodeOptions } from '../models/attribute/decode.ts';
import { AttributeRunner } from '../models/attribute/runner.ts';
import { noDropout } from '../models/layers/dropout.ts';
import { applies } from '../training/survey.ts';
import type { ReadBundle } from './bundle.ts';
import type { BundleAttribute } from './bundle-file.ts';
import { bundleModel } from './bundle-model.ts';
import { evidenceOf } from './collect.ts';
import type {
  AttributePrediction,
  PredictOptions,
  Predictor,
  ProductInput,
  ProductPrediction,
} from './prediction.ts';
import { blended } from './wide-part.ts';

export type PredictorOptions = { readonly threads?: number; readonly maxTokensPerBatch?: number };

const DEFAULT_TOKENS_PER_BATCH = 4096;

export class BundlePredictor implements Predictor {
  readonly bundle: ReadBundle;
  readonly name: string;
  readonly fields: readonly string[];
  readonly attributes: Predictor['attributes'];
  readonly runner: AttributeRunner;
  readonly #sessions: readonly Session[];

  private constructor(bundle: ReadBundle, sessions: readonly Session[], runner: AttributeRunner) {
    this.bundle = bundle;
    this.name = bundle.file.name;
    this.fields = bundle.file.model.fields.map(({ name }) => name);
    this.attributes = bundle.file.attributes.map(({ schema }) => ({ name: schema.name, kind: schema.kind }));
    this.runner = runner;
    this.#sessions = sessions;
  }

  /** Loads the weights and prepares the graph. */
  static async open(bundle: ReadBundle, options: PredictorOptions = {}): Promise<BundlePredictor> {
    const { encoder, batches, members, scope } = await bundleModel(bundle);
    const { model } = bundle.file;
    const outputs = predictedOutputs(attributeOutputs(model, scope, noDropout));
    const threads = options.threads === undefined ? {} : { threads: options.threads };
    const sessions: Session[] = [];
    for (const weights of members) sessions.push(await Session.create(outputs, { weights, ...threads }));
    const names = sessions[0]!.inputs.map(({ name }) => name);
    const runner = new AttributeRunner({
      spec: model,
      encoder,
      batches,
      maxTokensPerBatch: options.maxTokensPerBatch ?? DEFAULT_TOKENS_PER_BATCH,
      scoreChoices: bundle.wide && blended(bundle.wide),
      forward: async (inputs) => {
        const read = Object.fromEntries(
          names.filter((name) => name in inputs).map((name): [string, Value] => [name, inputs[name]!]),
        );
        const results: Record<string, Value>[] = [];
        for (const session of sessions) results.push(await session.run(read));
        return averaged(results);
      },
    });
    return new BundlePredictor(bundle, sessions, runner);
  }

  async predict(
    products: readonly ProductInput[],
    options: PredictOptions = {},
  ): Promise<readonly ProductPrediction[]> {
    const decode: DecodeOptions = {
      topK: options.topK ?? 0,
      spanThreshold: this.bundle.file.decode.spanThreshold,
    };
    const texts = products.map((product) => this.fields.map((field) => product.texts[field] ?? ''));
    const answers = await this.runner.answer(
      products.map(({ category }, i) => ({ category, texts: texts[i]! })),
      decode,
    );
    return products.map((product, i) => this.#prediction(product, texts[i]!, answers[i]!));
  }

  async close(): Promise<void> {
    for (const session of this.#sessions) await session.close();
  }

  #prediction(
    product: ProductInput,
    texts: readonly string[],
    answers: Readonly<Record<string, Answer>>,
  ): ProductPrediction {
    const silent = texts.every((text) => text.trim() === '');
    const attributes: Record<string, AttributePrediction> = {};
    const missing: string[] = [];
    for (const attribute of this.bundle.file.attributes) {
      const { schema } = attribute;
      const inCategory = applies(schema, { category: product.category });
      const prediction = inCategory
        ? this.#attribute(attribute, texts, silent ? undefined : answers[schema.name])
        : notApplicable(attribute);
      attributes[schema.name] = prediction;
      if (
        schema.required &&
        inCategory &&
        (prediction.value === null || prediction.status !== 'auto') &&
        !prediction.notApplicable
      )
        missing.push(schema.name);
    }
    return { id: product.id ?? '', attributes, missing };
  }

  #attribute(
    { schema, trust }: BundleAttribute,
    texts: readonly string[],
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
      value: answeredValue(schema.kind, answer),
      ...unit,
      notApplicable: answer.values.length === 0,
      confidence,
      status: threshold !== undefined && confidence >= threshold ? 'auto' : 'review',
      evidence: evidenceOf(this.fields, texts, answer.places),
      alternatives: answer.alternatives.map(({ value, probability }) => ({ value, confidence: probability })),
    };
  }
}

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

function answeredValue(kind: AttributePrediction['kind'], { values }: Answer): AttributePrediction['value'] {
  if (values.length === 0) return kind === 'multi' ? [] : null;
  if (kind === 'multi') return values.map(String);
  return values.length === 1 ? values[0]! : values.map(String);
}

/** The mean of the members' scores: of logits, so the geometric mean of their probabilities. */
function averaged(results: readonly Readonly<Record<string, Value>>[]): Readonly<Record<string, Value>> {
  if (results.length === 1) return results[0]!;
  return Object.fromEntries(
    Object.entries(results[0]!).map(([name, { dims, data }]): [string, Value] => {
      const mean = Float32Array.from(
        data,
        (_, i) => results.reduce((total, result) => total + result[name]!.data[i]!, 0) / results.length,
      );
      return [name, { dtype: 'float32', dims, data: mean }];
    }),
  );
}
