import { expect, it } from 'vitest';
import { keepApart } from './apart.ts';
import type { Candidate } from './words.ts';

const candidate = (start: number, end: number, field = 0): Candidate => ({
  field,
  start,
  end,
  words: 1,
  partial: false,
});
const rows = (...probabilities: number[][]) => probabilities.map((row) => Float64Array.from(row));
const sum = (row: Float64Array) => row.reduce((a, b) => a + b, 0);

it('a value that another attribute surely takes gives way to the next best', () => {
  const candidates = [candidate(0, 3), candidate(0, 7), candidate(8, 12)];
  const [sure, other] = keepApart(candidates, rows([0.01, 0.99, 0, 0], [0.02, 0, 0.58, 0.4]));
  expect(sure![1]).toBeGreaterThan(0.95);
  expect(other![3]).toBeGreaterThan(other![2]!);
  for (const row of [sure!, other!]) expect(sum(row)).toBeCloseTo(1, 9);
});

it('of two that want one place the surer one keeps it', () => {
  const [a, b] = keepApart([candidate(0, 3)], rows([0.2, 0.8], [0.4, 0.6]));
  expect(a![1]).toBeGreaterThan(b![1]!);
  expect(b![0]).toBeGreaterThan(0.5);
});

it('values side by side, or in different fields, leave each other alone', () => {
  const candidates = [candidate(0, 3), candidate(3, 6), candidate(0, 3, 1)];
  const given = rows([0.1, 0.9, 0, 0], [0.1, 0, 0.9, 0], [0.1, 0, 0, 0.9]);
  const kept = keepApart(candidates, given);
  for (const [i, row] of kept.entries())
    for (const [j, p] of row.entries()) expect(p).toBeCloseTo(given[i]![j]!, 9);
});

it('one attribute’s own candidates may overlap', () => {
  const [only] = keepApart([candidate(0, 3), candidate(0, 7)], rows([0.2, 0.4, 0.4]));
  expect([...only!]).toEqual([0.2, 0.4, 0.4]);
});
