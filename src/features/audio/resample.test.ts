import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { resample } from './resample.ts';

function sine(hz: number, rateHz: number, seconds: number): Float32Array {
  return Float32Array.from({ length: Math.round(rateHz * seconds) }, (_, i) =>
    Math.sin((2 * Math.PI * hz * i) / rateHz),
  );
}

/** Root mean square of the middle half, where the ends of the clip play no part. */
function level(samples: Float32Array): number {
  const from = samples.length >> 2;
  const middle = samples.subarray(from, samples.length - from);
  return Math.sqrt(middle.reduce((sum, x) => sum + x * x, 0) / middle.length);
}

const decibels = (ratio: number) => 20 * Math.log10(ratio);
const TO_HZ = 16_000;
const RATES_HZ = [8000, 11_025, 22_050, 24_000, 32_000, 44_100, 48_000, 96_000];

describe('resample', () => {
  test('keeps the tones below 0.9 of the lower Nyquist frequency, in level and in place', () => {
    for (const rate of RATES_HZ) {
      const nyquist = Math.min(rate, TO_HZ) / 2;
      for (const share of [0.01, 0.1, 0.3, 0.5, 0.7, 0.9]) {
        const hz = share * nyquist;
        const actual = resample(sine(hz, rate, 0.25), rate, TO_HZ);
        const expected = sine(hz, TO_HZ, 0.25);
        expect(actual.length).toBe(expected.length);
        const difference = actual.map((x, i) => x - expected[i]!);
        expect(decibels(level(difference) / Math.SQRT1_2), `${rate} Hz, tone of ${hz} Hz`).toBeLessThan(-85);
      }
    }
  });

  test('takes out what would alias: 95 dB down from the new Nyquist frequency on', () => {
    for (const rate of RATES_HZ.filter((hz) => hz > TO_HZ)) {
      for (let hz = TO_HZ / 2; hz < rate / 2; hz += (rate - TO_HZ) / 24) {
        const aliased = level(resample(sine(hz, rate, 0.25), rate, TO_HZ));
        expect(decibels(aliased / Math.SQRT1_2), `${rate} Hz, tone of ${hz} Hz`).toBeLessThan(-95);
      }
    }
  });

  test('gives no images when it goes up: what is above the old Nyquist frequency is 85 dB down', () => {
    // A tone of 3 kHz at 8 kHz would have an image at 5 kHz.
    const out = resample(sine(3000, 8000, 0.5), 8000, TO_HZ);
    const from = out.length >> 2;
    let [re, im, norm] = [0, 0, 0];
    for (let i = from; i < out.length - from; i++) {
      const place = (i - from) / (out.length - 2 * from);
      const window = Math.sin(Math.PI * place) ** 4;
      re += window * out[i]! * Math.cos((2 * Math.PI * 5000 * i) / TO_HZ);
      im += window * out[i]! * Math.sin((2 * Math.PI * 5000 * i) / TO_HZ);
      norm += window / 2;
    }
    expect(decibels(Math.hypot(re, im) / norm)).toBeLessThan(-85);
  });

  test('keeps silence silent and a constant constant, at any rate, and never gives no sample', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1000, max: 200_000 }),
        fc.integer({ min: 1, max: 3000 }),
        fc.constantFrom(0, 0.5),
        (rate, length, value) => {
          const out = resample(new Float32Array(length).fill(value), rate, TO_HZ);
          expect(out.length).toBe(Math.max(1, Math.round((length * TO_HZ) / rate)));
          for (const x of out) expect(Math.abs(x)).toBeLessThanOrEqual(value * 1.2);
          // 1 ms and the filter's half length (70 samples of the lower rate) from the ends.
          const margin = Math.ceil((80 * TO_HZ) / Math.min(rate, TO_HZ));
          for (let i = margin; i < out.length - margin; i++) expect(out[i]).toBeCloseTo(value, 4);
        },
      ),
      { numRuns: 40 },
    );
  });

  test('is linear, and the same clip at the same rate is itself', () => {
    const a = sine(440, 44_100, 0.05);
    const b = sine(5000, 44_100, 0.05);
    const sum = resample(
      a.map((x, i) => x + 2 * b[i]!),
      44_100,
      TO_HZ,
    );
    const parts = [resample(a, 44_100, TO_HZ), resample(b, 44_100, TO_HZ)];
    for (let i = 0; i < sum.length; i++) expect(sum[i]).toBeCloseTo(parts[0]![i]! + 2 * parts[1]![i]!, 5);
    expect(resample(a, 44_100, 44_100)).toBe(a);
  });
});
