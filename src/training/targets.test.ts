import { describe, expect, it } from 'vitest';
import { input } from '../graph/builder.ts';
import { Session, type Value, type Values } from '../graph/session.ts';
import type { AttributeOutputs } from '../models/attribute/attribute-model.ts';
import type { SpanExample } from '../models/attribute/example.ts';
import type { AttributeModelSpec } from '../models/attribute/spec.ts';
import { attributeLoss } from './objective.ts';
import { type LabelledExample, makeTargets } from './targets.ts';

const BASE: AttributeModelSpec = {
  encoder: {},
  vocabulary: undefined,
  pooling: 'mean',
  fields: [{ name: 'title', maxTokens: 16 }],
  categoryContext: false,
  maxTokens: 16,
  choices: [],
  numbers: [],
  spans: undefined,
};
const values = (...list: string[]) => ({ state: 'values' as const, values: list });
const example = (labels: LabelledExample['labels'], spans?: SpanExample, text = ''): LabelledExample => ({
  texts: [text],
  length: 4,
  spans,
  labels,
});
const float32 = (dims: readonly number[], data: readonly number[]): Value => ({
  dtype: 'float32',
  dims,
  data: Float32Array.from(data),
});

/** The loss over outputs that are given, as total and weight. */
async function lossOf(
  spec: AttributeModelSpec,
  outputs: AttributeOutputs,
  given: Values,
  batch: readonly LabelledExample[],
  smoothing = 0,
) {
  const { total, weight } = attributeLoss(spec, outputs, { smoothing });
  const session = await Session.create({ total, weight }, { threads: 1 });
  const targets = makeTargets(spec, batch, { unlistedWeight: 0 });
  const all = { ...given, ...targets.values };
  const used = Object.fromEntries(session.inputs.map(({ name }) => [name, all[name]!]));
  const results = await session.run(used);
  await session.close();
  expect(results.weight!.data[0]).toBeCloseTo(targets.weight, 5);
  return { total: results.total!.data[0]!, weight: targets.weight };
}

describe('a choice', () => {
  const spec: AttributeModelSpec = {
    ...BASE,
    choices: [{ attribute: 'color', kind: 'choice', values: ['Red', 'Blue'], notApplicable: true }],
  };
  const outputs = { choice: input('choice', 'float32', ['batch', 3]) };
  const logits = [1, 2, 0.5, -1, 0, 3];
  const nll = (row: readonly number[], at: number) =>
    Math.log(row.reduce((sum, x) => sum + Math.exp(x), 0)) - row[at]!;

  it('loses the negative log of the probability of the label, "not applicable" being one of the classes', async () => {
    const batch = [example({ color: values('Blue') }), example({ color: { state: 'none' } })];
    const { total, weight } = await lossOf(spec, outputs, { choice: float32([2, 3], logits) }, batch);
    expect(total).toBeCloseTo(nll(logits.slice(0, 3), 1) + nll(logits.slice(3), 2), 5);
    expect(weight).toBe(2);
  });

  it('a product without a label weighs nothing', async () => {
    const batch = [example({ color: values('Blue') }), example({})];
    const { total, weight } = await lossOf(spec, outputs, { choice: float32([2, 3], logits) }, batch);
    expect(total).toBeCloseTo(nll(logits.slice(0, 3), 1), 5);
    expect(weight).toBe(1);
  });
});

it('a multi is right in every value, and weighs as one label', async () => {
  const spec: AttributeModelSpec = {
    ...BASE,
    choices: [{ attribute: 'tags', kind: 'multi', values: ['a', 'b', 'c'], notApplicable: false }],
  };
  const batch = [example({ tags: values('a', 'c') }), example({ tags: { state: 'none' } }), example({})];
  const logits = [1, -1, 0, 2, 0, -2, 9, 9, 9];
  const outputs = { choice: input('choice', 'float32', ['batch', 3]) };
  const { total, weight } = await lossOf(spec, outputs, { choice: float32([3, 3], logits) }, batch);
  expect(weight).toBe(2);
  const bce = (x: number, y: number) => Math.log1p(Math.exp(x)) - x * y;
  const rows = [bce(1, 1), bce(-1, 0), bce(0, 1), bce(2, 0), bce(0, 0), bce(-2, 0)];
  const sum = rows.reduce((a, b) => a + b, 0);
  // Summed or averaged over the values of a label, but the same for both.
  expect([sum, sum / 3].some((expected) => Math.abs(expected - total) < 1e-4)).toBe(true);
});

it('a number is standardised, and one without a label weighs nothing', async () => {
  const number = { attribute: 'weight', unit: 'g', logarithm: false, mean: 100, deviation: 50 };
  const batch = [example({ weight: { state: 'number', value: 150 } }), example({})];
  const { values: made, weight } = makeTargets({ ...BASE, numbers: [number] }, batch, { unlistedWeight: 0 });
  expect([...made['target.number']!.data]).toEqual([1, 0]);
  expect([...made['target.numberMask']!.data]).toEqual([1, 0]);
  expect(weight).toBe(1);
});

describe('spans', () => {
  const text = 'red mug';
  const spans: SpanExample = {
    candidates: [
      { field: 0, start: 0, end: 3, words: 1, partial: false },
      { field: 0, start: 0, end: 7, words: 2, partial: false },
      { field: 0, start: 4, end: 7, words: 1, partial: false },
    ],
    starts: Int32Array.of(1, 1, 2),
    ends: Int32Array.of(1, 2, 2),
    attributes: ['color', 'kind'],
    asked: 0,
    pairs: Int32Array.of(0, 1),
    shapes: new Float32Array(0),
    features: new Float32Array(0),
  };
  const spec: AttributeModelSpec = {
    ...BASE,
    spans: {
      pairs: [
        { category: '', attribute: 'color' },
        { category: '', attribute: 'kind' },
      ],
      maxWords: 2,
      width: 4,
      apart: false,
    },
  };
  const make = (labels: LabelledExample['labels'], unlistedWeight = 0) =>
    makeTargets(spec, [example(labels, spans, text)], { unlistedWeight });

  it('are right where their text is the label, and their tokens are the attribute’s', () => {
    const { values: made, weight } = make({ color: values('red') });
    expect([...made['target.spans']!.data]).toEqual([1, 0, 0, 0, 0, 0]);
    expect([...made['target.none']!.data]).toEqual([0, 1]);
    expect([...made['target.spanWeight']!.data]).toEqual([1, 0]);
    expect([...made['target.tokens']!.data]).toEqual([0, 0, 1, 0, 0, 0, 0, 0]);
    expect([...made['target.outside']!.data]).toEqual([1, 0, 1, 1]);
    expect(weight).toBe(1);
  });

  it('of a label that stands nowhere in the text weigh nothing; of "not applicable" the answer is none', () => {
    expect([...make({ color: values('blue') }).values['target.spanWeight']!.data]).toEqual([0, 0]);
    const none = make({ kind: { state: 'none' } }).values;
    expect([...none['target.spanWeight']!.data]).toEqual([0, 1]);
    expect([...none['target.none']!.data]).toEqual([1, 1]);
  });

  it('of an attribute that a labelled product does not list weigh as the config says', () => {
    const { values: made, weight } = make({ color: values('red') }, 0.25);
    expect([...made['target.spanWeight']!.data]).toEqual([1, 0.25]);
    expect(weight).toBe(1.25);
    expect(makeTargets(spec, [example({}, spans, text)], { unlistedWeight: 0.25 }).weight).toBe(0);
  });
});
