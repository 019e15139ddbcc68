/** Every loss and its gradient against PyTorch, with each option and with masks for partial labels (losses/generate.py). */
import { describe, expect, it } from 'vitest';
import { input } from '../../src/graph/builder.ts';
import { gradient } from '../../src/graph/gradient.ts';
import { Session, type Value, type Values } from '../../src/graph/session.ts';
import type { Tensor } from '../../src/graph/tensor.ts';
import type { LossTerm } from '../../src/training/losses.ts';
import * as losses from '../../src/training/losses.ts';
import { readFixture, readJson, relativeError } from './fixture.ts';

type Options = {
  readonly smoothing?: number;
  readonly gamma?: number;
  readonly alpha?: number;
  readonly delta?: number;
  readonly temperature?: number;
  readonly both?: boolean;
};
type Case = {
  readonly name: string;
  readonly loss: keyof typeof LOSSES;
  /** Inputs by the names that generate.py gives them. */
  readonly inputs: readonly string[];
  readonly options: Options;
};
type Inputs = Readonly<Record<string, Tensor>>;

const given = <K extends string>(key: K, value: Tensor | undefined) =>
  (value === undefined ? {} : { [key]: value }) as { readonly [P in K]?: Tensor };

const LOSSES = {
  crossEntropy: ({ logits, labels, mask, weights }: Inputs, { smoothing }: Options) =>
    losses.crossEntropy(logits!, labels!, {
      ...given('mask', mask),
      ...given('classWeights', weights),
      ...(smoothing === undefined ? {} : { smoothing }),
    }),
  binaryCrossEntropy: ({ logits, labels, mask, positiveWeights }: Inputs) =>
    losses.binaryCrossEntropy(logits!, labels!, {
      ...given('mask', mask),
      ...given('positiveWeights', positiveWeights),
    }),
  binaryFocal: ({ logits, labels, mask }: Inputs, { gamma, alpha }: Options) =>
    losses.binaryFocal(logits!, labels!, {
      gamma: gamma!,
      ...(alpha === undefined ? {} : { alpha }),
      ...given('mask', mask),
    }),
  focal: ({ logits, labels, mask, weights }: Inputs, { gamma }: Options) =>
    losses.focal(logits!, labels!, {
      gamma: gamma!,
      ...given('mask', mask),
      ...given('classWeights', weights),
    }),
  meanSquared: ({ predictions, targets, mask }: Inputs) =>
    losses.meanSquared(predictions!, targets!, given('mask', mask)),
  meanAbsolute: ({ predictions, targets, mask }: Inputs) =>
    losses.meanAbsolute(predictions!, targets!, given('mask', mask)),
  huber: ({ predictions, targets, mask }: Inputs, { delta }: Options) =>
    losses.huber(predictions!, targets!, { delta: delta!, ...given('mask', mask) }),
  infoNce: ({ a, b, mask }: Inputs, { temperature, both }: Options) =>
    losses.infoNce(a!, b!, {
      temperature: temperature!,
      direction: both ? 'both' : 'forward',
      ...given('mask', mask),
    }),
} satisfies Record<string, (inputs: Inputs, options: Options) => LossTerm>;

const FOLDER = new URL('./losses/fixtures/', import.meta.url);
const { cases } = readJson<{ cases: readonly Case[] }>(new URL('cases.json', FOLDER));
const tensors = readFixture(new URL('tensors.safetensors', FOLDER));
const DIFFERENTIATED = ['logits', 'predictions', 'a', 'b'];

describe('losses', () => {
  it.each(cases)('$name has the value and the gradient of PyTorch', async (example) => {
    const { result, differentiated } = await run(example, (values) => values);
    expect(relativeError(result.loss!, tensors[`${example.name}.value`]!)).toBeLessThan(2e-6);
    for (const name of differentiated) {
      const expected = tensors[`${example.name}.gradient.${name}`]!;
      expect(relativeError(result[`gradient.${name}`]!, expected, 1e-3), name).toBeLessThan(5e-6);
    }
  });

  it.each(cases.filter(({ inputs }) => inputs.includes('mask')))(
    '$name does not look at what is masked',
    async (example) => {
      const before = (await run(example, (values) => values)).result;
      const after = (await run(example, spoilMasked)).result;
      for (const [name, value] of Object.entries(before)) {
        expect(relativeError(after[name]!, value), name).toBe(0);
      }
    },
  );

  it.each(cases.filter(({ inputs }) => inputs.includes('mask')))(
    '$name of nothing is a total and a weight of zero',
    async (example) => {
      const { result } = await run(example, (values) => ({
        ...values,
        mask: { ...values.mask!, data: new Float32Array(values.mask!.data.length) },
      }));
      expect([result.total!.data[0], result.weight!.data[0]]).toEqual([0, 0]);
    },
  );
});

/** Value and gradients of a case, after `change` has had its way with the inputs. */
async function run({ name, loss, inputs, options }: Case, change: (values: Values) => Values) {
  const values = Object.fromEntries(inputs.map((key) => [key, tensors[`${name}.${key}`]!]));
  const symbols = Object.fromEntries(
    inputs.map((key) => [key, input(key, values[key]!.dtype, values[key]!.dims)]),
  );
  const term = LOSSES[loss](symbols, options);
  const differentiated = inputs.filter((key) => DIFFERENTIATED.includes(key));
  const mean = losses.meanLoss(term);
  const gradients = gradient(
    mean,
    differentiated.map((key) => symbols[key]!),
  );
  const outputs: Record<string, Tensor> = { loss: mean, ...term };
  for (const [i, key] of differentiated.entries()) outputs[`gradient.${key}`] = gradients[i]!;
  const session = await Session.create(outputs, { threads: 1 });
  const result = await session.run(change(values));
  await session.close();
  return { result, differentiated };
}

/** Other labels and other predictions where the mask, of rows or of elements, is 0. */
function spoilMasked(values: Values): Values {
  const mask = values.mask!.data;
  const spoil = ([key, value]: [string, Value]): [string, Value] => {
    if (['mask', 'weights', 'positiveWeights'].includes(key)) return [key, value];
    const perMask = value.data.length / mask.length;
    const data = value.data.slice();
    for (let i = 0; i < data.length; i++) {
      if (mask[Math.floor(i / perMask)] === 0) data[i] = value.dtype === 'int32' ? -100 : data[i]! + 3;
    }
    return [key, { ...value, data }];
  };
  return Object.fromEntries(Object.entries(values).map(spoil));
}
