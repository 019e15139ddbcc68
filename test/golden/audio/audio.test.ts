/** Sounds against libsndfile, soxr and transformers' feature extractors; the fixtures are made by generate.py. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { decodeSound } from '../../../src/features/audio/decode-sound.ts';
import { resample } from '../../../src/features/audio/resample.ts';
import { createSoundExtractor } from '../../../src/features/audio/sound-extractor.ts';
import { readFixture, readJson } from '../fixture.ts';

const FOLDER = new URL('fixtures/', import.meta.url);
const expected = readFixture(new URL('expected.safetensors', FOLDER));
const cases = readJson<Record<string, { feature_extractor_type: string }>>(
  new URL('extractors.json', FOLDER),
);
const clip = expected.clip!.data as Float32Array;

const CHANNELS: Readonly<Record<string, number>> = {
  'extensible-24.wav': 3,
  'extensible-float.wav': 1,
  'mono-16.flac': 1,
  'mono.mp3': 1,
  'opus.ogg': 1,
};

function largestDifference(actual: Float32Array, wanted: ArrayLike<number>): number {
  expect(actual.length).toBe(wanted.length);
  return actual.reduce((most, x, i) => Math.max(most, Math.abs(x - wanted[i]!)), 0);
}

describe('decoding, as libsndfile does', () => {
  const files = readdirSync(FOLDER).filter((name) => /\.(wav|flac|mp3|ogg)$/.test(name));
  test.each(files.filter((name) => name !== 'ulaw.wav'))('%s', async (name) => {
    const sound = await decodeSound(new Uint8Array(readFileSync(new URL(name, FOLDER))));
    if (!sound.ok) throw new Error(sound.reason);
    // Lossy decoders round differently; the others are exact up to float32.
    const tolerance = /mp3|ogg/.test(name) ? 1e-5 : 1e-7;
    expect(largestDifference(sound.samples, expected[`decode.${name}`]!.data)).toBeLessThan(tolerance);
    expect(sound.channels).toBe(CHANNELS[name] ?? 2);
  });

  test('telephone sound in a WAV (mu-law) is refused by name', async () => {
    const sound = await decodeSound(new Uint8Array(readFileSync(new URL('ulaw.wav', FOLDER))));
    expect(sound).toMatchObject({ ok: false, code: 'encoding-unsupported' });
  });
});

describe('resampling, as soxr at very high quality', () => {
  const input = expected['resample.input']!.data as Float32Array;
  test.each([
    [44_100, 16_000],
    [48_000, 16_000],
    [22_050, 16_000],
    [16_000, 44_100],
  ])('%i to %i Hz', (from, to) => {
    const wanted = expected[`resample.${from}-${to}`]!.data;
    const actual = resample(input, from, to);
    expect(Math.abs(actual.length - wanted.length)).toBeLessThanOrEqual(1);
    const both = Math.min(actual.length, wanted.length);
    expect(largestDifference(actual.subarray(0, both), wanted.subarray(0, both))).toBeLessThan(1e-4);
  });
});

describe('features, as transformers makes them', () => {
  test.each(Object.keys(cases))('%s', (name) => {
    const { data, dims } = createSoundExtractor(cases[name]).extract(clip);
    if (name === 'wav2vec2-raw') return expect(data).toEqual(clip);
    const wanted = expected[name]!;
    if (name !== 'whisper-default') {
      expect(dims).toEqual(wanted.dims);
      return expect(largestDifference(data, wanted.data)).toBeLessThan(1e-4);
    }
    expect(dims).toEqual([80, 3000]);
    const rows = wanted.dims[1]!;
    for (let m = 0; m < 80; m++) {
      const row = data.subarray(m * 3000, (m + 1) * 3000);
      const wantedRow = wanted.data.subarray(m * rows, (m + 1) * rows);
      expect(largestDifference(row.subarray(0, rows), wantedRow)).toBeLessThan(1e-4);
      expect(new Set(row.subarray(rows)).size).toBe(1);
    }
  });
});
