/**
 * Another sampling rate, by a polyphase filter: a sinc cut off below the lower of both Nyquist frequencies, under a
 * Kaiser window.
 *
 * What would alias is 100 dB down; what is kept reaches to 0.9 of the new Nyquist frequency within 0.001 dB.
 *
 * @see Smith, "Digital Audio Resampling", https://ccrma.stanford.edu/~jos/resample/
 * @see Kaiser 1974, "Nonrecursive digital filter design using the I0-sinh window function", for the length and beta
 */

/** Where the passband ends and the stopband begins, as shares of the lower Nyquist frequency. */
const PASSBAND = 0.9;
const STOPBAND = 1.0;
const ATTENUATION_DB = 110;
/** Outputs that are summed at once: a weight is read once for all of them, and no addition waits for the one before it. */
const TOGETHER = 8;
/** Rates without a common divisor get the nearest ratio with at most this many phases: wrong by under 1e-6. */
const MAX_PHASES = 1000;

type Polyphase = {
  readonly up: number;
  readonly down: number;
  /** Taps of one phase; even. */
  readonly taps: number;
  /** [up, taps] float64: phase p weighs the inputs around an output that lies p/up behind an input. */
  readonly weights: Float64Array;
};

/** Making a filter costs more than using it on a short clip, and a catalog has few rates. */
const filters = new Map<string, Polyphase>();
const KEPT_FILTERS = 16;

/**
 * @param samples - [n] float32
 * @returns [round(n * toHz / fromHz), at least 1] float32, aligned with the input: sample 0 is at the same instant. Where
 * the rates are equal it is the input itself.
 */
export function resample(samples: Float32Array, fromHz: number, toHz: number): Float32Array {
  if (fromHz === toHz || samples.length === 0) return samples;
  const { up, down, taps, weights } = filterFor(fromHz, toHz);
  const length = Math.max(1, Math.round((samples.length * toHz) / fromHz));
  // With silence on both sides, every output has all its inputs.
  const half = taps / 2;
  const padded = new Float64Array(samples.length + 2 * taps);
  padded.set(samples, half);
  const out = new Float32Array(length);
  // The output i lies at input time i * down / up. Outputs that are `up` apart have one phase, and so one row of weights.
  const block = TOGETHER * up;
  let done = 0;
  for (; done + block <= length; done += block) {
    for (let i = done; i < done + up; i++) {
      const row = ((i * down) % up) * taps;
      const first = Math.floor((i * down) / up) + 1;
      let s0 = 0;
      let s1 = 0;
      let s2 = 0;
      let s3 = 0;
      let s4 = 0;
      let s5 = 0;
      let s6 = 0;
      let s7 = 0;
      for (let k = 0; k < taps; k++) {
        const weight = weights[row + k]!;
        const at = first + k;
        s0 += weight * padded[at]!;
        s1 += weight * padded[at + down]!;
        s2 += weight * padded[at + 2 * down]!;
        s3 += weight * padded[at + 3 * down]!;
        s4 += weight * padded[at + 4 * down]!;
        s5 += weight * padded[at + 5 * down]!;
        s6 += weight * padded[at + 6 * down]!;
        s7 += weight * padded[at + 7 * down]!;
      }
      out[i] = s0;
      out[i + up] = s1;
      out[i + 2 * up] = s2;
      out[i + 3 * up] = s3;
      out[i + 4 * up] = s4;
      out[i + 5 * up] = s5;
      out[i + 6 * up] = s6;
      out[i + 7 * up] = s7;
    }
  }
  for (let i = done; i < length; i++) {
    const row = ((i * down) % up) * taps;
    const first = Math.floor((i * down) / up) + 1;
    let sum = 0;
    for (let k = 0; k < taps; k++) sum += weights[row + k]! * padded[first + k]!;
    out[i] = sum;
  }
  return out;
}

function filterFor(fromHz: number, toHz: number): Polyphase {
  const key = `${fromHz}/${toHz}`;
  const known = filters.get(key);
  if (known !== undefined) return known;
  const made = polyphase(fromHz, toHz);
  if (filters.size >= KEPT_FILTERS) filters.delete(filters.keys().next().value!);
  filters.set(key, made);
  return made;
}

function polyphase(fromHz: number, toHz: number): Polyphase {
  const [up, down] = ratioOf(toHz, fromHz);
  // The lower Nyquist frequency, in cycles per input sample.
  const nyquist = 0.5 * Math.min(1, up / down);
  const transition = 2 * Math.PI * (STOPBAND - PASSBAND) * nyquist;
  const taps = 4 * Math.ceil((ATTENUATION_DB - 7.95) / (2.285 * transition) / 4);
  const beta = 0.1102 * (ATTENUATION_DB - 8.7);
  const cutoff = ((PASSBAND + STOPBAND) / 2) * nyquist;
  const half = taps / 2;
  const scale = 1 / besselI0(beta);
  const weights = new Float64Array(up * taps);
  for (let phase = 0; phase < up; phase++) {
    let sum = 0;
    for (let k = 0; k < taps; k++) {
      const distance = k - half + 1 - phase / up;
      const x = 2 * cutoff * distance;
      const sinc = x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
      const inside = Math.max(0, 1 - (distance / half) ** 2);
      const weight = sinc * besselI0(beta * Math.sqrt(inside)) * scale;
      weights[phase * taps + k] = weight;
      sum += weight;
    }
    // Each phase passes a constant unchanged.
    for (let k = 0; k < taps; k++) weights[phase * taps + k]! /= sum;
  }
  return { up, down, taps, weights };
}

/** a / b in lowest terms, or its best approximation with both parts small enough (continued fractions). */
function ratioOf(a: number, b: number): readonly [number, number] {
  let [p0, q0, p1, q1] = [0, 1, 1, 0];
  let [x, y] = [a, b];
  while (y !== 0) {
    const digit = Math.floor(x / y);
    const [p, q] = [digit * p1 + p0, digit * q1 + q0];
    if (p > MAX_PHASES && p1 > 0) break;
    [p0, q0, p1, q1] = [p1, q1, p, q];
    [x, y] = [y, x - digit * y];
  }
  return [p1, q1];
}

/** The modified Bessel function of the first kind and order 0, by its power series. */
function besselI0(x: number): number {
  let term = 1;
  let sum = 1;
  for (let k = 1; term > sum * 1e-17; k++) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}
