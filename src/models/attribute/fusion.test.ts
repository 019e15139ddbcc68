import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Random } from '../../base/random.ts';
import { input, parameter, sum } from '../../graph/builder.ts';
import { gradient } from '../../graph/gradient.ts';
import { Session, type Value } from '../../graph/session.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { noDropout } from '../layers/dropout.ts';
import { initialValues, type ParameterSpec } from '../layers/parameters.ts';
import { scopeOf } from '../layers/scope.ts';
import { fuse, fusionParameters, projectedVectors } from './fusion.ts';
import { lateFusion, lateParameters } from './late-fusion.ts';
import type { ModalityStates } from './modality-states.ts';

const MODALITIES = ['text', 'media.photo'];
const WIDTHS = [8, 6];
const WIDTH = 8;
const SPEC = {
  choices: [
    { attribute: 'color', kind: 'choice', values: ['Red', 'Blue'], notApplicable: true },
    { attribute: 'fit', kind: 'choice', values: ['Slim', 'Wide'], notApplicable: false },
  ],
  numbers: [{ attribute: 'price', unit: undefined, logarithm: false, mean: 0, deviation: 1 }],
} as const;

const random = new Random(3);
const noise = (...dims: number[]): Value => ({
  dtype: 'float32',
  dims,
  data: Float32Array.from({ length: dims.reduce((a, b) => a * b) }, () => random.normal()),
});
/** Values that matter, biases and trust included. */
const valuesOf = (specs: readonly ParameterSpec[]) =>
  Object.fromEntries(
    specs.map((spec) => [
      spec.name,
      {
        dtype: 'float32' as const,
        dims: spec.shape,
        data: initialValues(spec, random).map((value) => value + 0.3 * random.normal()),
      },
    ]),
  );
const tensorsOf = (specs: readonly ParameterSpec[]) => {
  const tensors = new Map(specs.map(({ name, shape }) => [name, parameter(name, shape)]));
  return { tensors, scope: scopeOf((name) => tensors.get(name)!) };
};
const mask: Value = { dtype: 'int32', dims: [3, 4], data: Int32Array.of(1, 1, 1, 0, 1, 1, 1, 1, 1, 0, 0, 0) };
/** The second product has no picture, the third no text. */
const present: Value = { dtype: 'float32', dims: [3, 2], data: Float32Array.of(1, 1, 1, 0, 0, 1) };
const STATES: readonly ModalityStates[] = [
  {
    vector: input('text', 'float32', ['batch', 8]),
    tokens: input('tokens', 'float32', ['batch', 'tokens', 8]),
    mask: input('mask', 'int32', ['batch', 'tokens']),
  },
  { vector: input('photo', 'float32', ['batch', 6]), tokens: input('patches', 'float32', ['batch', 5, 6]) },
];
const PRESENT = input('present', 'float32', ['batch', 2]);
const inputs = {
  text: noise(3, 8),
  tokens: noise(3, 4, 8),
  mask,
  photo: noise(3, 6),
  patches: noise(3, 5, 6),
  present,
};
const row = ({ data, dims }: Value, i: number) => {
  const size = data.length / dims[0]!;
  return Array.from((data as Float32Array).subarray(i * size, (i + 1) * size));
};
const changed = (value: Value, from: number, to: number): Value => ({
  ...value,
  data: (value.data as Float32Array).map((x, i) => (i >= from && i < to ? x + 5 : x)),
});

describe.each(['concat', 'gated', 'attention'] as const)('fuse, %s', (kind) => {
  const specs = fusionParameters(kind, MODALITIES, WIDTHS, WIDTH, 1, MODALITIES);
  const weights = valuesOf(specs);
  let session: Session;
  beforeAll(async () => {
    const { scope } = tensorsOf(specs);
    const y = fuse(kind, scope, MODALITIES, STATES, PRESENT, noDropout);
    session = await Session.create({ y }, { threads: 1 });
  });
  afterAll(() => session.close());
  const run = async (values: Partial<typeof inputs>) => {
    const given: Record<string, Value> = { ...weights, ...inputs, ...values };
    const asked = session.inputs.map(({ name }) => [name, given[name]!] as const);
    return (await session.run(Object.fromEntries(asked))).y!;
  };

  it('takes nothing from a modality that is missing', async () => {
    const before = await run({});
    const after = await run({
      photo: changed(inputs.photo, 6, 12),
      patches: changed(inputs.patches, 30, 60),
      text: changed(inputs.text, 16, 24),
      tokens: changed(inputs.tokens, 64, 96),
    });
    for (const i of [0, 1, 2]) expect(row(after, i)).toEqual(row(before, i));
  });

  it('takes something from one that is there', async () => {
    const before = await run({});
    const after = await run({ photo: changed(inputs.photo, 2, 4) });
    expect(row(after, 0)).not.toEqual(row(before, 0));
    expect(row(after, 1)).toEqual(row(before, 1));
  });

  if (kind !== 'attention') return;

  it('looks at tokens and patches, and not at padding', async () => {
    const before = await run({});
    const padding = await run({ tokens: changed(inputs.tokens, 24, 32) });
    const token = await run({ tokens: changed(inputs.tokens, 18, 21) });
    const patch = await run({ patches: changed(inputs.patches, 13, 16) });
    expect(row(padding, 0)).toEqual(row(before, 0));
    expect(row(token, 0)).not.toEqual(row(before, 0));
    expect(row(patch, 0)).not.toEqual(row(before, 0));
  });
});

describe('late fusion', () => {
  const specs = [
    ...fusionParameters('late', MODALITIES, WIDTHS, WIDTH, 1),
    ...lateParameters(SPEC, MODALITIES, WIDTH, 1),
  ];
  const weights = valuesOf(specs);
  const { tensors, scope } = tensorsOf(specs);
  const vectors = projectedVectors(scope, MODALITIES, STATES);
  const late = lateFusion(SPEC, scope, MODALITIES, vectors, PRESENT, input('names', 'float32', [5, 8]));
  const given: Record<string, Value> = { ...weights, ...inputs, names: noise(5, 8) };
  const run = async (outputs: Record<string, Tensor>) => {
    const session = await Session.create(outputs, { threads: 1 });
    const asked = session.inputs.map(({ name }) => [name, given[name]!] as const);
    const results = await session.run(Object.fromEntries(asked));
    await session.close();
    return results;
  };

  it('is what the one modality says that a product has, and between what two say', async () => {
    const results = await run({
      choice: late.choice!,
      number: late.number!,
      byText: late.parts[0]!.choice!,
      byPhoto: late.parts[1]!.choice!,
      byTextNumber: late.parts[0]!.number!,
    });
    for (const [i, value] of row(results.choice!, 1).entries())
      expect(value).toBeCloseTo(row(results.byText!, 1)[i]!, 5);
    for (const [i, value] of row(results.choice!, 2).entries())
      expect(value).toBeCloseTo(row(results.byPhoto!, 2)[i]!, 5);
    expect(row(results.number!, 1)[0]).toBeCloseTo(row(results.byTextNumber!, 1)[0]!, 5);
    // One share for all values of an attribute.
    const shares = row(results.choice!, 0).map((value, v) => {
      const [a, b] = [row(results.byText!, 0)[v]!, row(results.byPhoto!, 0)[v]!];
      return (value - b) / (a - b);
    });
    const { data } = weights['late.trust']!;
    for (const [v, attribute] of [0, 0, 0, 1, 1].entries()) {
      const odds = Math.exp(data[attribute]! - data[3 + attribute]!);
      expect(shares[v]).toBeCloseTo(odds / (1 + odds), 3);
    }
  });

  it('teaches a modality by its own answers alone, and the trust by the joint ones', async () => {
    const names = ['late.trust', 'late.text.choice.values', 'fusion.media.photo.projection.weight'];
    const asked = names.map((name) => tensors.get(name)!);
    const largest = async (loss: Tensor) => {
      const gradients = gradient(loss, asked);
      const results = await run(Object.fromEntries(gradients.map((g, i) => [`g${i}`, g])));
      return gradients.map((_, i) => Math.max(...(results[`g${i}`]!.data as Float32Array).map(Math.abs)));
    };
    const [trust, head, projection] = await largest(sum(late.choice!));
    expect(trust).toBeGreaterThan(0);
    expect([head, projection]).toEqual([0, 0]);
    const [, ownHead, otherProjection] = await largest(sum(late.parts[0]!.choice!));
    expect(ownHead).toBeGreaterThan(0);
    expect(otherProjection).toBe(0);
  });
});
