/** How far the largest gap between two samples' distribution functions is from chance. */

export type KolmogorovSmirnov = {
  /** The largest gap, in [0, 1]. */
  readonly statistic: number;
  /** Two-sided. */
  readonly pValue: number;
  /** The value at which the gap is largest. */
  readonly at: number;
  /** Whether the second sample has more mass above `at` than the first. */
  readonly above: boolean;
};

/** Work of the exact distribution, in steps; beyond it the limit is used, which is close by then. */
const MOST_STEPS = 4_000_000;

/**
 * The two-sample test of Kolmogorov and Smirnov. Exact for samples without ties while n·m is at most 4 million, as
 * `scipy.stats.ks_2samp(method="exact")`; else the limiting distribution with Stephens' correction. With ties it is
 * conservative: p is too large, never too small.
 *
 * @param first - sorted, not empty; @param second - sorted, not empty
 * @see Hodges 1958; Kim and Jennrich 1973 (the recursion); Stephens 1970
 */
export function kolmogorovSmirnov(first: ArrayLike<number>, second: ArrayLike<number>): KolmogorovSmirnov {
  const [n, m] = [first.length, second.length];
  let [i, j] = [0, 0];
  // In steps of 1/(n m), so that equal gaps are equal to the bit.
  let largest = 0;
  let at = Math.min(first[0]!, second[0]!);
  let above = false;
  while (i < n && j < m) {
    const value = Math.min(first[i]!, second[j]!);
    while (i < n && first[i] === value) i++;
    while (j < m && second[j] === value) j++;
    const gap = i * m - j * n;
    if (Math.abs(gap) > largest) {
      largest = Math.abs(gap);
      at = value;
      above = gap > 0;
    }
  }
  const statistic = largest / (n * m);
  const pValue = n * m <= MOST_STEPS ? exactTail(n, m, largest) : limitTail(n, m, statistic);
  return { statistic, pValue, at, above };
}

/**
 * P(D ≥ gap/(n m)): one less the share of monotone lattice paths from (0, 0) to (n, m) that stay nearer to the diagonal. Each entry
 * holds the share of the paths to (i, j) that stay inside.
 */
function exactTail(n: number, m: number, gap: number): number {
  if (gap === 0) return 1;
  const inside = new Float64Array(m + 1);
  inside[0] = 1;
  for (let j = 1; j <= m; j++) inside[j] = j * n < gap ? 1 : 0;
  for (let i = 1; i <= n; i++) {
    if (i * m >= gap) inside[0] = 0;
    for (let j = 1; j <= m; j++) {
      const upper = i / (i + j);
      inside[j] = Math.abs(i * m - j * n) >= gap ? 0 : inside[j]! * upper + inside[j - 1]! * (1 - upper);
    }
  }
  return Math.min(1, Math.max(0, 1 - inside[m]!));
}

/** 2 Σ (−1)^(k−1) exp(−2 k² λ²). */
function limitTail(n: number, m: number, statistic: number): number {
  const size = Math.sqrt((n * m) / (n + m));
  const lambda = (size + 0.12 + 0.11 / size) * statistic;
  if (lambda < 0.2) return 1;
  let sum = 0;
  for (let k = 1; k <= 100; k++) {
    const term = Math.exp(-2 * k * k * lambda * lambda);
    sum += k % 2 === 1 ? term : -term;
    if (term < 1e-17) break;
  }
  return Math.min(1, Math.max(0, 2 * sum));
}
