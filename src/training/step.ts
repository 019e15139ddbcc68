/**
 * From a loss to training steps. The forward pass, the backward pass and the optimiser are one ONNX graph; a step that
 * takes several micro-batches uses two: one that adds up gradients, one that applies them.
 */
import { add, input, multiply, parameter } from '../graph/builder.ts';
import { gradient } from '../graph/gradient.ts';
import { Session, type SessionOptions, type Values } from '../graph/session.ts';
import type { State } from '../graph/state.ts';
import type { Tensor } from '../graph/tensor.ts';
import { trainingError } from './errors.ts';
import type { LossTerm } from './losses.ts';
import {
  clipByGlobalNorm,
  movingAverage,
  type OptimizerConfig,
  type OptimizerInputs,
  type ParameterGroup,
  slotsOf,
  update,
} from './optimizers.ts';

export type StepConfig = {
  readonly optimizer: OptimizerConfig;
  /** Gradients are scaled down to this global norm; undefined leaves them. */
  readonly clipNorm: number | undefined;
  /** Decay of the exponential moving average of the weights; undefined keeps none. */
  readonly averageDecay: number | undefined;
  readonly threads?: number;
};

/** A parameter that training changes, and its group. */
export type Trained = { readonly tensor: Tensor; readonly group: ParameterGroup };

/** One micro-batch: the graph's inputs, and how much of the loss's weight it carries. */
export type MicroBatch = { readonly values: Values; readonly weight: number };

const NORMALISER = 'normaliser';
const RATE = 'learningRate';
const STEP = 'step';
const KEEP = 'keep';

const nameOf = (tensor: Tensor) => tensor.node.attributes.name as string;
const sumOf = (name: string) => `gradient:${name}`;
export const averageOf = (name: string) => `average:${name}`;

export class Trainer {
  readonly state: State;
  readonly #config: StepConfig;
  readonly #loss: LossTerm;
  readonly #trained: readonly Trained[];
  readonly #whole: Compiled;
  #parts: { readonly accumulate: Compiled; readonly apply: Compiled } | undefined;

  private constructor(
    state: State,
    config: StepConfig,
    loss: LossTerm,
    trained: readonly Trained[],
    whole: Compiled,
  ) {
    this.state = state;
    this.#config = config;
    this.#loss = loss;
    this.#trained = trained;
    this.#whole = whole;
  }

  /**
   * @param loss - its `total` is divided by the summed weight of the step's micro-batches
   * @param trained - the parameters to change; the other parameters of the graph stay as `state` has them
   * @param state - holds every parameter of the graph; optimiser state that it lacks starts at zero
   */
  static async create(
    loss: LossTerm,
    trained: readonly Trained[],
    state: State,
    config: StepConfig,
  ): Promise<Trainer> {
    for (const { tensor } of trained) {
      for (const slot of slotsOf(config.optimizer)) zero(state, `${slot}:${nameOf(tensor)}`, tensor);
      if (config.averageDecay !== undefined && !state.has(averageOf(nameOf(tensor)))) {
        state.set(averageOf(nameOf(tensor)), tensor.shape as number[], state.read(nameOf(tensor)).slice());
      }
    }
    const normalised = multiply(loss.total, input(NORMALISER, 'float32', []));
    const gradients = gradient(
      normalised,
      trained.map(({ tensor }) => tensor),
    );
    const graph = applyGraph(config, trained, gradients);
    const whole = await compile({ ...graph.outputs, loss: normalised }, graph.updates, config);
    return new Trainer(state, config, loss, trained, whole);
  }

  /**
   * One optimiser step.
   * @param batches - the step's micro-batches
   * @param learningRate - of this step, schedule applied
   * @param step - 1 at the first update
   * @returns the loss over all micro-batches and the norm of the gradients before clipping (undefined without clipping)
   * @throws training/diverged when the loss is not finite; the parameters are those before the step then
   */
  async step(
    batches: readonly MicroBatch[],
    learningRate: number,
    step: number,
    seed: number,
  ): Promise<{ loss: number; gradientNorm: number | undefined }> {
    const weight = batches.reduce((total, batch) => total + batch.weight, 0);
    if (weight === 0) return { loss: 0, gradientNorm: undefined };
    const normaliser = number(1 / weight);
    const rates = { [RATE]: number(learningRate), [STEP]: number(step) };
    if (batches.length === 1) {
      const key = { seed, step: step * 1024 };
      const results = await this.state.run(
        this.#whole.session,
        { ...batches[0]!.values, ...rates, [NORMALISER]: normaliser },
        this.#whole.updates,
        key,
      );
      return check(results, step, results.loss!.data[0]!);
    }
    const { accumulate, apply } = await this.#accumulation();
    let loss = 0;
    for (const [i, { values }] of batches.entries()) {
      const key = { seed, step: step * 1024 + i };
      const results = await this.state.run(
        accumulate.session,
        { ...values, [NORMALISER]: normaliser, [KEEP]: number(i === 0 ? 0 : 1) },
        accumulate.updates,
        key,
      );
      loss += results.loss!.data[0]!;
    }
    return check(await this.state.run(apply.session, rates, apply.updates), step, loss);
  }

  async close(): Promise<void> {
    await this.#whole.session.close();
    await this.#parts?.accumulate.session.close();
    await this.#parts?.apply.session.close();
  }

  /** The two graphs of a step with several micro-batches; made when first needed. */
  async #accumulation(): Promise<{ readonly accumulate: Compiled; readonly apply: Compiled }> {
    if (this.#parts) return this.#parts;
    const normalised = multiply(this.#loss.total, input(NORMALISER, 'float32', []));
    const keep = input(KEEP, 'float32', []);
    const tensors = this.#trained.map(({ tensor }) => tensor);
    const sums = tensors.map((tensor) => {
      zero(this.state, sumOf(nameOf(tensor)), tensor);
      return parameter(sumOf(nameOf(tensor)), tensor.shape as number[]);
    });
    const outputs: Record<string, Tensor> = { loss: normalised };
    const updates = new Map<string, string>();
    gradient(normalised, tensors).forEach((g, i) => {
      const name = sumOf(nameOf(tensors[i]!));
      outputs[`next ${name}`] = add(multiply(sums[i]!, keep), g);
      updates.set(`next ${name}`, name);
    });
    const graph = applyGraph(this.#config, this.#trained, sums);
    this.#parts = {
      accumulate: await compile(outputs, updates, this.#config),
      apply: await compile(graph.outputs, graph.updates, this.#config),
    };
    return this.#parts;
  }
}

type Compiled = { readonly session: Session; readonly updates: ReadonlyMap<string, string> };

async function compile(
  outputs: Record<string, Tensor>,
  updates: ReadonlyMap<string, string>,
  { threads }: StepConfig,
): Promise<Compiled> {
  const options: SessionOptions = threads === undefined ? {} : { threads };
  return { session: await Session.create(outputs, options), updates };
}

/** The optimiser's half of the graph: gradients in, next parameters and state out. */
function applyGraph(config: StepConfig, trained: readonly Trained[], gradients: readonly Tensor[]) {
  const inputs: OptimizerInputs = {
    learningRate: input(RATE, 'float32', []),
    step: input(STEP, 'float32', []),
  };
  const clipped = config.clipNorm === undefined ? undefined : clipByGlobalNorm(gradients, config.clipNorm);
  const outputs: Record<string, Tensor> = clipped ? { gradientNorm: clipped.norm } : {};
  const updates = new Map<string, string>();
  const become = (name: string, next: Tensor) => {
    outputs[`next ${name}`] = next;
    updates.set(`next ${name}`, name);
  };
  trained.forEach(({ tensor, group }, i) => {
    const name = nameOf(tensor);
    const next = update(config.optimizer, tensor, (clipped?.gradients ?? gradients)[i]!, inputs, group);
    become(name, next.parameter);
    for (const [slot, { next: value }] of Object.entries(next.state)) become(`${slot}:${name}`, value);
    if (config.averageDecay !== undefined) {
      const average = parameter(averageOf(name), tensor.shape as number[]);
      become(averageOf(name), movingAverage(average, next.parameter, config.averageDecay));
    }
  });
  return { outputs, updates };
}

function zero(state: State, name: string, like: Tensor): void {
  const dims = like.shape as number[];
  if (!state.has(name)) state.set(name, dims, new Float32Array(dims.reduce((a, b) => a * b, 1)));
}

const number = (value: number) => ({ dtype: 'float32' as const, dims: [], data: Float32Array.of(value) });

function check(results: Record<string, { readonly data: ArrayLike<number> }>, step: number, loss: number) {
  const gradientNorm = results.gradientNorm?.data[0];
  if (!Number.isFinite(loss) || (gradientNorm !== undefined && !Number.isFinite(gradientNorm))) {
    throw trainingError(
      'training/diverged',
      `The loss of step ${step} is ${loss}${gradientNorm === undefined ? '' : ` with a gradient norm of ${gradientNorm}`}.`,
      {
        hint: 'Lower training.learningRate, or set training.clipNorm to 1.',
      },
    );
  }
  return { loss, gradientNorm };
}
