import { describe, expect, it } from 'vitest';
import { slopeOf } from '../bench/runner/slope.ts';
import { Random } from '../src/base/random.ts';

/** Memory looked at for 24 minutes, every 15 s: noise that is held for a while, and so many MB an hour that leak. */
function soak(leak: number, noise: number, seed: number) {
  const random = new Random(seed, 0x50a4);
  const times = Array.from({ length: 96 }, (_, i) => i / 240);
  let drift = 0;
  return slopeOf(
    times,
    times.map((time) => {
      drift = 0.5 * drift + noise * random.normal();
      return 300 + leak * time + drift;
    }),
  );
}

describe('how fast memory grows', () => {
  it('is the slope of a straight line, exactly', () => {
    expect(slopeOf([0, 1, 2, 3], [5, 7, 9, 11])).toEqual({ value: 2, give: 0 });
  });

  it('tells 50 MB an hour from none where memory goes up and down by 2 MB', () => {
    const seeds = Array.from({ length: 200 }, (_, i) => i);
    const flat = seeds.map((seed) => soak(0, 2, seed));
    const leaking = seeds.map((seed) => soak(50, 2, seed));
    const within = flat.filter(({ value, give }) => Math.abs(value) <= give).length;
    expect(within / seeds.length).toBeGreaterThan(0.88);
    expect(leaking.every(({ value, give }) => value - give > 0)).toBe(true);
    expect(Math.max(...leaking.map(({ give }) => give))).toBeLessThan(25);
  });
});
