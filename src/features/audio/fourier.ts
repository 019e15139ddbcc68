/**
 * The discrete Fourier transform of real numbers, for any even length: Whisper's frames have 400 samples, which no
 * well-kept library for powers of two takes.
 *
 * @see Stockham's autosort form in Van Loan 1992, "Computational Frameworks for the Fast Fourier Transform", section 1.7
 */

export type RealTransform = {
  readonly length: number;
  /**
   * Puts |X_k|^2, k = 0 ... length/2, of `frame` [length] into `power` [length/2 + 1]. X_k = sum_n x_n e^(-2 pi i k n / length).
   */
  readonly power: (frame: Float64Array, power: Float64Array) => void;
};

type Stage = { readonly radix: number; readonly before: number; readonly after: number };

/**
 * @param length - even, at least 2; fast where length/2 has no large prime factor
 * @returns with buffers of its own: not for two threads at once
 */
export function realTransform(length: number): RealTransform {
  const half = length / 2;
  const stages = stagesOf(half);
  const cos = Float64Array.from({ length }, (_, k) => Math.cos((2 * Math.PI * k) / length));
  const sin = Float64Array.from({ length }, (_, k) => -Math.sin((2 * Math.PI * k) / length));
  const steps = stages.map(({ radix }) => STEPS[radix] ?? anyRadix);
  const [re1, im1, re2, im2] = [0, 1, 2, 3].map(() => new Float64Array(half)) as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ];

  function power(frame: Float64Array, out: Float64Array): void {
    // Two real samples as one complex number: half the work.
    for (let i = 0; i < half; i++) {
      re1[i] = frame[2 * i]!;
      im1[i] = frame[2 * i + 1]!;
    }
    // The stages go from one pair of buffers to the other.
    for (let i = 0; i < steps.length; i++) {
      if (i % 2 === 0) steps[i]!(re1, im1, re2, im2, stages[i]!, cos, sin);
      else steps[i]!(re2, im2, re1, im1, stages[i]!, cos, sin);
    }
    const re = steps.length % 2 === 0 ? re1 : re2;
    const im = steps.length % 2 === 0 ? im1 : im2;
    out[0] = (re[0]! + im[0]!) ** 2;
    out[half] = (re[0]! - im[0]!) ** 2;
    for (let k = 1; k < half; k++) {
      const evenRe = 0.5 * (re[k]! + re[half - k]!);
      const evenIm = 0.5 * (im[k]! - im[half - k]!);
      const oddRe = 0.5 * (im[k]! + im[half - k]!);
      const oddIm = 0.5 * (re[half - k]! - re[k]!);
      const xRe = evenRe + cos[k]! * oddRe - sin[k]! * oddIm;
      const xIm = evenIm + cos[k]! * oddIm + sin[k]! * oddRe;
      out[k] = xRe * xRe + xIm * xIm;
    }
  }
  return { length, power };
}

/** Radices 4, 2, 3, 5 and what primes are left; `before` is the product of those done, `after` of those to come. */
function stagesOf(length: number): Stage[] {
  const stages: Stage[] = [];
  let rest = length;
  let before = 1;
  for (let radix = 4; rest > 1; ) {
    if (rest % radix === 0) {
      rest /= radix;
      stages.push({ radix, before, after: rest });
      before *= radix;
    } else {
      radix = radix === 4 ? 2 : radix === 2 ? 3 : radix + 2;
    }
  }
  return stages;
}

/**
 * One stage: for p < after (frequency groups) and q < before (columns),
 * out[q + before (radix p + j)] = w^(p j) * sum_r in[q + before (p + after r)] e^(-2 pi i j r / radix),
 * with w = e^(-2 pi i / (radix after)). The tables hold e^(-2 pi i k / (2 n)), so w^(p j) stands at 2 before p j.
 */
type Step = (
  re: Float64Array,
  im: Float64Array,
  re2: Float64Array,
  im2: Float64Array,
  stage: Stage,
  cos: Float64Array,
  sin: Float64Array,
) => void;

const radix2: Step = (re, im, re2, im2, { before, after }, cos, sin) => {
  const stride = before * after;
  for (let p = 0; p < after; p++) {
    const c = cos[2 * before * p]!;
    const s = sin[2 * before * p]!;
    for (let q = 0; q < before; q++) {
      const a = q + before * p;
      const to = q + 2 * before * p;
      const dRe = re[a]! - re[a + stride]!;
      const dIm = im[a]! - im[a + stride]!;
      re2[to] = re[a]! + re[a + stride]!;
      im2[to] = im[a]! + im[a + stride]!;
      re2[to + before] = c * dRe - s * dIm;
      im2[to + before] = c * dIm + s * dRe;
    }
  }
};

const radix4: Step = (re, im, re2, im2, { before, after }, cos, sin) => {
  const stride = before * after;
  for (let p = 0; p < after; p++) {
    const t = 2 * before * p;
    const c1 = cos[t]!;
    const s1 = sin[t]!;
    const c2 = cos[2 * t]!;
    const s2 = sin[2 * t]!;
    const c3 = cos[3 * t]!;
    const s3 = sin[3 * t]!;
    for (let q = 0; q < before; q++) {
      const a = q + before * p;
      const b = a + stride;
      const c = b + stride;
      const d = c + stride;
      const to = q + 4 * before * p;
      const acRe = re[a]! + re[c]!;
      const acIm = im[a]! + im[c]!;
      const amcRe = re[a]! - re[c]!;
      const amcIm = im[a]! - im[c]!;
      const bdRe = re[b]! + re[d]!;
      const bdIm = im[b]! + im[d]!;
      const bmdRe = re[b]! - re[d]!;
      const bmdIm = im[b]! - im[d]!;
      re2[to] = acRe + bdRe;
      im2[to] = acIm + bdIm;
      const y1Re = amcRe + bmdIm;
      const y1Im = amcIm - bmdRe;
      const y2Re = acRe - bdRe;
      const y2Im = acIm - bdIm;
      const y3Re = amcRe - bmdIm;
      const y3Im = amcIm + bmdRe;
      re2[to + before] = c1 * y1Re - s1 * y1Im;
      im2[to + before] = c1 * y1Im + s1 * y1Re;
      re2[to + 2 * before] = c2 * y2Re - s2 * y2Im;
      im2[to + 2 * before] = c2 * y2Im + s2 * y2Re;
      re2[to + 3 * before] = c3 * y3Re - s3 * y3Im;
      im2[to + 3 * before] = c3 * y3Im + s3 * y3Re;
    }
  }
};

const C1 = Math.cos((2 * Math.PI) / 5);
const C2 = Math.cos((4 * Math.PI) / 5);
const S1 = Math.sin((2 * Math.PI) / 5);
const S2 = Math.sin((4 * Math.PI) / 5);

const radix5: Step = (re, im, re2, im2, { before, after }, cos, sin) => {
  const stride = before * after;
  for (let p = 0; p < after; p++) {
    const t = 2 * before * p;
    for (let q = 0; q < before; q++) {
      const a = q + before * p;
      const to = q + 5 * before * p;
      const x0Re = re[a]!;
      const x0Im = im[a]!;
      const s14Re = re[a + stride]! + re[a + 4 * stride]!;
      const s14Im = im[a + stride]! + im[a + 4 * stride]!;
      const d14Re = re[a + stride]! - re[a + 4 * stride]!;
      const d14Im = im[a + stride]! - im[a + 4 * stride]!;
      const s23Re = re[a + 2 * stride]! + re[a + 3 * stride]!;
      const s23Im = im[a + 2 * stride]! + im[a + 3 * stride]!;
      const d23Re = re[a + 2 * stride]! - re[a + 3 * stride]!;
      const d23Im = im[a + 2 * stride]! - im[a + 3 * stride]!;
      const m1Re = x0Re + C1 * s14Re + C2 * s23Re;
      const m1Im = x0Im + C1 * s14Im + C2 * s23Im;
      const m2Re = x0Re + C2 * s14Re + C1 * s23Re;
      const m2Im = x0Im + C2 * s14Im + C1 * s23Im;
      const n1Re = S1 * d14Im + S2 * d23Im;
      const n1Im = -S1 * d14Re - S2 * d23Re;
      const n2Re = S2 * d14Im - S1 * d23Im;
      const n2Im = -S2 * d14Re + S1 * d23Re;
      re2[to] = x0Re + s14Re + s23Re;
      im2[to] = x0Im + s14Im + s23Im;
      put(re2, im2, to + before, m1Re + n1Re, m1Im + n1Im, cos[t]!, sin[t]!);
      put(re2, im2, to + 2 * before, m2Re + n2Re, m2Im + n2Im, cos[2 * t]!, sin[2 * t]!);
      put(re2, im2, to + 3 * before, m2Re - n2Re, m2Im - n2Im, cos[3 * t]!, sin[3 * t]!);
      put(re2, im2, to + 4 * before, m1Re - n1Re, m1Im - n1Im, cos[4 * t]!, sin[4 * t]!);
    }
  }
};

function put(
  re: Float64Array,
  im: Float64Array,
  to: number,
  yRe: number,
  yIm: number,
  c: number,
  s: number,
): void {
  re[to] = c * yRe - s * yIm;
  im[to] = c * yIm + s * yRe;
}

/** Radix 3 and the primes from 7 on, by the sum itself. */
const anyRadix: Step = (re, im, re2, im2, { radix, before, after }, cos, sin) => {
  const stride = before * after;
  const length = cos.length;
  // e^(-2 pi i / radix) stands at length / radix, and radix divides length / 2.
  const turn = length / radix;
  for (let p = 0; p < after; p++) {
    for (let q = 0; q < before; q++) {
      for (let j = 0; j < radix; j++) {
        let sumRe = 0;
        let sumIm = 0;
        for (let r = 0; r < radix; r++) {
          const from = q + before * p + stride * r;
          const at = (turn * ((j * r) % radix)) % length;
          sumRe += cos[at]! * re[from]! - sin[at]! * im[from]!;
          sumIm += cos[at]! * im[from]! + sin[at]! * re[from]!;
        }
        const t = (2 * before * p * j) % length;
        put(re2, im2, q + before * (radix * p + j), sumRe, sumIm, cos[t]!, sin[t]!);
      }
    }
  }
};

const STEPS: Readonly<Record<number, Step>> = { 2: radix2, 4: radix4, 5: radix5 };
