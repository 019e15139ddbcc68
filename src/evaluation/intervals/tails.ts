/** Upper tails of the distributions that tests compare with: how likely so much, or more, is by chance alone. */
import { requireRange } from '../columns.ts';
import { logGamma } from './log-gamma.ts';

const TINY = 1e-300;
const MOST_TERMS = 100_000;

/**
 * Regularised upper incomplete gamma function Q(a, x): by its series where x < a + 1, else by Lentz's continued fraction.
 *
 * @param a - at least 1/2; @param x - at least 0
 * @see DLMF 8.11.4 and 8.9.2
 */
function upperGamma(a: number, x: number): number {
  if (x <= 0) return 1;
  if (x === Number.POSITIVE_INFINITY) return 0;
  const front = Math.exp(a * Math.log(x) - x - logGamma(a));
  if (x < a + 1) {
    let term = 1 / a;
    let sum = term;
    for (let n = 1; n < MOST_TERMS && term > sum * 1e-17; n++) {
      term *= x / (a + n);
      sum += term;
    }
    return Math.max(0, 1 - front * sum);
  }
  let b = x + 1 - a;
  let c = 1 / TINY;
  let d = 1 / b;
  let fraction = d;
  for (let n = 1; n < MOST_TERMS; n++) {
    const factor = -n * (n - a);
    b += 2;
    d = 1 / orTiny(factor * d + b);
    c = orTiny(b + factor / c);
    const change = d * c;
    fraction *= change;
    if (Math.abs(change - 1) < 1e-15) break;
  }
  return front * fraction;
}

function orTiny(value: number): number {
  return Math.abs(value) < TINY ? TINY : value;
}

/**
 * P(X ≥ x) for X of the chi-squared distribution.
 *
 * @param x - at least 0; @param freedom - degrees of freedom, at least 1
 * @throws evaluation/out-of-range
 * @example chiSquaredTail(3.841458820694124, 1) // 0.05
 */
export function chiSquaredTail(x: number, freedom: number): number {
  requireRange('chiSquaredTail', 'number of degrees of freedom', freedom, 1, 1e9);
  return upperGamma(freedom / 2, x / 2);
}

/**
 * P(Z ≥ z) for Z standard normal.
 *
 * @example normalTail(1.959963984540054) // 0.025
 */
export function normalTail(z: number): number {
  const tail = upperGamma(0.5, (z * z) / 2) / 2;
  return z >= 0 ? tail : 1 - tail;
}
