import { describe, expect, it } from 'vitest';
import { Random } from '../../base/random.ts';
import { linearProbe, nearestIsAlike } from './linear-probe.ts';

const WIDTH = 8;

/** Points around a centre of their class, along two of the axes; the other axes are loud and say nothing. */
function drawn(count: number, seed: number, apart: number) {
  const random = new Random(seed);
  const labels = Array.from({ length: count }, () => random.pick(['shoe', 'bag', 'hat']));
  const centre = { shoe: [1, 0], bag: [-1, 1], hat: [-1, -1] } as Record<string, number[]>;
  const vectors = Float32Array.from({ length: count * WIDTH }, (_, i) => {
    const axis = i % WIDTH;
    const own = centre[labels[Math.floor(i / WIDTH)]!]![axis];
    return own === undefined ? 5 * random.normal() : apart * own + 0.3 * random.normal();
  });
  return { vectors, labels };
}

describe('linearProbe', () => {
  it('finds classes that stand apart along a line, whatever else is loud', () => {
    expect(linearProbe(drawn(400, 1, 1), drawn(200, 2, 1))).toBeGreaterThan(0.97);
  });

  it('is no better than chance where vectors say nothing', () => {
    expect(linearProbe(drawn(400, 1, 0), drawn(400, 2, 0))).toBeLessThan(0.45);
  });

  it('agrees with the normal equations solved by hand', () => {
    // Two rows of one column: standardised -1 and 1, so the weight of b is 1 / (2 + ridge) * 1 and of a its opposite.
    const train = { vectors: Float32Array.of(2, 4), labels: ['a', 'b'] };
    const test = { vectors: Float32Array.of(2.9, 3.1, 9), labels: ['a', 'b', 'a'] };
    expect(linearProbe(train, test)).toBeCloseTo(2 / 3, 12);
  });

  it('is not known without rows', () => {
    const none = { vectors: new Float32Array(0), labels: [] };
    expect(linearProbe(none, drawn(3, 1, 1))).toBeUndefined();
    expect(linearProbe(drawn(3, 1, 1), none)).toBeUndefined();
  });
});

describe('nearestIsAlike', () => {
  it('looks for the nearest by angle, not by length', () => {
    const train = { vectors: Float32Array.of(100, 1, 0, 0.1), labels: ['x', 'y'] };
    const test = { vectors: Float32Array.of(1, 0.1, 1, 5), labels: ['x', 'y'] };
    expect(nearestIsAlike(train, test)).toBe(1);
    expect(nearestIsAlike(train, { ...test, labels: ['y', 'y'] })).toBe(0.5);
  });
});
