import { describe, expect, it } from 'vitest';
import { Random } from '../../base/random.ts';
import { initialValues, normParameters, type ParameterSpec, tableParameter } from './parameters.ts';

const spec = (initial: ParameterSpec['initial']): ParameterSpec =>
  tableParameter('table', 200, 50, { depth: 0, initial });

function moments(values: Float32Array): { mean: number; std: number } {
  const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
  const variance = values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length;
  return { mean, std: Math.sqrt(variance) };
}

describe('initialValues', () => {
  it('draws a normal distribution of the given width, the padding row left at zero', () => {
    const values = initialValues(spec({ kind: 'normal', std: 0.02, zeroRow: 3 }), new Random(1));
    const { mean, std } = moments(values);
    expect(Math.abs(mean)).toBeLessThan(6e-4);
    expect(std).toBeGreaterThan(0.0193);
    expect(std).toBeLessThan(0.0206);
    expect(values.subarray(150, 200).every((x) => x === 0)).toBe(true);
    expect(values.subarray(100, 150).some((x) => x === 0)).toBe(false);
    expect(values.subarray(200, 250).some((x) => x === 0)).toBe(false);
  });

  it('cuts a truncated normal distribution off', () => {
    const values = initialValues(spec({ kind: 'truncated-normal', std: 0.02, cutoff: 2 }), new Random(1));
    const largest = values.reduce((max, x) => Math.max(max, Math.abs(x)), 0);
    expect(largest).toBeLessThanOrEqual(Math.fround(0.04));
    expect(largest).toBeGreaterThan(0.039);
    // A standard normal cut at two standard deviations has a standard deviation of 0.8796.
    expect(moments(values).std / 0.02).toBeCloseTo(0.8796, 1);
  });

  it('is a function of its random numbers', () => {
    const normal = spec({ kind: 'normal', std: 1 });
    expect(initialValues(normal, new Random(7))).toEqual(initialValues(normal, new Random(7)));
    expect(initialValues(normal, new Random(7))).not.toEqual(initialValues(normal, new Random(8)));
  });

  it('starts a norm as the identity', () => {
    const [weight, bias] = normParameters('norm', 4, 1);
    expect([...initialValues(weight!, new Random(1))]).toEqual([1, 1, 1, 1]);
    expect([...initialValues(bias!, new Random(1))]).toEqual([0, 0, 0, 0]);
  });
});
