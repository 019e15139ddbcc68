import { clipProbability } from '../metrics/log-loss.ts';

/** ln(p / (1 − p)), finite for every p in [0, 1]. */
export function logOdds(p: number): number {
  const q = clipProbability(p);
  return Math.log(q) - Math.log1p(-q);
}

/** 1 / (1 + e^−x), without overflow. */
export function sigmoid(x: number): number {
  if (x >= 0) return 1 / (1 + Math.exp(-x));
  const e = Math.exp(x);
  return e / (1 + e);
}
