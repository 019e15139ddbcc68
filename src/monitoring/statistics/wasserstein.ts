/**
 * The Wasserstein-1 (earth mover's) distance of two samples: the area between their distribution functions. Equal to
 * `scipy.stats.wasserstein_distance`.
 *
 * @param first - sorted, not empty; @param second - sorted, not empty
 * @returns in the unit of the values, at least 0
 */
export function wassersteinDistance(first: ArrayLike<number>, second: ArrayLike<number>): number {
  let [i, j] = [0, 0];
  let area = 0;
  let value = Math.min(first[0]!, second[0]!);
  while (i < first.length || j < second.length) {
    const next = Math.min(first[i] ?? Number.POSITIVE_INFINITY, second[j] ?? Number.POSITIVE_INFINITY);
    area += Math.abs(i / first.length - j / second.length) * (next - value);
    value = next;
    while (i < first.length && first[i] === value) i++;
    while (j < second.length && second[j] === value) j++;
  }
  return area;
}

/** Below it a spread counts as this, so that a constant field does not divide by zero. */
const LEAST_SPREAD = 0.001;

/**
 * The distance in standard deviations of the first sample, as Evidently norms it: divided by its population standard
 * deviation, at least 0.001.
 */
export function normedWasserstein(first: ArrayLike<number>, second: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < first.length; i++) sum += first[i]!;
  const mean = sum / first.length;
  let squares = 0;
  for (let i = 0; i < first.length; i++) squares += (first[i]! - mean) ** 2;
  return wassersteinDistance(first, second) / Math.max(Math.sqrt(squares / first.length), LEAST_SPREAD);
}
