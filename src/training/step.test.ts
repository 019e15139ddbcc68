import { describe, expect, it } from 'vitest';
import { Random } from '../base/random.ts';
import { add, input, multiply, parameter, scalar, scale, sum } from '../graph/builder.ts';
import { Session, type Value } from '../graph/session.ts';
import { State } from '../graph/state.ts';
import type { Tensor } from '../graph/tensor.ts';
import { clipFactor, globalNorm, movingAverage, type OptimizerConfig, update } from './optimizers.ts';
import { averageOf, type StepConfig, Trainer } from './step.ts';

/** Two groups; the last tensor is longer than a block of the loop. */
const DIMS: Readonly<Record<string, readonly number[]>> = {
  bias: [5],
  scale: [7],
  weight: [3, 4],
  table: [70, 500],
};
const groupOf = (name: string) =>
  name === 'bias' || name === 'scale'
    ? { learningRateScale: 1, weightDecay: 0 }
    : { learningRateScale: 2, weightDecay: 0.1 };
const STEPS = 3;
/** The weight of each micro-batch and its share of the gradient, by their number: sums that floats hold exactly. */
const PARTS: Readonly<Record<number, readonly (readonly [weight: number, share: number])[]>> = {
  1: [[1, 1]],
  2: [
    [1, 1.5],
    [3, 2.5],
  ],
  3: [
    [1, 0.5],
    [2, 2.5],
    [1, 1],
  ],
};
const RATE = 0.01;

const adamw: OptimizerConfig = { kind: 'adamw', beta1: 0.9, beta2: 0.99, epsilon: 1e-6, weightDecay: 0.1 };
const sgd: OptimizerConfig = { kind: 'sgd', momentum: 0.9, nesterov: true, weightDecay: 0.1 };

const makeTrainer = (state: State, config: StepConfig) => {
  const { loss, trained } = task();
  return Trainer.create(loss, trained, state, config);
};

const random = (name: string, seed: number): Value => {
  const dims = DIMS[name]!;
  const source = new Random(seed * 100 + name.length);
  const data = Float32Array.from({ length: dims.reduce((a, b) => a * b) }, () => source.uniform() - 0.5);
  return { dtype: 'float32', dims, data };
};

describe('Trainer', () => {
  it.each<[string, OptimizerConfig, Partial<StepConfig>, number]>([
    ['adamw', adamw, {}, 1],
    ['adamw, clipped, averaged', adamw, { clipNorm: 0.5, averageDecay: 0.9 }, 1],
    ['adamw, clipped, in three micro-batches', adamw, { clipNorm: 0.5 }, 3],
    ['sgd with momentum', sgd, {}, 1],
    [
      'sgd without, averaged, in two micro-batches',
      { ...sgd, momentum: 0, nesterov: false },
      { averageDecay: 0.5 },
      2,
    ],
  ])('%s takes the steps that its graph takes in the runtime', async (_, optimizer, options, parts) => {
    const config: StepConfig = {
      optimizer,
      clipNorm: undefined,
      averageDecay: undefined,
      threads: 1,
      ...options,
    };
    const state = startState();
    const trainer = await makeTrainer(state, config);
    for (let step = 1; step <= STEPS; step++) {
      const whole = Object.keys(DIMS).map((name) => [`pull.${name}`, random(name, step)] as const);
      const batches = PARTS[parts]!.map(([weight, share]) => ({
        weight,
        values: Object.fromEntries(whole.map(([name, value]) => [name, times(value, share)])),
      }));
      await trainer.step(batches, RATE, step, 1);
    }
    const wanted = await onWholeTensors(config);
    for (const [name, { data }] of Object.entries(wanted)) {
      const differences = state.read(name).map((value, i) => Math.abs(value - (data[i] as number)));
      expect(
        differences.reduce((most, each) => Math.max(most, each), 0),
        name,
      ).toBeLessThan(1e-6);
    }
    await trainer.close();
  });

  it('moves what it carries once a micro-batch, without a gradient', async () => {
    const state = startState();
    state.set('average', [1], Float32Array.of(8));
    const average = parameter('average', [1]);
    const towards = input('towards', 'float32', [1]);
    const { loss, trained } = task();
    const trainer = await Trainer.create(loss, trained, state, {
      optimizer: adamw,
      clipNorm: undefined,
      averageDecay: undefined,
      carried: [{ tensor: average, next: scale(add(average, towards), 0.5) }],
      threads: 1,
    });
    const batch = (value: number) => ({
      weight: 1,
      values: {
        ...Object.fromEntries(Object.keys(DIMS).map((name) => [`pull.${name}`, random(name, 1)])),
        towards: { dtype: 'float32' as const, dims: [1], data: Float32Array.of(value) },
      },
    });
    await trainer.step([batch(0), batch(2)], RATE, 1, 1);
    await trainer.step([batch(1)], RATE, 2, 1);
    expect([...state.read('average')]).toEqual([2]);
    await trainer.close();
  });

  it('leaves everything as it was when the loss is not finite', async () => {
    const state = startState();
    const config: StepConfig = { optimizer: adamw, clipNorm: undefined, averageDecay: undefined, threads: 1 };
    const trainer = await makeTrainer(state, config);
    const before = Object.keys(DIMS).map((name) => state.read(name).slice());
    const values = Object.fromEntries(
      Object.keys(DIMS).map((name) => [`pull.${name}`, times(random(name, 1), Number.POSITIVE_INFINITY)]),
    );
    await expect(trainer.step([{ weight: 1, values }], RATE, 1, 1)).rejects.toMatchObject({
      code: 'training/diverged',
    });
    Object.keys(DIMS).forEach((name, i) => {
      expect(state.read(name)).toEqual(before[i]);
    });
    await trainer.close();
  });

  it('goes on from a state that another trainer left', async () => {
    const config: StepConfig = { optimizer: adamw, clipNorm: undefined, averageDecay: 0.9, threads: 1 };
    const pulls = (step: number) =>
      Object.fromEntries(Object.keys(DIMS).map((name) => [`pull.${name}`, random(name, step)]));
    const through = startState();
    const one = await makeTrainer(through, config);
    for (let step = 1; step <= 2; step++) await one.step([{ weight: 1, values: pulls(step) }], RATE, step, 1);
    const resumed = startState();
    const first = await makeTrainer(resumed, config);
    await first.step([{ weight: 1, values: pulls(1) }], RATE, 1, 1);
    const kept = new State();
    for (const name of resumed.names) kept.set(name, resumed.dims(name), resumed.read(name).slice());
    const second = await makeTrainer(kept, config);
    await second.step([{ weight: 1, values: pulls(2) }], RATE, 2, 1);
    expect(kept.names).toEqual(through.names);
    for (const name of through.names) expect(kept.read(name), name).toEqual(through.read(name));
    for (const each of [one, first, second]) await each.close();
  });
});

function startState(): State {
  const state = new State();
  for (const [name, dims] of Object.entries(DIMS))
    state.set(name, dims, random(name, 0).data.slice() as Float32Array);
  return state;
}

/** A loss whose gradient by a tensor is the input `pull.NAME`, and the tensors to train. */
function task() {
  const tensors = Object.entries(DIMS).map(([name, dims]) => parameter(name, dims));
  const parts = tensors.map((tensor) =>
    sum(multiply(tensor, input(`pull.${nameOf(tensor)}`, 'float32', tensor.shape))),
  );
  return {
    loss: { total: parts.reduce(add), weight: scalar(1) },
    trained: tensors.map((tensor) => ({ tensor, group: groupOf(nameOf(tensor)) })),
  };
}

const nameOf = (tensor: Tensor) => tensor.node.attributes.name as string;

/** What each state tensor is after the steps, by the optimiser's graph in the runtime. */
async function onWholeTensors(config: StepConfig): Promise<Record<string, Value>> {
  const clock = { learningRate: input('learningRate', 'float32', []), step: input('step', 'float32', []) };
  const pulls = Object.entries(DIMS).map(([name, dims]) => input(`pull.${name}`, 'float32', dims));
  const factor = config.clipNorm === undefined ? undefined : clipFactor(globalNorm(pulls), config.clipNorm);
  const outputs: Record<string, Tensor> = {};
  let state: Record<string, Value> = {};
  for (const [i, [name, dims]] of Object.entries(DIMS).entries()) {
    const value = parameter(name, dims);
    const gradient = factor === undefined ? pulls[i]! : multiply(pulls[i]!, factor);
    const next = update(config.optimizer, value, gradient, clock, groupOf(name));
    const start = random(name, 0);
    state[name] = start;
    outputs[`next ${name}`] = next.parameter;
    for (const [slot, { next: moment }] of Object.entries(next.state)) {
      state[`${slot}:${name}`] = { ...start, data: new Float32Array(start.data.length) };
      outputs[`next ${slot}:${name}`] = moment;
    }
    if (config.averageDecay !== undefined) {
      state[averageOf(name)] = start;
      const average = parameter(averageOf(name), dims);
      outputs[`next ${averageOf(name)}`] = movingAverage(average, next.parameter, config.averageDecay);
    }
  }
  const session = await Session.create(outputs, { threads: 1 });
  for (let step = 1; step <= STEPS; step++) {
    const feeds: Record<string, Value> = {
      ...state,
      ...Object.fromEntries(Object.keys(DIMS).map((name) => [`pull.${name}`, random(name, step)])),
      learningRate: { dtype: 'float32', dims: [], data: Float32Array.of(RATE) },
      step: { dtype: 'float32', dims: [], data: Float32Array.of(step) },
    };
    const asked = session.inputs.map(({ name }) => [name, feeds[name]!] as const);
    const results = await session.run(Object.fromEntries(asked));
    state = Object.fromEntries(Object.keys(state).map((name) => [name, results[`next ${name}`]!]));
  }
  await session.close();
  return state;
}

function times({ dims, data }: Value, factor: number): Value {
  return { dtype: 'float32', dims, data: Float32Array.from(data as Float32Array, (value) => value * factor) };
}
