import { requireRange } from '../columns.ts';
import { logGamma } from './log-gamma.ts';

/**
 * Regularised incomplete beta function Iₓ(a, b), by Lentz's continued fraction.
 *
 * @param a - at least 1/2; @param b - at least 1/2
 * @param x - in [0, 1]
 * @see DLMF 8.17.22
 */
function incompleteBeta(a: number, b: number, x: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(b, a, 1 - x);
  const front = Math.exp(
    logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x) - Math.log(a),
  );
  const tiny = 1e-300;
  let c = 1;
  let d = 1 / orTiny(1 - ((a + b) * x) / (a + 1), tiny);
  let fraction = d;
  for (let m = 1; m <= 10_000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / orTiny(1 + even * d, tiny);
    c = orTiny(1 + even / c, tiny);
    fraction *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / orTiny(1 + odd * d, tiny);
    c = orTiny(1 + odd / c, tiny);
    const change = d * c;
    fraction *= change;
    if (Math.abs(change - 1) < 1e-15) break;
  }
  return front * fraction;
}

/** Lentz's guard: a denominator of zero becomes the smallest harmless number. */
function orTiny(value: number, tiny: number): number {
  return Math.abs(value) < tiny ? tiny : value;
}

/**
 * P(X ≤ k) for X ~ Binomial(n, p).
 *
 * @param k - any integer; @param n - trials
 * @param p - in [0, 1]
 * @example binomialCdf(2, 10, 0.5) // 0.0546875
 */
export function binomialCdf(k: number, n: number, p: number): number {
  requireRange('binomialCdf', 'probability', p, 0, 1);
  if (k < 0) return 0;
  if (k >= n) return 1;
  return incompleteBeta(n - k, k + 1, 1 - p);
}

/**
 * Clopper and Pearson's exact one-sided lower bound of a proportion: the p for which P(X ≥ successes) = risk.
 * With probability at least 1 − risk the true proportion is not below it.
 *
 * @param successes - in [0, trials]
 * @param risk - in (0, 1)
 * @returns in [0, 1]; 0 without a success
 * @see Clopper and Pearson 1934
 * @example clopperPearsonLower(59, 59, 0.05) // 0.9505
 */
export function clopperPearsonLower(successes: number, trials: number, risk: number): number {
  requireRange('clopperPearsonLower', 'risk', risk, 0, 1, true);
  requireRange('clopperPearsonLower', 'number of successes', successes, 0, trials);
  if (successes === 0) return 0;
  let low = 0;
  let high = 1;
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (incompleteBeta(successes, trials - successes + 1, middle) > risk) high = middle;
    else low = middle;
  }
  return low;
}
