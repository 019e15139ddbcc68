/** Trains a small model for ten steps as a fixture's generator did. */
import { input } from '../../src/graph/builder.ts';
import { gradient } from '../../src/graph/gradient.ts';
import { Session, type Value, type Values } from '../../src/graph/session.ts';
import type { Tensor } from '../../src/graph/tensor.ts';
import { slotsOf, update } from '../../src/training/optimizers.ts';

export type Training = {
  readonly learningRate: number;
  readonly betas: readonly [number, number];
  readonly epsilon: number;
  readonly weightDecay: number;
};

const STEPS = 10;

/**
 * Losses of ten steps of AdamW, the batches in turn, and all parameters afterwards.
 * @param carried - parameters that become something else than the optimiser says
 */
export async function trainedLosses(
  run: {
    readonly trained: ReadonlyMap<string, Tensor>;
    readonly loss: Tensor;
    readonly carried?: readonly { readonly tensor: Tensor; readonly next: Tensor }[];
    readonly weights: Values;
    readonly batches: readonly Values[];
  },
  { learningRate, betas, epsilon, weightDecay }: Training,
): Promise<{ readonly losses: readonly number[]; readonly state: Values }> {
  const config = { kind: 'adamw', beta1: betas[0], beta2: betas[1], epsilon, weightDecay } as const;
  const clock = { learningRate: input('learningRate', 'float32', []), step: input('step', 'float32', []) };
  const gradients = gradient(run.loss, [...run.trained.values()]);
  const next: Record<string, Tensor> = {};
  for (const [i, [name, tensor]] of [...run.trained].entries()) {
    const updated = update(config, tensor, gradients[i]!, clock, { learningRateScale: 1, weightDecay });
    next[name] = updated.parameter;
    for (const [slot, state] of Object.entries(updated.state)) next[`${slot}:${name}`] = state.next;
  }
  for (const { tensor, next: value } of run.carried ?? [])
    next[tensor.node.attributes.name as string] = value;
  // An output may not have the name of a parameter.
  const outputs = Object.entries(next).map(([name, tensor]) => [`next:${name}`, tensor] as const);
  const session = await Session.create(
    { 'the loss': run.loss, ...Object.fromEntries(outputs) },
    { threads: 1 },
  );
  const state: Record<string, Value> = { ...run.weights };
  for (const name of run.trained.keys()) {
    const { dims, data } = state[name]!;
    for (const slot of slotsOf(config))
      state[`${slot}:${name}`] = { dtype: 'float32', dims, data: new Float32Array(data.length) };
  }
  const number = (value: number): Value => ({ dtype: 'float32', dims: [], data: Float32Array.of(value) });
  const losses: number[] = [];
  for (let step = 1; step <= STEPS; step++) {
    const given = Object.entries({
      ...state,
      ...run.batches[(step - 1) % run.batches.length],
      learningRate: number(learningRate),
      step: number(step),
    }).filter(([name]) => session.inputs.some((leaf) => leaf.name === name));
    const result = await session.run(Object.fromEntries(given));
    losses.push(result['the loss']!.data[0]!);
    for (const name of Object.keys(next)) state[name] = result[`next:${name}`]!;
  }
  await session.close();
  return { losses, state };
}
