/**
 * A picture classifier for benchmarks: an image encoder of random weights, a linear layer on its pooled vector,
 * cross-entropy, AdamW. What bench/peers/picture_training.py builds in PyTorch is the same model.
 */
import { Random } from '../../src/base/random.ts';
import { input, linear, parameter } from '../../src/graph/builder.ts';
import type { Dim } from '../../src/graph/dimensions.ts';
import { topologicalOrder } from '../../src/graph/order.ts';
import { State } from '../../src/graph/state.ts';
import type { Tensor } from '../../src/graph/tensor.ts';
import type { RawConfig } from '../../src/models/architectures/config.ts';
import { openImageArchitecture } from '../../src/models/architectures/registry.ts';
import { batchStatistics, keptStatistics } from '../../src/models/layers/batch-norm.ts';
import { noDropout } from '../../src/models/layers/dropout.ts';
import { initialValues, linearParameters, type ParameterSpec } from '../../src/models/layers/parameters.ts';
import { scopeOf } from '../../src/models/layers/scope.ts';
import { crossEntropy } from '../../src/training/losses.ts';
import { type MicroBatch, Trainer } from '../../src/training/step.ts';
import { LEARNING_RATE, WEIGHT_DECAY } from './classifier.ts';

export type PicturePlan = {
  /** As config.json says it. */
  readonly encoder: RawConfig;
  /** Whether batch norms, where there are some, use the checkpoint's averages or the batch's own numbers. */
  readonly statistics: 'kept' | 'batch';
  readonly classes: number;
  readonly batch: number;
  readonly threads: number;
};

export class PictureClassifier {
  /** Multiplications and additions of a step's products: forward once, backward twice, save the pixels' own gradient. */
  readonly operations: number;
  readonly #trainer: Trainer;
  readonly #batch: MicroBatch;
  #step = 0;

  private constructor(operations: number, trainer: Trainer, batch: MicroBatch) {
    this.operations = operations;
    this.#trainer = trainer;
    this.#batch = batch;
  }

  static async create({
    encoder: config,
    statistics,
    classes,
    batch,
    threads,
  }: PicturePlan): Promise<PictureClassifier> {
    const random = new Random(1);
    const encoder = openImageArchitecture(config);
    const plan = { depth: encoder.layers + 1, initial: { kind: 'normal', std: 0.02 } } as const;
    const specs: readonly ParameterSpec[] = [
      ...encoder.parameters,
      ...linearParameters('classifier', encoder.width, classes, plan),
    ];
    const state = new State();
    for (const spec of specs) state.set(spec.name, spec.shape, initialValues(spec, random));
    const tensors = new Map(specs.map(({ name, shape }) => [name, parameter(name, shape)]));
    const size = [encoder.channels, encoder.height, encoder.imageWidth];
    const pixels = input('pixels', 'float32', ['batch', ...size]);
    const batchNorm = statistics === 'batch' ? batchStatistics().norm : keptStatistics;
    const scope = scopeOf((name) => tensors.get(name)!);
    const { pooled } = encoder.encode(scope, pixels, noDropout, batchNorm);
    const logits = linear(pooled, tensors.get('classifier.weight')!, tensors.get('classifier.bias')!);
    const loss = crossEntropy(logits, input('labels', 'int32', ['batch']));
    const learned = specs.filter(({ fixed }) => !fixed);
    const trained = learned.map(({ name }) => ({
      tensor: tensors.get(name)!,
      group: { learningRateScale: 1, weightDecay: WEIGHT_DECAY },
    }));
    const trainer = await Trainer.create(loss, trained, state, {
      optimizer: { kind: 'adamw', beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: WEIGHT_DECAY },
      clipNorm: undefined,
      averageDecay: undefined,
      threads,
    });
    const numbers = Float32Array.from({ length: batch * size.reduce((a, b) => a * b) }, () =>
      random.normal(),
    );
    const labels = Int32Array.from({ length: batch }, () => random.below(classes));
    const values = {
      pixels: { dtype: 'float32' as const, dims: [batch, ...size], data: numbers },
      labels: { dtype: 'int32' as const, dims: [batch], data: labels },
    };
    return new PictureClassifier(productsOf(logits, pixels, batch), trainer, { values, weight: batch });
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

  close(): Promise<void> {
    return this.#trainer.close();
  }
}

/** Multiplications and additions of all products and convolutions, counted in the graph. */
function productsOf(logits: Tensor, pixels: Tensor, batch: number): number {
  const sizeOf = (dims: readonly Dim[]) =>
    dims.reduce<number>(
      (total, dim) =>
        String(dim)
          .split('*')
          .reduce((product, factor) => product * (Number(factor) || batch), total),
      1,
    );
  let total = 0;
  for (const node of topologicalOrder([logits])) {
    const [x, weight] = node.inputs;
    const y = sizeOf(node.outputs[0]!.shape);
    const inner =
      node.kind === 'convolution'
        ? sizeOf(weight!.shape.slice(1))
        : node.kind === 'linear'
          ? sizeOf(x!.shape.slice(-1))
          : node.kind === 'matmul'
            ? sizeOf([x!.shape.at(node.attributes.transposeA ? -2 : -1)!])
            : 0;
    total += (x?.node === pixels.node ? 2 : 3) * 2 * y * inner;
  }
  return total;
}
