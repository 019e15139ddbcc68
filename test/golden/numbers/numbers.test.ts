/** Number encodings against scikit-learn and the authors' piecewise-linear encoding; the fixtures are made by generate.py. */
import { describe, expect, test } from 'vitest';
import { encodeNumber, fitNumber, quantileOf } from '../../../src/features/numbers/number-encoding.ts';
import { readJson } from '../fixture.ts';

type Case = {
  readonly name: string;
  readonly bins: number;
  readonly train: readonly number[];
  readonly values: readonly number[];
  readonly edges: readonly number[];
  readonly encoded: readonly (readonly number[])[];
  readonly quantiles: readonly number[];
};
const cases = readJson<Case[]>(new URL('fixtures/numbers.json', import.meta.url));

describe.each(cases)('$name', ({ bins, train, values, edges, encoded, quantiles }) => {
  const fit = fitNumber({ bins });
  for (const x of train) fit.add(x);
  const encoding = fit.finish();

  test('the bins are those of compute_bins', () => {
    expect(encoding.edges.length).toBe(edges.length);
    for (const [i, edge] of encoding.edges.entries()) expect(edge).toBeCloseTo(edges[i]!, 4);
  });

  test('the encoding is that of PiecewiseLinearEncoding', () => {
    values.forEach((value, i) => {
      const actual = encodeNumber(value, encoding).subarray(2);
      expect(actual.length).toBe(encoded[i]!.length);
      for (const [bin, x] of actual.entries()) expect(x).toBeCloseTo(encoded[i]![bin]!, 4);
    });
  });

  test('the quantiles are those of QuantileTransformer', () => {
    for (const [i, value] of values.entries())
      expect(quantileOf(value, encoding.quantiles)).toBeCloseTo(quantiles[i]!, 7);
  });
});
