/**
 * From a loss to training steps. The forward and the backward pass are one ONNX graph, which writes the gradients; then the
 * optimiser's graph, one loop over memory, changes each parameter and its state in place. Of a step's further micro-batches
 * another graph adds the gradients up.
 */
import { add, input, multiply, parameter } from '../graph/builder.ts';
import { gradient } from '../graph/gradient.ts';
import { allocateGroups } from '../graph/loop/float-heap.ts';
import { Session, type SessionOptions, type Value, type Values } from '../graph/session.ts';
import type { State } from '../graph/state.ts';
import type { Tensor } from '../graph/tensor.ts';
import type { Carried } from '../models/layers/batch-norm.ts';
import { trainingError } from './errors.ts';
import type { LossTerm } from './losses.ts';
import { globalNorm, type OptimizerConfig, type ParameterGroup, slotsOf } from './optimizers.ts';
import { AVERAGE, UpdateLoop, type UpdateNumbers, VALUE } from './update-loop.ts';

export type StepConfig = {
  readonly optimizer: OptimizerConfig;
  /** Gradients are scaled down to this global norm; undefined leaves them. */
  readonly clipNorm: number | undefined;
  /** Decay of the exponential moving average of the weights; undefined keeps none. */
  readonly averageDecay: number | undefined;
  readonly threads?: number;
  /** Parameters that each pass moves without a gradient, such as the running averages of batch norms. */
  readonly carried?: readonly Carried[];
};

/** A parameter that training changes, and its group. */
export type Trained = { readonly tensor: Tensor; readonly group: ParameterGroup };

/** One micro-batch: the graph's inputs, and how much of the loss's weight it carries. */
export type MicroBatch = { readonly values: Values; readonly weight: number };

/** Where the gradient by a parameter is, and where a further micro-batch writes it with its own added. */
type GradientPlace = { now: Float32Array; next: Float32Array };

/** A trained parameter with what changes it. */
type Updated = {
  readonly name: string;
  readonly dims: readonly number[];
  readonly gradient: GradientPlace;
  readonly loop: UpdateLoop;
};

const NORMALISER = 'normaliser';

const nameOf = (tensor: Tensor) => tensor.node.attributes.name as string;
const dimsOf = (tensor: Tensor) => tensor.shape as readonly number[];
const sizeOf = (tensor: Tensor) => dimsOf(tensor).reduce((a, b) => a * b, 1);
const gradientOf = (name: string) => `gradient:${name}`;
const nextOf = (name: string) => `next ${gradientOf(name)}`;
const carriedOf = (name: string) => `carried:${name}`;
const slotOf = (slot: string, name: string) => (slot === VALUE ? name : `${slot}:${name}`);
export const averageOf = (name: string) => slotOf(AVERAGE, name);

export class Trainer {
  readonly state: State;
  readonly #config: StepConfig;
  readonly #loss: LossTerm;
  readonly #trained: readonly Trained[];
  readonly #updated: readonly Updated[];
  readonly #pass: Session;
  #further: Session | undefined;

  private constructor(
    state: State,
    config: StepConfig,
    loss: LossTerm,
    trained: readonly Trained[],
    updated: readonly Updated[],
    pass: Session,
  ) {
    this.state = state;
    this.#config = config;
    this.#loss = loss;
    this.#trained = trained;
    this.#updated = updated;
    this.#pass = pass;
  }

  /**
   * @param loss - its `total` is divided by the summed weight of the step's micro-batches
   * @param trained - the parameters to change; the other parameters of the graph stay as `state` has them
   * @param state - holds every parameter of the graph; optimiser state that it lacks starts at zero, averages at the parameter
   */
  static async create(
    loss: LossTerm,
    trained: readonly Trained[],
    state: State,
    config: StepConfig,
  ): Promise<Trainer> {
    const updated = placeParameters(trained, state, config);
    const pass = await compile(passOutputs(loss, trained, config), config);
    return new Trainer(state, config, loss, trained, updated, pass);
  }

  /**
   * One optimiser step.
   * @param batches - the step's micro-batches
   * @param learningRate - of this step, schedule applied
   * @param step - 1 at the first update
   * @returns the loss over all micro-batches and the norm of the gradients before clipping (undefined without clipping)
   * @throws training/diverged when the loss is not finite; the trained parameters are those before the step then
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
    let loss = 0;
    let gradientNorm: number | undefined;
    for (const [i, { values }] of batches.entries()) {
      const first = i === 0;
      const results = await this.state.run(
        first ? this.#pass : await this.#furtherPass(),
        { ...values, [NORMALISER]: normaliser, ...(first ? {} : this.#gradients()) },
        first ? this.#places() : this.#nextPlaces(),
        { seed, step: step * 1024 + i },
      );
      if (!first) this.#turn();
      loss += results.loss!.data[0]!;
      gradientNorm = results.gradientNorm?.data[0];
      requireFinite(step, loss, gradientNorm);
      this.#carry(results);
    }
    this.#update({ learningRate, step, gradientNorm });
    return { loss, gradientNorm };
  }

  async close(): Promise<void> {
    await this.#pass.close();
    await this.#further?.close();
  }

  /** Takes over what the pass made of the parameters that it moves by itself. */
  #carry(results: Readonly<Record<string, Value>>): void {
    for (const { tensor } of this.#config.carried ?? []) {
      const name = nameOf(tensor);
      this.state.read(name).set(results[carriedOf(name)]!.data as Float32Array);
    }
  }

  #update(numbers: UpdateNumbers): void {
    for (const { name, gradient, loop } of this.#updated) {
      loop.run(numbers, gradient.now, (slot) => this.state.read(slotOf(slot, name)));
    }
  }

  /** The pass of a second or later micro-batch; made when first needed. */
  async #furtherPass(): Promise<Session> {
    this.#further ??= await compile(passOutputs(this.#loss, this.#trained, this.#config, true), this.#config);
    return this.#further;
  }

  /** The gradients so far, as the further pass reads them. */
  #gradients(): Values {
    return this.#named(gradientOf, ({ now }) => now);
  }

  #places(): Values {
    return this.#named(nextOf, ({ now }) => now);
  }

  #nextPlaces(): Values {
    return this.#named(nextOf, ({ next }) => next);
  }

  #turn(): void {
    for (const { gradient } of this.#updated) [gradient.now, gradient.next] = [gradient.next, gradient.now];
  }

  #named(key: (name: string) => string, data: (place: GradientPlace) => Float32Array): Values {
    return Object.fromEntries(
      this.#updated.map(({ name, dims, gradient }): [string, Value] => [
        key(name),
        { dtype: 'float32', dims, data: data(gradient) },
      ]),
    );
  }
}

/** Loss, gradients, where they are to be clipped their norm, and what is carried. @param further - adds to gradients that are there */
function passOutputs(
  { total }: LossTerm,
  trained: readonly Trained[],
  { clipNorm, carried = [] }: StepConfig,
  further = false,
): Record<string, Tensor> {
  const loss = multiply(total, input(NORMALISER, 'float32', []));
  const tensors = trained.map(({ tensor }) => tensor);
  const gradients = gradient(loss, tensors).map((g, i) =>
    further ? add(parameter(gradientOf(nameOf(tensors[i]!)), dimsOf(tensors[i]!)), g) : g,
  );
  return {
    loss,
    ...(clipNorm === undefined ? {} : { gradientNorm: globalNorm(gradients) }),
    ...Object.fromEntries(gradients.map((g, i) => [nextOf(nameOf(tensors[i]!)), g])),
    ...Object.fromEntries(carried.map(({ tensor, next }) => [carriedOf(nameOf(tensor)), next])),
  };
}

/**
 * Parameters, what is kept beside them and gradients, each parameter's in one memory; `state` has them there from then on.
 * Memory that nobody touches costs nothing: the second gradients take room only in runs with further micro-batches.
 */
function placeParameters(trained: readonly Trained[], state: State, config: StepConfig): Updated[] {
  const loops = new Map<string, UpdateLoop>();
  const slots = [...slotsOf(config.optimizer), ...(config.averageDecay === undefined ? [] : [AVERAGE])];
  const memory = allocateGroups(
    trained.map(({ tensor }) => Array.from({ length: slots.length + 3 }, () => sizeOf(tensor))),
  );
  return trained.map(({ tensor, group }, i) => {
    const name = nameOf(tensor);
    const dims = dimsOf(tensor);
    const key = `${group.learningRateScale} ${group.weightDecay}`;
    const loop = loops.get(key) ?? new UpdateLoop(group, config);
    loops.set(key, loop);
    const [value, now, next, ...kept] = memory[i]!;
    value!.set(state.read(name));
    state.set(name, dims, value!);
    for (const [j, slot] of slots.entries()) {
      const from = state.has(slotOf(slot, name)) ? slotOf(slot, name) : slot === AVERAGE ? name : undefined;
      if (from !== undefined) kept[j]!.set(state.read(from));
      state.set(slotOf(slot, name), dims, kept[j]!);
    }
    return { name, dims, gradient: { now: now!, next: next! }, loop };
  });
}

function compile(outputs: Record<string, Tensor>, { threads }: StepConfig): Promise<Session> {
  const options: SessionOptions = threads === undefined ? {} : { threads };
  return Session.create(outputs, options);
}

const number = (value: number) => ({ dtype: 'float32' as const, dims: [], data: Float32Array.of(value) });

function requireFinite(step: number, loss: number, gradientNorm: number | undefined): void {
  if (Number.isFinite(loss) && (gradientNorm === undefined || Number.isFinite(gradientNorm))) return;
  throw trainingError(
    'training/diverged',
    `The loss of step ${step} is ${loss}${gradientNorm === undefined ? '' : ` with a gradient norm of ${gradientNorm}`}.`,
    {
      hint: 'Lower training.learningRate, or set training.clipNorm to 1.',
    },
  );
}
