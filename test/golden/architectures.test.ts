/**
 * Every architecture against its origin: hidden states, logits, loss, every parameter's gradient and ten losses of
 * training, as PyTorch computes them from the same small random checkpoint (architectures/generate.py).
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  cast,
  divide,
  expandDims,
  input,
  multiply,
  parameter,
  reshape,
  slice,
  sum,
} from '../../src/graph/builder.ts';
import { product } from '../../src/graph/dimensions.ts';
import { gradient } from '../../src/graph/gradient.ts';
import { Session, type Value, type Values } from '../../src/graph/session.ts';
import type { Tensor } from '../../src/graph/tensor.ts';
import type { TextEncoder, TextInputs } from '../../src/models/architectures/encoder.ts';
import { hiddenStates } from '../../src/models/architectures/encoder.ts';
import { MODEL_TYPES, openArchitecture } from '../../src/models/architectures/registry.ts';
import { languageModelLogits, languageModelParameters } from '../../src/models/heads/language-model.ts';
import { dense } from '../../src/models/layers/dense.ts';
import { noDropout } from '../../src/models/layers/dropout.ts';
import type { ParameterSpec } from '../../src/models/layers/parameters.ts';
import { linearParameters } from '../../src/models/layers/parameters.ts';
import { relativeBucket } from '../../src/models/layers/relative-position.ts';
import { scopeOf } from '../../src/models/layers/scope.ts';
import { crossEntropy, meanLoss } from '../../src/training/losses.ts';
import { slotsOf, update } from '../../src/training/optimizers.ts';
import { readFixture, readJson, relativeError } from './fixture.ts';

type Task = 'classification' | 'lm';
type Expected = {
  readonly pooling: 'cls' | 'mean';
  readonly training: { learningRate: number; betas: [number, number]; epsilon: number; weightDecay: number };
} & Readonly<Record<Task, { readonly loss: number; readonly tenLosses: readonly number[] }>>;

/** A model, its loss for one task, and what PyTorch makes of them. */
type Golden = {
  readonly encoder: TextEncoder;
  readonly expected: Expected;
  readonly tensors: Values;
  readonly batches: Values;
  readonly weights: Values;
};

const CLASSES = 5;

function open(modelType: string): Golden {
  const folder = new URL(`./architectures/fixtures/${modelType}/`, import.meta.url);
  const encoder = openArchitecture(readJson(new URL('config.json', folder)));
  const tensors = readFixture(new URL('expected.safetensors', folder));
  const weights: Record<string, Value> = {};
  for (const [name, value] of Object.entries(readFixture(new URL('model.safetensors', folder)))) {
    weights[bareName(encoder, name)] = value;
  }
  for (const name of ['classifier.weight', 'classifier.bias']) weights[name] = tensors[name]!;
  const expected = readJson<Expected>(new URL('expected.json', folder));
  return {
    encoder,
    expected,
    tensors,
    batches: readFixture(new URL('batches.safetensors', folder)),
    weights,
  };
}

const bareName = (encoder: TextEncoder, name: string) =>
  name.startsWith(encoder.prefix) ? name.slice(encoder.prefix.length) : name;

function parametersOf({ encoder }: Golden, task: Task): ParameterSpec[] {
  const plan = { depth: encoder.layers + 1, initial: { kind: 'zeros' } } as const;
  const head =
    task === 'lm'
      ? languageModelParameters(encoder)
      : linearParameters('classifier', encoder.width, CLASSES, plan);
  return [...encoder.parameters, ...head];
}

/** The graph of one task: inputs `ids`, `mask`, `segments`, `labels`, `labelled`. */
function build(golden: Golden, task: Task) {
  const { encoder, expected } = golden;
  const parameters = new Map(
    parametersOf(golden, task).map(({ name, shape }) => [name, parameter(name, shape)] as const),
  );
  const scope = scopeOf((name) => parameters.get(name)!);
  const inputs: TextInputs = {
    ids: input('ids', 'int32', ['batch', 'tokens']),
    mask: input('mask', 'int32', ['batch', 'tokens']),
    ...(encoder.modelType === 'bert' ? { segments: input('segments', 'int32', ['batch', 'tokens']) } : {}),
  };
  const hidden = hiddenStates(encoder, scope, inputs, noDropout);
  const logits =
    task === 'lm'
      ? languageModelLogits(encoder, scope, hidden)
      : dense(pool(hidden, inputs.mask, expected.pooling), scope.within('classifier'));
  const rows = logits.shape.slice(0, -1);
  const labels = input('labels', 'int32', rows);
  const labelled = input('labelled', 'float32', rows);
  const flat = product(rows);
  const loss = meanLoss(
    crossEntropy(reshape(logits, [flat, logits.shape.at(-1)!]), reshape(labels, [flat]), {
      mask: reshape(labelled, [flat]),
    }),
  );
  return { parameters, hidden, logits, loss };
}

/** [batch, tokens, width] to [batch, width]. */
function pool(hidden: Tensor, mask: Tensor, pooling: 'cls' | 'mean'): Tensor {
  const [batch, , width] = hidden.shape;
  if (pooling === 'cls') return reshape(slice(hidden, 1, 0, 1), [batch!, width!]);
  const weights = expandDims(cast(mask, 'float32'), 2);
  return divide(sum(multiply(hidden, weights), [1]), sum(weights, [1]));
}

/** The inputs of batch `b`; missing labels (-100) become class 0 of weight 0. */
function feeds({ encoder, batches }: Golden, task: Task, b: number): Values {
  const ids = batches[`${b}.input_ids`]!;
  const segments = batches[`${b}.token_type_ids`];
  const labels = batches[`${b}.${task === 'lm' ? 'lm_labels' : 'labels'}`]!;
  const wanted = encoder.causal && task === 'lm' ? shiftLeft(labels) : (labels.data as Int32Array);
  return {
    ids,
    mask: batches[`${b}.attention_mask`]!,
    ...(segments === undefined ? {} : { segments }),
    labels: { ...labels, data: wanted.map((label) => Math.max(label, 0)) },
    labelled: {
      ...labels,
      dtype: 'float32',
      data: Float32Array.from(wanted, (label) => (label < 0 ? 0 : 1)),
    },
  };
}

/** A causal model's score at a token is of the next one. */
function shiftLeft({ dims, data }: Value): Int32Array {
  const tokens = dims[1]!;
  return Int32Array.from(data, (_, i) => (i % tokens === tokens - 1 ? -100 : data[i + 1]!));
}

/** Zeros where a token is padding, as in the fixture. */
function withoutPadding(value: Value, mask: Value): Value {
  const width = value.dims[2]!;
  return {
    ...value,
    data: (value.data as Float32Array).map((x, i) => x * mask.data[Math.floor(i / width)]!),
  };
}

it("puts every distance into transformers' bucket", () => {
  const { relativePositionBuckets } = readJson<{
    relativePositionBuckets: { from: number; buckets: number[] };
  }>(new URL('./architectures/fixtures/mpnet/expected.json', import.meta.url));
  const { from, buckets } = relativePositionBuckets;
  expect(buckets.map((_, i) => relativeBucket(from + i, 32))).toEqual(buckets);
});

describe.each(MODEL_TYPES)('%s', (modelType) => {
  const golden = open(modelType);

  it.each(['classification', 'lm'] as const)('has the parameters of its checkpoint (%s)', (task) => {
    const specs = parametersOf(golden, task);
    for (const { name, shape } of specs) expect([name, golden.weights[name]?.dims]).toEqual([name, shape]);
    if (task === 'lm') {
      const known = new Set([...specs.map(({ name }) => name), 'classifier.weight', 'classifier.bias']);
      expect(Object.keys(golden.weights).filter((name) => !known.has(name))).toEqual([]);
    }
  });

  describe.each(['classification', 'lm'] as const)('%s', (task) => {
    const { expected, tensors, weights, encoder } = golden;
    let session: Session;
    let result: Values;

    beforeAll(async () => {
      const { parameters, hidden, logits, loss } = build(golden, task);
      const gradients = gradient(loss, [...parameters.values()]);
      const named = [...parameters.keys()].map((name, i) => [`gradient.${name}`, gradients[i]!] as const);
      session = await Session.create({ hidden, logits, loss, ...Object.fromEntries(named) }, { threads: 1 });
      result = await session.run({ ...weightsOf(golden, task), ...feeds(golden, task, 0) });
    });
    afterAll(() => session?.close());

    it('computes the hidden states, logits and loss of PyTorch', () => {
      const mask = golden.batches['0.attention_mask']!;
      expect(relativeError(withoutPadding(result.hidden!, mask), tensors.hidden!)).toBeLessThan(2e-6);
      const logits = task === 'lm' ? withoutPadding(result.logits!, mask) : result.logits!;
      expect(relativeError(logits, tensors[`logits.${task}`]!)).toBeLessThan(2e-6);
      expect(result.loss!.data[0]).toBeCloseTo(expected[task].loss, 5);
    });

    it("computes every parameter's gradient", () => {
      const errors = Object.keys(tensors)
        .filter((name) => name.startsWith(`gradient.${task}.`))
        .map((name) => {
          const bare = bareName(encoder, name.slice(`gradient.${task}.`.length));
          return [bare, relativeError(result[`gradient.${bare}`]!, tensors[name]!, 5e-3)] as const;
        });
      expect(errors.map(([name]) => name).sort()).toEqual(
        parametersOf(golden, task)
          .map(({ name }) => name)
          .sort(),
      );
      expect(errors.filter(([, error]) => error > 2e-5)).toEqual([]);
    });

    it('trains with the same ten losses', async () => {
      const losses = await train(golden, task, 10);
      for (const [i, loss] of losses.entries()) {
        const want = expected[task].tenLosses[i]!;
        expect(Math.abs(loss - want) / want, `loss ${i}: ${loss}, PyTorch ${want}`).toBeLessThan(5e-5);
      }
    });

    it('depends on every parameter', async () => {
      for (const { name } of parametersOf(golden, task)) {
        const value = weights[name]!;
        const moved = { ...value, data: (value.data as Float32Array).map((x) => x + 1e-2) };
        const again = await session.run({
          ...weightsOf(golden, task),
          [name]: moved,
          ...feeds(golden, task, 0),
        });
        // A key's bias shifts all scores of a query alike and changes nothing.
        if (!/(key|k_lin|attn\.k)\.bias$/.test(name)) {
          expect([name, again.logits!.data.some((x, i) => x !== result.logits!.data[i])]).toEqual([
            name,
            true,
          ]);
        }
      }
    });
  });
});

function weightsOf(golden: Golden, task: Task): Values {
  return Object.fromEntries(parametersOf(golden, task).map(({ name }) => [name, golden.weights[name]!]));
}

/** Losses of `steps` steps of AdamW, the batches in turn. */
async function train(golden: Golden, task: Task, steps: number): Promise<number[]> {
  const { learningRate, betas, epsilon, weightDecay } = golden.expected.training;
  const config = { kind: 'adamw', beta1: betas[0], beta2: betas[1], epsilon, weightDecay } as const;
  const { parameters, loss } = build(golden, task);
  const clock = { learningRate: input('learningRate', 'float32', []), step: input('step', 'float32', []) };
  const gradients = gradient(loss, [...parameters.values()]);
  const outputs: Record<string, Tensor> = { loss };
  const group = { learningRateScale: 1, weightDecay };
  for (const [i, [name, value]] of [...parameters].entries()) {
    const next = update(config, value, gradients[i]!, clock, group);
    outputs[name] = next.parameter;
    for (const [slot, state] of Object.entries(next.state)) outputs[`${slot}:${name}`] = state.next;
  }
  const session = await Session.create(renamed(outputs), { threads: 1 });
  const state: Record<string, Value> = { ...weightsOf(golden, task) };
  for (const [name, { dims, data }] of Object.entries(state)) {
    for (const slot of slotsOf(config)) {
      state[`${slot}:${name}`] = { dtype: 'float32', dims, data: new Float32Array(data.length) };
    }
  }
  const losses: number[] = [];
  for (let step = 1; step <= steps; step++) {
    const result = await session.run({
      ...state,
      ...feeds(golden, task, (step - 1) % 3),
      learningRate: { dtype: 'float32', dims: [], data: Float32Array.of(learningRate) },
      step: { dtype: 'float32', dims: [], data: Float32Array.of(step) },
    });
    losses.push(result['next:loss']!.data[0]!);
    for (const name of Object.keys(state)) state[name] = result[`next:${name}`]!;
  }
  await session.close();
  return losses;
}

/** An output may not have the name of a parameter. */
function renamed(outputs: Readonly<Record<string, Tensor>>): Record<string, Tensor> {
  return Object.fromEntries(Object.entries(outputs).map(([name, tensor]) => [`next:${name}`, tensor]));
}
