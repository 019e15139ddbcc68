import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { realTransform } from './fourier.ts';

/** |X_k|^2 by the definition. */
function powerByDefinition(frame: Float64Array): Float64Array {
  const n = frame.length;
  return Float64Array.from({ length: n / 2 + 1 }, (_, k) => {
    let re = 0;
    let im = 0;
    for (let i = 0; i < n; i++) {
      const angle = (-2 * Math.PI * ((k * i) % n)) / n;
      re += frame[i]! * Math.cos(angle);
      im += frame[i]! * Math.sin(angle);
    }
    return re * re + im * im;
  });
}

describe('realTransform', () => {
  test('gives the power spectrum of any even length: Whisper 400, Kaldi 512, and odd factors', () => {
    const length = fc.constantFrom(
      2,
      4,
      6,
      10,
      12,
      14,
      18,
      22,
      30,
      32,
      60,
      126,
      220,
      320,
      400,
      480,
      512,
      1024,
    );
    const signal = length.chain((n) =>
      fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: n, maxLength: n }),
    );
    fc.assert(
      fc.property(signal, (values) => {
        const frame = Float64Array.from(values);
        const expected = powerByDefinition(frame);
        const actual = new Float64Array(expected.length);
        realTransform(frame.length).power(frame, actual);
        const size = Math.max(1e-300, ...expected);
        for (let k = 0; k < expected.length; k++) {
          expect(Math.abs(actual[k]! - expected[k]!) / size).toBeLessThan(1e-11);
        }
      }),
      { numRuns: 60 },
    );
  });
});
