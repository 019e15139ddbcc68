/** Every optimiser and each of its options against PyTorch's over 20 steps (optimizers/generate.py). */
import { describe, expect, it } from 'vitest';
import { input, multiply, parameter } from '../../src/graph/builder.ts';
import type { Dim } from '../../src/graph/dimensions.ts';
import { Session, type Value, type Values } from '../../src/graph/session.ts';
import type { Tensor } from '../../src/graph/tensor.ts';
import {
  clipFactor,
  globalNorm,
  movingAverage,
  type OptimizerConfig,
  slotsOf,
  update,
} from '../../src/training/optimizers.ts';
import { type Schedule, scheduleFactor } from '../../src/training/schedules.ts';
import { readFixture, readJson } from './fixture.ts';

/** Options as generate.py writes them. */
type Variant = {
  readonly kind: 'sgd' | 'adam' | 'adamw';
  readonly learningRate: number;
  readonly momentum?: number;
  readonly nesterov?: boolean;
  readonly weightDecay?: number;
  readonly betas?: readonly [number, number];
  readonly epsilon?: number;
  readonly groups?: Readonly<Record<string, { readonly learningRate: number; readonly weightDecay: number }>>;
  readonly clipNorm?: number;
  readonly averageDecay?: number;
  /** Of the learning rate at each step. */
  readonly factors: readonly number[];
};

/** Keys left out have no effect on that schedule, or are 0. */
type ScheduleCase = Partial<Schedule> & {
  readonly kind: Schedule['kind'];
  readonly factors: readonly number[];
};

const FOLDER = new URL('./optimizers/fixtures/', import.meta.url);
const { variants, schedules } = readJson<{
  variants: Record<string, Variant>;
  schedules: Record<string, ScheduleCase>;
}>(new URL('variants.json', FOLDER));
const given = readFixture(new URL('inputs.safetensors', FOLDER));
const expected = readFixture(new URL('expected.safetensors', FOLDER));
const NAMES = Object.keys(given)
  .filter((name) => name.startsWith('start.'))
  .map((name) => name.slice('start.'.length));
const STEPS = 20;
/** PyTorch's own float32 run strays up to 1e-6 from the float64 run that the fixtures are of. */
const TOLERANCE = 3e-6;

describe('optimisers', () => {
  it.each(Object.keys(variants))('%s takes the steps that PyTorch takes', async (name) => {
    const results = await run(variants[name]!);
    const compared = Object.keys(results);
    expect(compared.sort()).toEqual(
      Object.keys(expected)
        .filter((key) => key.startsWith(`${name}.`))
        .map((key) => key.slice(name.length + 1))
        .sort(),
    );
    for (const key of compared) {
      const error = largestDifference(results[key]!, expected[`${name}.${key}`]!);
      expect(error, key).toBeLessThan(TOLERANCE * (key === 'norm' ? 10 : 1));
    }
  });

  // Each case takes one option away: if the optimiser did not heed it, the result would be as expected.
  const without: readonly [string, string, Partial<Variant>][] = [
    ['sgd-decay', 'weightDecay', { weightDecay: 0 }],
    ['sgd-momentum', 'momentum', { momentum: 0 }],
    ['sgd-nesterov', 'nesterov', { nesterov: false }],
    ['sgd-nesterov-decay-groups', 'groups', { groups: {} }],
    ['adam-betas', 'beta1', { betas: [0.9, 0.95] }],
    ['adam-betas', 'beta2', { betas: [0.8, 0.999] }],
    ['adam-epsilon', 'epsilon', { epsilon: 1e-8 }],
    ['adam-l2', 'weightDecay', { weightDecay: 0 }],
    ['adam-l2', 'coupled decay', { kind: 'adamw' }],
    ['adamw', 'weightDecay', { weightDecay: 0 }],
    ['adamw', 'decoupled decay', { kind: 'adam' }],
    ['adamw-groups', 'groups', { groups: {} }],
    ['adamw-clipped', 'clipNorm', { clipNorm: 100 }],
    ['sgd-clipped', 'clipNorm', { clipNorm: 100 }],
    ['adamw-schedule', 'learning rate', { factors: Array.from({ length: STEPS }, () => 1) }],
    ['adamw-average', 'averageDecay', { averageDecay: 0.95 }],
  ];
  it.each(without)('%s heeds its %s', async (name, _, changed) => {
    const results = await run({ ...variants[name]!, ...changed });
    const errors = Object.keys(results).map((key) =>
      largestDifference(results[key]!, expected[`${name}.${key}`]!),
    );
    expect(Math.max(...errors)).toBeGreaterThan(100 * TOLERANCE);
  });
});

describe('schedules', () => {
  it.each(Object.keys(schedules))('%s has the learning rates of transformers', (name) => {
    const { kind, warmupSteps = 0, totalSteps = 25, factors } = schedules[name]!;
    expect(factors).toHaveLength(30);
    for (const [step, factor] of factors.entries()) {
      // Past the end transformers' cosine would climb again; ours stays at 0.
      const expected = kind !== 'constant' && step >= totalSteps ? 0 : factor;
      expect(scheduleFactor({ kind, warmupSteps, totalSteps }, step), `step ${step}`).toBeCloseTo(
        expected,
        12,
      );
    }
  });
});

function configOf(variant: Variant): OptimizerConfig {
  const weightDecay = variant.weightDecay ?? 0;
  return variant.kind === 'sgd'
    ? { kind: 'sgd', momentum: variant.momentum ?? 0, nesterov: variant.nesterov ?? false, weightDecay }
    : {
        kind: variant.kind,
        beta1: variant.betas![0],
        beta2: variant.betas![1],
        epsilon: variant.epsilon!,
        weightDecay,
      };
}

/** Parameters (and what else the variant has) after each step, [20, ...] by name. */
async function run(variant: Variant): Promise<Values> {
  const config = configOf(variant);
  const { outputs, start } = build(variant, config);
  const session = await Session.create(outputs, { threads: 1 });
  const history = new Map<string, number[]>();
  const record = (name: string, data: ArrayLike<number>) =>
    history.set(name, [...(history.get(name) ?? []), ...Array.from(data)]);
  const state: Record<string, Value> = { ...start };
  for (let step = 0; step < STEPS; step++) {
    const result = await session.run({
      ...state,
      ...gradientsAt(step),
      learningRate: scalarValue(variant.learningRate * variant.factors[step]!),
      step: scalarValue(step + 1),
    });
    for (const name of Object.keys(state)) state[name] = result[`next:${name}`]!;
    // The first average is the parameter itself, as torch.optim.swa_utils begins.
    if (step === 0) {
      for (const name of NAMES) if (`average.${name}` in state) state[`average.${name}`] = state[name]!;
    }
    for (const name of NAMES) {
      record(name, state[name]!.data);
      const average = state[`average.${name}`];
      if (average) record(`average.${name}`, average.data);
    }
    if (result.norm) record('norm', result.norm.data);
  }
  await session.close();
  return Object.fromEntries(
    [...history].map(([name, data]) => [name, { dtype: 'float32', dims: [], data: Float32Array.from(data) }]),
  );
}

/** The graph of one step, and every parameter and state at its start. */
function build(variant: Variant, config: OptimizerConfig) {
  const start: Record<string, Value> = {};
  const outputs: Record<string, Tensor> = {};
  const clock = { learningRate: input('learningRate', 'float32', []), step: input('step', 'float32', []) };
  const values = NAMES.map((name) => parameter(name, given[`start.${name}`]!.dims));
  let gradients: readonly Tensor[] = values.map(({ shape }, i) =>
    input(`gradient.${NAMES[i]}`, 'float32', shape as Dim[]),
  );
  if (variant.clipNorm !== undefined) {
    const norm = globalNorm(gradients);
    const factor = clipFactor(norm, variant.clipNorm);
    gradients = gradients.map((g) => multiply(g, factor));
    outputs.norm = norm;
  }
  for (const [i, name] of NAMES.entries()) {
    const group = Object.entries(variant.groups ?? {}).find(([prefix]) => name.startsWith(prefix))?.[1];
    const next = update(config, values[i]!, gradients[i]!, clock, {
      learningRateScale: (group?.learningRate ?? variant.learningRate) / variant.learningRate,
      weightDecay: group?.weightDecay ?? config.weightDecay,
    });
    const first = given[`start.${name}`]!;
    start[name] = first;
    outputs[`next:${name}`] = next.parameter;
    expect(Object.keys(next.state)).toEqual(slotsOf(config));
    for (const [slot, { next: state }] of Object.entries(next.state)) {
      start[`${slot}:${name}`] = { ...first, data: new Float32Array(first.data.length) };
      outputs[`next:${slot}:${name}`] = state;
    }
    if (variant.averageDecay !== undefined) {
      const average = parameter(`average.${name}`, first.dims);
      start[`average.${name}`] = first;
      outputs[`next:average.${name}`] = movingAverage(average, next.parameter, variant.averageDecay);
    }
  }
  return { outputs, start };
}

function gradientsAt(step: number): Values {
  return Object.fromEntries(
    NAMES.map((name) => {
      const all = given[`gradient.${name}`]!;
      const dims = all.dims.slice(1);
      const length = dims.reduce((a, b) => a * b, 1);
      return [
        `gradient.${name}`,
        { dtype: 'float32', dims, data: all.data.slice(step * length, (step + 1) * length) },
      ];
    }),
  );
}

const scalarValue = (value: number): Value => ({ dtype: 'float32', dims: [], data: Float32Array.of(value) });

function largestDifference(actual: Value, wanted: Value): number {
  if (actual.data.length !== wanted.data.length) return Number.POSITIVE_INFINITY;
  let most = 0;
  for (let i = 0; i < wanted.data.length; i++)
    most = Math.max(most, Math.abs(actual.data[i]! - wanted.data[i]!));
  return most;
}
