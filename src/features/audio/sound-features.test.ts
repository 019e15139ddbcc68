import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Random } from '../../base/random.ts';
import { SMALL_LOG_MEL, smallLogMel } from './small-log-mel.ts';
import { createSoundExtractor } from './sound-extractor.ts';
import { SPEC_AUGMENT, specAugment } from './spec-augment.ts';

const tone = (hz: number, seconds: number, level = 0.5) =>
  Float32Array.from(
    { length: 16_000 * seconds },
    (_, i) => level * Math.sin((2 * Math.PI * hz * i) / 16_000),
  );
const EXTRACTORS = ['WhisperFeatureExtractor', 'ASTFeatureExtractor', 'Wav2Vec2FeatureExtractor'];

describe('createSoundExtractor', () => {
  test('a second of silence, or a single sample, gives numbers', () => {
    for (const feature_extractor_type of EXTRACTORS) {
      const { extract } = createSoundExtractor({ feature_extractor_type });
      for (const samples of [new Float32Array(16_000), new Float32Array(1), tone(440, 0.01)]) {
        expect(extract(samples).data.every(Number.isFinite), feature_extractor_type).toBe(true);
      }
    }
  });

  test('an extractor it does not know, and a setting it does not follow, are errors that name them', () => {
    expect(() => createSoundExtractor({ feature_extractor_type: 'ClapFeatureExtractor' })).toThrow(
      expect.objectContaining({
        code: 'features/processor-unsupported',
        message: expect.stringContaining('Clap'),
      }),
    );
    expect(() => createSoundExtractor(null)).toThrow(
      expect.objectContaining({ code: 'features/processor-unsupported' }),
    );
    expect(() => createSoundExtractor({ feature_extractor_type: EXTRACTORS[0], dither: 0.1 })).toThrow(
      expect.objectContaining({
        code: 'features/processor-invalid',
        message: expect.stringContaining('dither'),
      }),
    );
  });
});

describe('smallLogMel', () => {
  test('has one size for every clip, and shows a tone in its band', () => {
    for (const seconds of [0.1, 1, 3]) {
      const low = smallLogMel(tone(300, seconds));
      const high = smallLogMel(tone(3000, seconds));
      expect(low.length).toBe(SMALL_LOG_MEL.mels * SMALL_LOG_MEL.frames);
      const loudest = (features: Float32Array) =>
        Math.floor(features.indexOf(Math.max(...features)) / SMALL_LOG_MEL.frames);
      expect(loudest(high)).toBeGreaterThan(loudest(low) + 20);
    }
  });

  test('does not depend on how loud the clip is', () => {
    const loud = smallLogMel(tone(500, 0.5, 0.9));
    const quiet = smallLogMel(tone(500, 0.5, 0.009));
    for (const [i, x] of loud.entries()) expect(quiet[i]).toBeCloseTo(x, 2);
  });

  test('silence is 0 everywhere; the crop of a long clip starts where it is told', () => {
    expect(smallLogMel(new Float32Array(16_000))).toEqual(new Float32Array(64 * 128));
    const clip = new Float32Array(48_000);
    clip.set(tone(800, 1), 32_000);
    const options = { mels: 16, frames: 50 };
    const energy = (start: number) => smallLogMel(clip, options, start).reduce((a, b) => a + b, 0);
    expect(energy(1)).toBeGreaterThan(0);
    expect(energy(0)).toBeLessThan(0);
  });
});

describe('specAugment', () => {
  test('hides at most its masks, leaves the rest, and is a function of its seed', () => {
    fc.assert(
      fc.property(
        fc.nat(),
        fc.integer({ min: 1, max: 80 }),
        fc.integer({ min: 1, max: 200 }),
        (seed, mels, frames) => {
          const features = new Float32Array(mels * frames).fill(1);
          const out = specAugment(features, { mels, frames }, new Random(seed));
          expect(out).toEqual(specAugment(features, { mels, frames }, new Random(seed)));
          expect(features.every((x) => x === 1)).toBe(true);
          // A place is hidden because its band is hidden in all frames, or its frame in all bands.
          const bands = Array.from({ length: mels }, (_, m) => out.subarray(m * frames, (m + 1) * frames));
          const hiddenBands = bands.filter((band) => band.every((x) => x === 0)).length;
          const open = bands.filter((band) => band.some((x) => x === 1));
          for (const band of open) expect(band).toEqual(open[0]);
          const hiddenFrames = open.length === 0 ? 0 : open[0]!.filter((x) => x === 0).length;
          expect(hiddenFrames).toBeLessThanOrEqual(2 * Math.min(24, Math.floor(0.2 * frames)));
          if (hiddenFrames < frames) expect(hiddenBands).toBeLessThanOrEqual(2 * SPEC_AUGMENT.frequencyWidth);
        },
      ),
    );
  });

  test('does hide: one seed in ten at most leaves all', () => {
    const features = new Float32Array(64 * 128).fill(1);
    const untouched = Array.from({ length: 100 }, (_, seed) =>
      specAugment(features, { mels: 64, frames: 128 }, new Random(seed)),
    ).filter((out) => out.every((x) => x === 1));
    expect(untouched.length).toBeLessThan(10);
  });
});
