import { describe, expect, it } from 'vitest';
import { drawMask } from './random-mask.ts';

function mask(length: number, keep: number, seed = 1, step = 1, name = 'dropout.0'): Uint8Array {
  const out = new Uint8Array(Math.ceil(length / 4) * 4);
  drawMask(out, length, keep, seed, step, name);
  return out.subarray(0, length);
}

const share = (bytes: Uint8Array) => bytes.reduce((total, bit) => total + bit, 0) / bytes.length;

describe('drawMask', () => {
  it.each([0.9, 0.5, 0.75, 0.999, 0.1])('keeps the share %d', (keep) => {
    const n = 400_000;
    expect(Math.abs(share(mask(n, keep)) - keep)).toBeLessThan(5 * Math.sqrt((keep * (1 - keep)) / n));
  });

  it('holds zeros and ones only', () => {
    expect(new Set(mask(10_001, 0.9))).toEqual(new Set([0, 1]));
  });

  it('is a function of seed, step and name', () => {
    const first = mask(256, 0.5);
    expect(mask(256, 0.5)).toEqual(first);
    expect(mask(256, 0.5, 2)).not.toEqual(first);
    expect(mask(256, 0.5, 1, 2)).not.toEqual(first);
    expect(mask(256, 0.5, 1, 1, 'dropout.1')).not.toEqual(first);
  });

  it('draws neighbours independently', () => {
    const bits = mask(400_000, 0.9);
    for (const lag of [1, 2, 3, 4, 384]) {
      let both = 0;
      for (let i = lag; i < bits.length; i++) both += (1 - bits[i]!) * (1 - bits[i - lag]!);
      expect(Math.abs(both / (bits.length - lag) - 0.01)).toBeLessThan(0.001);
    }
  });
});
