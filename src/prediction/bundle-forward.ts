/** The forward pass of a bundle in this thread: a session for each member of the ensemble, their scores averaged. */
import { Session, type Value } from '../graph/session.ts';
import type { Tensor } from '../graph/tensor.ts';
import { attributeOutputs, encoderOf, predictedOutputs } from '../models/attribute/attribute-model.ts';
import type { Forward } from '../models/attribute/runner.ts';
import type { AttributeModelSpec } from '../models/attribute/spec.ts';
import { noDropout } from '../models/layers/dropout.ts';
import { type BundleModel, storedNames } from './bundle-model.ts';
import type { Precision } from './precision.ts';
import { toEightBits } from './quantise-graph.ts';
import { sampleInputs } from './quantise-samples.ts';

export type ForwardOptions = {
  readonly precision: Precision;
  /** Threads inside one operation; one a core when left out. */
  readonly threads: number | undefined;
};

/** Weights that eight bits are for, where they are large enough. */
export const eightBitNames = ({
  parameters,
}: Pick<ReturnType<typeof encoderOf>, 'parameters'>): ReadonlySet<string> =>
  new Set([...parameters.map(({ name }) => name), ...EIGHT_BIT_HEADS]);

const EIGHT_BIT_HEADS = ['start', 'end', 'span', 'token'].map((name) => `span.${name}.weight`);

export type BundleForward = { readonly forward: Forward; close(): Promise<void> };

export async function openForward(
  model: BundleModel,
  { precision, threads }: ForwardOptions,
): Promise<BundleForward> {
  const { spec } = model;
  const exact = predictedOutputs(
    attributeOutputs(spec, model.scope, noDropout, { names: storedNames(spec, model.batches) }),
  );
  // A bundle that only writes texts has no heads, and nothing to compute here.
  if (Object.keys(exact).length === 0) return { forward: async () => ({}), close: async () => {} };
  const run = threads === undefined ? {} : { threads };
  const sessions: Session[] = [];
  for (const weights of model.members) {
    const outputs = precision === 'int8' ? await inEightBits(spec, exact, weights, threads) : exact;
    sessions.push(await Session.create(outputs, { weights, ...run }));
  }
  const fixed: Record<string, Value> = {};
  const names: string[] = [];
  for (const { name, shape } of sessions[0]!.inputs) {
    const data = model.shared.get(name);
    if (data) fixed[name] = { dtype: 'float32', dims: shape as readonly number[], data };
    else names.push(name);
  }
  return {
    forward: async (inputs) => {
      const read = { ...fixed, ...Object.fromEntries(names.map((name) => [name, inputs[name]!])) };
      const results: Record<string, Value>[] = [];
      for (const session of sessions) results.push(await session.run(read));
      return averaged(results);
    },
    close: async () => {
      for (const session of sessions) await session.close();
    },
  };
}

/**
 * The encoder in eight bits, and of the heads what reads every token or candidate. What says the last word (values,
 * numbers, small matrices) stays as it is.
 */
function inEightBits(
  spec: AttributeModelSpec,
  outputs: Readonly<Record<string, Tensor>>,
  weights: ReadonlyMap<string, Float32Array>,
  threads: number | undefined,
): Promise<Record<string, Tensor>> {
  const encoder = encoderOf(spec);
  const names = [...eightBitNames(encoder)];
  const rounded = new Map(names.flatMap((name) => (weights.has(name) ? [[name, weights.get(name)!]] : [])));
  return toEightBits(outputs, rounded, sampleInputs(encoder, spec.maxTokens), threads);
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
