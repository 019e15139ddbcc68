import { requireFinite, requireRange, requireSameLength } from '../columns.ts';
import type { Interval } from '../intervals/interval.ts';
import { wilsonInterval } from '../intervals/wilson.ts';

/** Answers of about one confidence. */
export type ReliabilityBin = {
  readonly low: number;
  readonly high: number;
  readonly count: number;
  readonly meanConfidence: number;
  /** Share that is right. */
  readonly accuracy: number;
  /** Of the accuracy. */
  readonly interval: Interval;
};

export type BinOptions = {
  readonly bins: number;
  /** `width`: bins of equal width, (low, high], the first one closed; `mass`: about equally many rows in each. */
  readonly by: 'width' | 'mass';
};

/** Guo et al.'s choice. */
const GUO: BinOptions = { bins: 15, by: 'width' };

/**
 * Groups answers by confidence; empty bins are left out.
 *
 * @param confidences - in [0, 1]
 * @param correct - whether the answer was right
 * @throws evaluation/length-mismatch, evaluation/not-finite, evaluation/out-of-range
 */
export function reliabilityBins(
  confidences: ArrayLike<number>,
  correct: ArrayLike<boolean>,
  options: BinOptions = GUO,
): ReliabilityBin[] {
  requireSameLength(
    'reliabilityBins',
    { name: 'outcome', length: correct.length },
    { name: 'confidence', length: confidences.length },
  );
  requireFinite('reliabilityBins', 'the confidences', confidences);
  requireRange('reliabilityBins', 'number of bins', options.bins, 1, 10_000);
  const groups =
    options.by === 'width' ? byWidth(confidences, options.bins) : byMass(confidences, options.bins);
  return groups
    .filter(({ rows }) => rows.length > 0)
    .map(({ low, high, rows }) => {
      const count = rows.length;
      const right = rows.reduce((sum, row) => sum + (correct[row] ? 1 : 0), 0);
      return {
        low,
        high,
        count,
        meanConfidence: rows.reduce((sum, row) => sum + confidences[row]!, 0) / count,
        accuracy: right / count,
        interval: wilsonInterval(right, count)!,
      };
    });
}

type Group = { low: number; high: number; rows: number[] };

function byWidth(confidences: ArrayLike<number>, bins: number): Group[] {
  const groups: Group[] = Array.from({ length: bins }, (_, i) => ({
    low: i / bins,
    high: (i + 1) / bins,
    rows: [],
  }));
  for (let row = 0; row < confidences.length; row++) {
    requireRange('reliabilityBins', 'confidence', confidences[row]!, 0, 1);
    groups[Math.max(0, Math.ceil(confidences[row]! * bins) - 1)]!.rows.push(row);
  }
  return groups;
}

function byMass(confidences: ArrayLike<number>, bins: number): Group[] {
  const order = Array.from({ length: confidences.length }, (_, i) => i).sort(
    (a, b) => confidences[a]! - confidences[b]! || a - b,
  );
  const groups: Group[] = [];
  let start = 0;
  for (let bin = 1; bin <= bins; bin++) {
    let end = Math.round((bin * order.length) / bins);
    if (end <= start) continue;
    // Equal confidences stay together, or the bins would depend on the order of the rows.
    while (end < order.length && confidences[order[end]!] === confidences[order[end - 1]!]) end++;
    const rows = order.slice(start, end);
    groups.push({ low: confidences[rows[0]!]!, high: confidences[rows.at(-1)!]!, rows });
    start = end;
  }
  return groups;
}

/**
 * Expected calibration error: Σ (n_b / n)·|accuracy_b − mean confidence_b| (Naeini et al. 2015; Guo et al. 2017).
 *
 * @returns in [0, 1]; undefined without rows
 */
export function expectedCalibrationError(
  confidences: ArrayLike<number>,
  correct: ArrayLike<boolean>,
  options: BinOptions = GUO,
): number | undefined {
  const bins = reliabilityBins(confidences, correct, options);
  if (bins.length === 0) return undefined;
  const gap = bins.reduce((sum, bin) => sum + bin.count * Math.abs(bin.accuracy - bin.meanConfidence), 0);
  return gap / correct.length;
}

/**
 * Brier score: mean squared difference of probability and outcome (Brier 1950). Equal to scikit-learn's
 * `brier_score_loss`.
 *
 * @returns in [0, 1]; undefined without rows
 * @throws evaluation/length-mismatch, evaluation/not-finite
 */
export function brierScore(
  probabilities: ArrayLike<number>,
  outcomes: ArrayLike<boolean>,
): number | undefined {
  requireSameLength(
    'brierScore',
    { name: 'outcome', length: outcomes.length },
    { name: 'probability', length: probabilities.length },
  );
  requireFinite('brierScore', 'the probabilities', probabilities);
  if (outcomes.length === 0) return undefined;
  let sum = 0;
  for (let row = 0; row < outcomes.length; row++) sum += (probabilities[row]! - (outcomes[row] ? 1 : 0)) ** 2;
  return sum / outcomes.length;
}
