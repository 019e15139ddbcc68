import { requireFinite, requireRange, requireSameLength } from '../columns.ts';
import { wilsonInterval } from '../intervals/wilson.ts';

/** What accepting every answer at or above `threshold` gives. */
export type CoveragePoint = {
  readonly threshold: number;
  /** Share of answers accepted, in (0, 1]. */
  readonly coverage: number;
  /** Share of the accepted that is right. */
  readonly precision: number;
  /** Pointwise 95 % Wilson bounds of the precision. */
  readonly low: number;
  readonly high: number;
};

/**
 * Precision against coverage as the threshold falls, one point a distinct confidence, thinned evenly to at most
 * `points`; the last point accepts everything. Empty without rows.
 *
 * @param confidences - finite
 * @param correct - whether the answer was right
 * @param points - at least 2
 * @throws evaluation/length-mismatch, evaluation/not-finite, evaluation/out-of-range
 */
export function coverageCurve(
  confidences: ArrayLike<number>,
  correct: ArrayLike<boolean>,
  points = 100,
): CoveragePoint[] {
  requireSameLength(
    'coverageCurve',
    { name: 'outcome', length: correct.length },
    { name: 'confidence', length: confidences.length },
  );
  requireFinite('coverageCurve', 'the confidences', confidences);
  requireRange('coverageCurve', 'number of points', points, 2, Number.MAX_SAFE_INTEGER);
  const count = correct.length;
  const order = Uint32Array.from({ length: count }, (_, i) => i).sort(
    (a, b) => confidences[b]! - confidences[a]! || a - b,
  );
  const steps: { threshold: number; accepted: number; right: number }[] = [];
  let right = 0;
  for (let rank = 0; rank < count; rank++) {
    if (correct[order[rank]!]) right++;
    const threshold = confidences[order[rank]!]!;
    if (rank + 1 < count && confidences[order[rank + 1]!] === threshold) continue;
    steps.push({ threshold, accepted: rank + 1, right });
  }
  const stride = Math.max(1, (steps.length - 1) / (points - 1));
  const curve: CoveragePoint[] = [];
  for (let i = 0; i < Math.min(points, steps.length); i++) {
    const { threshold, accepted, right } = steps[Math.min(steps.length - 1, Math.round(i * stride))]!;
    const { low, high } = wilsonInterval(right, accepted)!;
    curve.push({ threshold, coverage: accepted / count, precision: right / accepted, low, high });
  }
  return curve;
}
