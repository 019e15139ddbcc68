import { describe, expect, it } from 'vitest';
import { constant } from '../../graph/builder.ts';
import { evaluate } from '../../graph/reference.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { ACTIVATIONS } from './activation.ts';
import { attend, splitHeads } from './attention.ts';
import { noDropout } from './dropout.ts';
import { positionRows } from './embeddings.ts';
import { causalBias, paddingBias, windowBias } from './mask.ts';
import { relativeBucket } from './relative-position.ts';
import { rotate, rotation } from './rope.ts';

const floats = (shape: readonly number[], values: readonly number[]) =>
  constant('float32', shape, Float32Array.from(values));
const ints = (shape: readonly number[], values: readonly number[]) =>
  constant('int32', shape, Int32Array.from(values));
const numbers = (tensor: Tensor) => [...evaluate([tensor], {})[0]!.data];

describe('masks', () => {
  const visible = (tensor: Tensor) => numbers(tensor).map((bias) => (bias === 0 ? 1 : 0));

  it('hides padding from every query', () => {
    const bias = paddingBias(ints([2, 3], [1, 1, 0, 1, 0, 0]));
    expect(bias.shape).toEqual([2, 1, 1, 3]);
    expect(visible(bias)).toEqual([1, 1, 0, 1, 0, 0]);
  });

  it('hides later tokens from a causal query', () => {
    expect(visible(causalBias(ints([1, 3], [0, 0, 0])))).toEqual([1, 0, 0, 1, 1, 0, 1, 1, 1]);
  });

  it('hides what is beyond the reach of a window, on both sides', () => {
    const bias = windowBias(ints([1, 4], [0, 0, 0, 0]), 1);
    expect(visible(bias)).toEqual([1, 1, 0, 0, 1, 1, 1, 0, 0, 1, 1, 1, 0, 0, 1, 1]);
  });
});

describe('attention', () => {
  it('averages the values that a query sees when all scores are equal', () => {
    const zeros = floats([1, 1, 2, 2], [0, 0, 0, 0]);
    const values = floats([1, 1, 2, 2], [1, 2, 3, 6]);
    const options = { scale: 1, dropout: noDropout, probability: 0 };
    expect(numbers(attend(zeros, zeros, values, { ...options, bias: undefined }))).toEqual([2, 4, 2, 4]);
    const bias = paddingBias(ints([1, 2], [1, 0]));
    expect(numbers(attend(zeros, zeros, values, { ...options, bias }))).toEqual([1, 2, 1, 2]);
  });

  it('gives each head its part of the width', () => {
    expect(numbers(splitHeads(floats([1, 2, 4], [1, 2, 3, 4, 5, 6, 7, 8]), 2))).toEqual([
      1, 2, 5, 6, 3, 4, 7, 8,
    ]);
  });
});

describe('positions', () => {
  it('takes a row for each token, from the first usable one', () => {
    const table = floats([4, 1], [10, 11, 12, 13]);
    const ids = ints([1, 2], [9, 9]);
    expect(numbers(positionRows(table, ids))).toEqual([10, 11]);
    expect(numbers(positionRows(table, ids, 2))).toEqual([12, 13]);
  });

  it('turns by an angle that depends on the distance alone', () => {
    const ids = ints([1, 6], [0, 0, 0, 0, 0, 0]);
    const same = Array.from({ length: 6 }, () => [0.3, -1.2, 0.7, 0.5]).flat();
    const turned = numbers(rotate(floats([1, 1, 6, 4], same), rotation(ids, 4, 100)));
    const row = (i: number) => turned.slice(4 * i, 4 * i + 4);
    const dot = (a: number, b: number) => row(a).reduce((sum, x, i) => sum + x * row(b)[i]!, 0);
    expect(row(0)).toEqual([0.3, -1.2, 0.7, 0.5].map(Math.fround));
    expect(dot(0, 2)).toBeCloseTo(dot(3, 5), 5);
    expect(dot(0, 2)).not.toBeCloseTo(dot(0, 3), 2);
  });

  it('gives near distances a bucket each and far ones one for each direction', () => {
    expect([-7, -1, 0, 1, 7].map((distance) => relativeBucket(distance, 32))).toEqual([7, 1, 0, 17, 23]);
    expect([-1000, 1000].map((distance) => relativeBucket(distance, 32))).toEqual([15, 31]);
  });
});

describe('activations', () => {
  it('have the values of PyTorch at 0.5 and -1', () => {
    const expected = {
      gelu: [0.345731, -0.158655],
      gelu_new: [0.345714, -0.158808],
      gelu_pytorch_tanh: [0.345714, -0.158808],
      gelu_python: [0.345731, -0.158655],
      quick_gelu: [0.350388, -0.154204],
      relu: [0.5, 0],
      sigmoid: [0.622459, 0.268941],
      silu: [0.31123, -0.268941],
      swish: [0.31123, -0.268941],
      tanh: [0.462117, -0.761594],
    };
    const x = floats([2], [0.5, -1]);
    const actual = Object.entries(ACTIVATIONS).map(([name, apply]) => [name, numbers(apply(x))] as const);
    expect(actual.map(([name]) => name).sort()).toEqual(Object.keys(expected).sort());
    for (const [name, values] of actual) {
      values.forEach((value, i) => {
        expect(value, name).toBeCloseTo(expected[name as keyof typeof expected][i]!, 5);
      });
    }
  });
});
