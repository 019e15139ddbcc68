/**
 * Short sounds, 8 kHz, 16 bit, mono WAV: a tap on each mug and lamp, and what clocks and musical toys sound like, once for each
 * parent whose `sound` is not Silent.
 */

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { catalog } from '../catalog.mjs';
import { goodsIn } from '../goods-in.mjs';
import { Random } from '../random.mjs';

const RATE = 8000;

/** Adds a decaying tone. @param {Float64Array} samples @param {number} at seconds @param {number} hertz @param {number} length seconds @param {number} level @param {number} [glide] hertz a second */
function tone(samples, at, hertz, length, level, glide = 0) {
  const start = Math.floor(at * RATE);
  const count = Math.min(samples.length - start, Math.floor(length * RATE));
  for (let i = 0; i < count; i++) {
    const t = i / RATE;
    const envelope = Math.min(1, t / 0.004) * Math.exp((-4 * t) / length);
    samples[start + i] =
      (samples[start + i] ?? 0) + level * envelope * Math.sin(2 * Math.PI * (hertz + (glide * t) / 2) * t);
  }
}

const SCALE = [0, 2, 4, 5, 7, 9, 11, 12];

/** @type {Readonly<Record<string, (samples: Float64Array, random: Random) => void>>} */
const VOICES = {
  Bell: (samples, random) => {
    const base = 900 + 500 * random.uniform();
    for (let at = 0.05; at < 1.5; at += 0.055 + 0.01 * random.uniform())
      for (const [k, partial] of [1, 2.76, 3.1].entries())
        tone(samples, at, base * partial * 0.6, 0.25, 0.3 / (k + 1));
  },
  Beep: (samples, random) => {
    const hertz = 1400 + 1200 * random.uniform();
    const count = random.int(2, 4);
    for (let at = 0.1; at < 1.3; at += 0.55)
      for (let k = 0; k < count; k++)
        for (let j = 0; j < 6; j++) tone(samples, at + k * 0.11 + j * 0.01, hertz, 0.05, 0.2);
  },
  Birdsong: (samples, random) => {
    for (let at = 0.1; at < 1.5; at += 0.09 + 0.2 * random.uniform())
      tone(
        samples,
        at,
        2000 + 1200 * random.uniform(),
        0.09 + 0.06 * random.uniform(),
        0.5,
        random.int(-9000, 9000),
      );
  },
  Melody: (samples, random) => {
    const base = 400 + 250 * random.uniform();
    const beat = 0.2 + 0.08 * random.uniform();
    for (let at = 0.05; at < 1.6; at += beat)
      tone(samples, at, base * 2 ** (random.pick(SCALE) / 12), 0.5, 0.45);
  },
  Chime: (samples, random) => {
    const base = 180 + 120 * random.uniform();
    for (const at of [0.1, 0.9])
      for (const [k, partial] of [1, 2, 2.4, 3, 4.5].entries())
        tone(samples, at, base * partial, 1.4 / (k + 1), 0.4 / (k + 1));
  },
};

/** What a tap on it sounds like. @type {Readonly<Record<string, (samples: Float64Array, random: Random) => void>>} */
const TAPS = {
  /** Sound ceramic, glass or metal rings on. */
  Clear: (samples, random) => ring(samples, random, 0.03, 0.5),
  /** A crack takes the ring away. */
  Dull: (samples, random) => {
    const base = 220 + 160 * random.uniform();
    for (const [k, partial] of [1, 1.7, 2.3].entries())
      tone(samples, 0.03, base * partial, 0.09, 0.6 / (k + 1));
  },
  /** A loose part knocks on. */
  Rattle: (samples, random) => {
    ring(samples, random, 0.03, 0.12);
    for (let at = 0.1; at < 0.44; at += 0.03 + 0.025 * random.uniform())
      tone(samples, at, 700 + 900 * random.uniform(), 0.02, 0.35);
  },
};

/** @param {Float64Array} samples @param {Random} random @param {number} at seconds @param {number} length seconds */
function ring(samples, random, at, length) {
  const base = 1100 + 700 * random.uniform();
  for (const [k, partial] of [1, 1.51, 2.07].entries())
    tone(samples, at, base * partial, length / (1 + 0.3 * k), 0.5 / (k + 1));
}

const TAP_SECONDS = 0.5;
const SOUND_SECONDS = 1.8;

/** @param {number} seed @param {import('../product.mjs').Parent} parent @returns {Buffer | undefined} a WAV file */
export function soundWav(seed, parent) {
  const voice = VOICES[parent.choices.sound ?? ''];
  return voice && wav(new Random(seed, 'sound', parent.number), SOUND_SECONDS, voice);
}

/** @param {number} seed @param {import('../product.mjs').Parent} parent @param {import('../product.mjs').Variant} variant @returns {Buffer | undefined} a WAV file */
export function tapWav(seed, parent, variant) {
  const { ring, recorded } = goodsIn(seed, parent, variant.number);
  const tap = recorded ? TAPS[ring ?? ''] : undefined;
  return tap && wav(new Random(seed, 'tap', parent.number, variant.number), TAP_SECONDS, tap);
}

/** @param {Random} random @param {number} seconds @param {(samples: Float64Array, random: Random) => void} voice */
function wav(random, seconds, voice) {
  const samples = new Float64Array(Math.floor(RATE * seconds));
  voice(samples, random);
  const hiss = 0.004 + 0.012 * random.uniform();
  const peak = samples.reduce((max, s) => Math.max(max, Math.abs(s)), 0.01);
  const gain = (0.5 + 0.4 * random.uniform()) / peak;
  const file = Buffer.alloc(44 + samples.length * 2);
  file.write('RIFF', 0);
  file.writeUInt32LE(36 + samples.length * 2, 4);
  file.write('WAVEfmt ', 8);
  file.writeUInt32LE(16, 16);
  file.writeUInt16LE(1, 20);
  file.writeUInt16LE(1, 22);
  file.writeUInt32LE(RATE, 24);
  file.writeUInt32LE(RATE * 2, 28);
  file.writeUInt16LE(2, 32);
  file.writeUInt16LE(16, 34);
  file.write('data', 36);
  file.writeUInt32LE(samples.length * 2, 40);
  for (const [i, s] of samples.entries()) {
    file.writeInt16LE(
      Math.round(32767 * Math.max(-1, Math.min(1, s * gain + hiss * random.normal()))),
      44 + i * 2,
    );
  }
  return file;
}

/** @param {number} seed @param {number} products @param {string} folder */
export async function writeSounds(seed, products, folder) {
  await mkdir(folder, { recursive: true });
  let count = 0;
  for (const { parent, variant, original } of catalog(seed, products)) {
    if (!original) continue;
    const tap = tapWav(seed, parent, variant);
    const own = variant.number === 0 ? soundWav(seed, parent) : undefined;
    const bytes = tap ?? own;
    if (bytes === undefined) continue;
    await writeFile(join(folder, `${tap ? variant.sku : parent.sku}.wav`), bytes);
    count++;
  }
  return `${count} sounds in ${folder}`;
}
