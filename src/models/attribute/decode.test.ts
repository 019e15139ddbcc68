import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Value } from '../../graph/session.ts';
import { decodeAnswers } from './decode.ts';
import type { Example } from './example.ts';
import type { AttributeModelSpec } from './spec.ts';

const SPEC: AttributeModelSpec = {
  encoder: {},
  vocabulary: undefined,
  pooling: 'mean',
  fields: [{ name: 'title', maxTokens: 8 }],
  categoryContext: false,
  maxTokens: 8,
  choices: [
    { attribute: 'color', kind: 'choice', values: ['Red', 'Blue'], notApplicable: true },
    { attribute: 'tags', kind: 'multi', values: ['a', 'b', 'c'], notApplicable: false },
  ],
  numbers: [{ attribute: 'weight', unit: 'g', logarithm: false, mean: 100, deviation: 10 }],
  spans: { pairs: [], maxWords: 2, width: 4, apart: false },
};
const TEXT = 'oak 5 kg';
const candidates = [
  { field: 0, start: 0, end: 3, words: 1, partial: false },
  { field: 0, start: 4, end: 8, words: 2, partial: false },
  { field: 0, start: 6, end: 8, words: 1, partial: false },
];
const example = {
  packed: {},
  spans: { candidates, attributes: ['material', 'weight'] },
} as unknown as Example;
const float32 = (dims: readonly number[], data: readonly number[]): Value => ({
  dtype: 'float32',
  dims,
  data: Float32Array.from(data),
});
const softmax = (row: readonly number[]) => {
  const total = row.reduce((sum, x) => sum + Math.exp(x), 0);
  return row.map((x) => Math.exp(x) / total);
};

function decode(given: { choice?: number[]; spans?: number[]; none?: number[] }, topK = 2) {
  const outputs = {
    choice: float32([1, 6], given.choice ?? [2, 1, 0, 3, -3, 0.5]),
    number: float32([1, 1], [1.5]),
    spans: float32([1, 3, 2], given.spans ?? [4, -9, -9, 5, -9, -9]),
    none: float32([1, 2], given.none ?? [0, 0]),
  };
  return decodeAnswers(SPEC, outputs, [example], [[TEXT]], { topK, spanThreshold: 0.5 })[0]!;
}

it('a choice is its likeliest value, with the next ones beside it', () => {
  const { color } = decode({});
  const p = softmax([2, 1, 0]);
  expect(color!.values).toEqual(['Red']);
  expect(color!.probability).toBeCloseTo(p[0]!, 6);
  expect(color!.alternatives.map(({ value }) => value)).toEqual(['Red', 'Blue']);
  expect(color!.alternatives[1]!.probability).toBeCloseTo(p[1]!, 6);
  expect(decode({}, 0).color!.alternatives).toEqual([]);
});

it('"not applicable" is no value, and never among the alternatives', () => {
  const { color } = decode({ choice: [0, 1, 5, 0, 0, 0] }, 5);
  expect(color!.values).toEqual([]);
  expect(color!.probability).toBeCloseTo(softmax([0, 1, 5])[2]!, 6);
  expect(color!.alternatives.map(({ value }) => value)).toEqual(['Blue', 'Red']);
});

it('of equals the first value wins', () => {
  expect(decode({ choice: [1, 1, 0, 0, 0, 0] }).color!.values).toEqual(['Red']);
});

it('a multi is every value that is likelier than not, as sure as its least sure one', () => {
  const { tags } = decode({});
  expect(tags!.values).toEqual(['a', 'c']);
  expect(tags!.probability).toBeCloseTo(1 / (1 + Math.exp(-0.5)), 6);
  expect(decode({ choice: [0, 0, 0, -1, -1, -1] }).tags!.values).toEqual([]);
});

it('a span says where it stands; none is answered where that is likelier', () => {
  const { material } = decode({});
  expect(material!.values).toEqual(['oak']);
  expect(material!.places).toEqual([{ field: 0, start: 0, end: 3 }]);
  const none = decode({ none: [9, 0] }).material!;
  expect([none.values, none.places]).toEqual([[], []]);
  expect(none.probability).toBeGreaterThan(0.9);
});

it('no answer is surer than certain, whatever rounding does to places that share the likelihood', () => {
  const places = [0, 4, 8].map((start) => ({ field: 0, start, end: start + 3, words: 1, partial: false }));
  const thrice = {
    packed: {},
    spans: { candidates: places, attributes: ['material'] },
  } as unknown as Example;
  const score = fc.double({ min: -2, max: 2, noNaN: true });
  fc.assert(
    fc.property(fc.array(score, { minLength: 3, maxLength: 3 }), (spans) => {
      const outputs = {
        choice: float32([1, 6], [2, 1, 0, 3, -3, 0.5]),
        number: float32([1, 1], [1.5]),
        spans: float32([1, 3, 1], spans),
        none: float32([1, 1], [-90]),
      };
      const options = { topK: 0, spanThreshold: 0.5 };
      const { material } = decodeAnswers(SPEC, outputs, [thrice], [['oak oak oak']], options)[0]!;
      expect(material!.values).toEqual(['oak']);
      expect(material!.probability).toBeLessThanOrEqual(1);
    }),
    { numRuns: 300 },
  );
});

it('a number that stands in the text is taken in the unit asked for, else the regression’s', () => {
  const { weight } = decode({});
  expect(weight!.values).toEqual([5000]);
  expect(TEXT.slice(weight!.places[0]!.start, weight!.places[0]!.end)).toBe('5 kg');
  const guessed = decode({ none: [0, 9] }).weight!;
  expect(guessed.values).toEqual([115]);
  expect(guessed.places).toEqual([]);
});

it('a value is answered by its own likelihood, not by that of any value at all', () => {
  // Three values share what "no value" does not have.
  const torn = decode({ spans: [2, -9, 2, -9, 2, -9], none: [0, 9] }).material!;
  expect(torn.values).toEqual([]);
  expect(torn.alternatives).toHaveLength(2);
  expect(torn.probability).toBeLessThan(0.1);
});
