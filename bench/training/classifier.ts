/**
 * A text classifier for benchmarks: an encoder of random weights, dropout and a linear layer on the first token,
 * cross-entropy, AdamW. What bench/peers/encoder_training.py builds in PyTorch is the same model.
 */
import { Random } from '../../src/base/random.ts';
import { input, linear, parameter, reshape } from '../../src/graph/builder.ts';
import { State } from '../../src/graph/state.ts';
import { firstStates } from '../../src/models/architectures/encoder.ts';
import { openArchitecture } from '../../src/models/architectures/registry.ts';
import { trainingDropout } from '../../src/models/layers/dropout.ts';
import { type LoraSpec, loraParameters, loraScope } from '../../src/models/layers/lora.ts';
import { initialValues, type ParameterSpec, parameterSize } from '../../src/models/layers/parameters.ts';
import { scopeOf } from '../../src/models/layers/scope.ts';
import { crossEntropy } from '../../src/training/losses.ts';
import { type MicroBatch, Trainer } from '../../src/training/step.ts';

/** As config.json says it; the keys that a benchmark sets, the rest being defaults of both sides. */
export type EncoderConfig = {
  readonly model_type: string;
  readonly vocab_size: number;
  readonly hidden_size: number;
  readonly num_hidden_layers: number;
  readonly num_attention_heads: number;
  readonly intermediate_size: number;
  readonly [key: string]: unknown;
};

export type ClassifierPlan = {
  readonly encoder: EncoderConfig;
  readonly classes: number;
  readonly batch: number;
  readonly tokens: number;
  /** Whether the embeddings and their norm stay as they are. */
  readonly frozen: boolean;
  /** The encoder stays as it is and this is trained beside it. */
  readonly lora?: LoraSpec;
  readonly threads: number;
};

export const DROPOUT = 0.1;
export const LEARNING_RATE = 1e-4;
export const WEIGHT_DECAY = 0.01;

export class Classifier {
  readonly state: State;
  /** Numbers of the parameters that are trained. */
  readonly trained: number;
  readonly #trainer: Trainer;
  readonly #batch: MicroBatch;
  #step = 0;

  private constructor(state: State, trained: number, trainer: Trainer, batch: MicroBatch) {
    this.state = state;
    this.trained = trained;
    this.#trainer = trainer;
    this.#batch = batch;
  }

  static async create(plan: ClassifierPlan): Promise<Classifier> {
    const { encoder: config, classes, batch, tokens, frozen, lora, threads } = plan;
    const random = new Random(1);
    const encoder = openArchitecture(config);
    const adapted = lora === undefined ? [] : loraParameters(encoder.parameters, lora);
    const head = headParameters(classes, encoder.width);
    const specs: readonly ParameterSpec[] = [...encoder.parameters, ...adapted, ...head];
    const state = new State();
    for (const spec of specs) state.set(spec.name, spec.shape, initialValues(spec, random));
    const tensors = new Map(specs.map(({ name, shape }) => [name, parameter(name, shape)]));
    const dropout = trainingDropout();
    const inputs = {
      ids: input('ids', 'int32', ['batch', 'tokens']),
      mask: input('mask', 'int32', ['batch', 'tokens']),
    };
    const base = scopeOf((name) => tensors.get(name)!);
    const scope = lora === undefined ? base : loraScope(base, encoder.parameters, lora, dropout);
    const first = firstStates(encoder, scope, inputs, dropout);
    const pooled = dropout(reshape(first, ['batch', encoder.width]), DROPOUT);
    const logits = linear(pooled, tensors.get('classifier.weight')!, tensors.get('classifier.bias')!);
    const loss = crossEntropy(logits, input('labels', 'int32', ['batch']));
    const changed =
      lora === undefined ? specs.filter(({ depth }) => !(frozen && depth === 0)) : [...adapted, ...head];
    const trained = changed.map(({ name }) => ({
      tensor: tensors.get(name)!,
      group: { learningRateScale: 1, weightDecay: WEIGHT_DECAY },
    }));
    const trainedNumbers = changed.reduce((total, spec) => total + parameterSize(spec), 0);
    const trainer = await Trainer.create(loss, trained, state, {
      optimizer: { kind: 'adamw', beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: WEIGHT_DECAY },
      clipNorm: undefined,
      averageDecay: undefined,
      threads,
    });
    const draw = (dims: readonly number[], below: number) => ({
      dtype: 'int32' as const,
      dims,
      data: Int32Array.from({ length: dims.reduce((a, b) => a * b) }, () => random.below(below)),
    });
    const dims = [batch, tokens];
    const mask = { dtype: 'int32' as const, dims, data: new Int32Array(batch * tokens).fill(1) };
    const values = { ids: draw(dims, config.vocab_size), mask, labels: draw([batch], classes) };
    return new Classifier(state, trainedNumbers, trainer, { values, weight: batch });
  }

  /** Some steps on one batch. @returns milliseconds of each */
  async steps(count: number): Promise<readonly number[]> {
    const times: number[] = [];
    for (let i = 0; i < count; i++) {
      const start = performance.now();
      await this.#trainer.step([this.#batch], LEARNING_RATE, ++this.#step, 1);
      times.push(performance.now() - start);
    }
    return times;
  }

  /** Of the parameters, what the optimiser keeps beside them, and gradients. */
  get bytes(): number {
    const kept = this.state.names.reduce((total, name) => total + this.state.read(name).length, 0);
    return 4 * (kept + this.trained);
  }

  close(): Promise<void> {
    return this.#trainer.close();
  }
}

function headParameters(classes: number, width: number): ParameterSpec[] {
  const depth = Number.POSITIVE_INFINITY;
  return [
    {
      name: 'classifier.weight',
      shape: [classes, width],
      role: 'weight',
      depth,
      initial: { kind: 'normal', std: 0.02 },
    },
    { name: 'classifier.bias', shape: [classes], role: 'bias', depth, initial: { kind: 'zeros' } },
  ];
}

/**
 * Multiplications and additions of the matrix products of a step, as a peer does them that computes the last layer for all
 * tokens: forward once, backward twice, save what frozen embeddings spare the first layer.
 */
export function operationsOf({ encoder, batch, tokens, frozen }: ClassifierPlan): number {
  const { hidden_size: width, intermediate_size: inner, num_hidden_layers: layers } = encoder;
  const forward = layers * (8 * width * width + 4 * width * inner + 4 * tokens * width);
  return batch * tokens * (3 * forward - (frozen ? 6 * width * width : 0));
}
