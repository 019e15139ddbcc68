/** How right a model is, measured from answers that people checked, whatever rule chose those that they saw. */
import { requireRange } from '../../evaluation/columns.ts';
import type { Interval } from '../../evaluation/intervals/interval.ts';
import { wilsonInterval } from '../../evaluation/intervals/wilson.ts';

/** One answer that a person checked. */
export type Checked = {
  readonly correct: boolean;
  /** The chance with which this answer was chosen to be checked, in (0, 1]: 1 where all such answers are. */
  readonly chance: number;
};

export type MeasuredAccuracy = {
  readonly accuracy: number;
  readonly interval: Interval;
  /** Answers checked. */
  readonly checked: number;
  /** The number of equally likely ones that would say as much (Kish 1965); at most `checked`. */
  readonly effective: number;
};

/**
 * Accuracy over all answers, checked or not: each checked answer stands for 1/chance answers like it (Horvitz and Thompson
 * 1952, in the ratio form of Hájek). Without the weights a queue of unsure answers would make the model look worse than it
 * is. The interval is Wilson's, for the effective number of answers.
 *
 * @returns undefined where nothing was checked
 * @throws evaluation/out-of-range where a chance is not in (0, 1]
 */
export function measureAccuracy(answers: readonly Checked[], level = 0.95): MeasuredAccuracy | undefined {
  let [weight, rightWeight, squares] = [0, 0, 0];
  for (const { correct, chance } of answers) {
    requireRange('measureAccuracy', 'chance of being checked', chance, Number.MIN_VALUE, 1);
    weight += 1 / chance;
    squares += 1 / chance ** 2;
    if (correct) rightWeight += 1 / chance;
  }
  return accuracyOfSums({ checked: answers.length, weight, rightWeight, squares }, level);
}

/** The same from sums over the answers: of 1/chance, of that of the right ones, and of its square. */
export function accuracyOfSums(
  {
    checked,
    weight,
    rightWeight,
    squares,
  }: {
    readonly checked: number;
    readonly weight: number;
    readonly rightWeight: number;
    readonly squares: number;
  },
  level = 0.95,
): MeasuredAccuracy | undefined {
  if (checked === 0) return undefined;
  const accuracy = Math.min(1, rightWeight / weight);
  const effective = weight ** 2 / squares;
  return {
    accuracy,
    interval: wilsonInterval(accuracy * effective, effective, level)!,
    checked,
    effective,
  };
}
