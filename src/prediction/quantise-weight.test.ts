import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quantiseWeight } from './quantise-weight.ts';

const matrices = fc
  .record({ inputs: fc.integer({ min: 1, max: 9 }), outputs: fc.integer({ min: 1, max: 5 }) })
  .chain(({ inputs, outputs }) =>
    fc.record({
      inputs: fc.constant(inputs),
      outputs: fc.constant(outputs),
      values: fc.array(fc.float({ min: -8, max: 8, noNaN: true }), {
        minLength: inputs * outputs,
        maxLength: inputs * outputs,
      }),
    }),
  );

const codesOf = (bytes: Uint8Array) => new Int8Array(bytes.buffer, bytes.byteOffset, bytes.length);

describe('quantiseWeight', () => {
  it('never lets two neighbouring weights of one sign overflow 16 bits with the largest activations', () => {
    fc.assert(
      fc.property(matrices, ({ inputs, outputs, values }) => {
        const codes = codesOf(quantiseWeight(Float32Array.from(values), inputs, outputs, false).bytes);
        for (let j = 0; j < outputs; j++) {
          for (let k = 0; k < inputs; k += 2) {
            const a = codes[k * outputs + j]!;
            const b = k + 1 < inputs ? codes[(k + 1) * outputs + j]! : 0;
            const positive = 255 * (Math.max(a, 0) + Math.max(b, 0));
            const negative = 255 * (Math.min(a, 0) + Math.min(b, 0));
            expect(positive).toBeLessThanOrEqual(32_767);
            expect(negative).toBeGreaterThanOrEqual(-32_768);
          }
        }
      }),
    );
  });

  it('is off by at most a step and a half', () => {
    fc.assert(
      fc.property(matrices, ({ inputs, outputs, values }) => {
        const { bytes, scales } = quantiseWeight(Float32Array.from(values), inputs, outputs, false);
        const codes = codesOf(bytes);
        values.forEach((value, i) => {
          const scale = scales[i % outputs]!;
          expect(Math.abs(codes[i]! * scale - Math.fround(value))).toBeLessThanOrEqual(1.5 * scale + 1e-12);
        });
      }),
    );
  });

  it('uses the full range where no pair is in the way', () => {
    const { bytes, scales } = quantiseWeight(Float32Array.of(2, 0, -1, 0.5), 4, 1, false);
    expect([...codesOf(bytes)]).toEqual([127, 0, -64, 32]);
    expect(scales[0]).toBeCloseTo(2 / 127, 7);
  });

  it('reads a matrix with outputs first, and multiplies channels in', () => {
    const columns = quantiseWeight(Float32Array.of(1, 10, -3, 20), 2, 2, false);
    expect(quantiseWeight(Float32Array.of(1, -3, 10, 20), 2, 2, true)).toEqual(columns);
    const scaled = quantiseWeight(Float32Array.of(1, 5, -6, 20), 2, 2, false, Float32Array.of(1, 0.5));
    expect(scaled).toEqual(quantiseWeight(Float32Array.of(1, 5, -3, 10), 2, 2, false));
  });

  it('leaves a column of zeros at zero', () => {
    const { bytes, scales } = quantiseWeight(Float32Array.of(0, 1, 0, 1), 2, 2, false);
    expect([...codesOf(bytes)]).toEqual([0, 64, 0, 64]);
    expect(scales[0]).toBe(0);
  });
});
