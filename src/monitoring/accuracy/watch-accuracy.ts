/** How right a model is now, attribute by attribute: as its confidences say, and as people found. */

import type { Interval } from '../../evaluation/intervals/interval.ts';
import { isAsSaid } from '../../prediction/judge-answer.ts';
import type { AttributePrediction } from '../../prediction/prediction.ts';
import { type EstimatedScores, estimateAccuracy, estimateScores, type WeighedAnswer } from './estimated.ts';
import { type Checked, type MeasuredAccuracy, measureAccuracy } from './measured.ts';

export type WatchedAccuracy = {
  readonly attribute: string;
  /** Of the reference: the mean confidence of its answers, on products that the model was not trained on; as `estimated`, without abstentions. */
  readonly before: number | undefined;
  /** Now, without labels; undefined where nothing was answered. */
  readonly estimated: { readonly accuracy: number; readonly interval: Interval } | undefined;
  /** Of a choice. */
  readonly scores: EstimatedScores | undefined;
  /** From reviews; undefined where there are none. */
  readonly measured: MeasuredAccuracy | undefined;
  /** On the test products when the model was trained. */
  readonly tested: number | undefined;
};

/** An answer that a person checked: what the model says of the product, and the value that the person gave. */
export type ReviewedAnswer = {
  readonly prediction: AttributePrediction;
  /** Undefined: the attribute does not apply. */
  readonly values: readonly string[] | undefined;
  readonly chance: number;
};

export function watchAccuracy(
  attribute: string,
  now: readonly AttributePrediction[],
  reviewed: readonly ReviewedAnswer[],
  before: { readonly confidence: number | undefined; readonly tested: number | undefined },
): WatchedAccuracy {
  const answered = now.filter(({ status }) => status !== 'abstain');
  const choices = answered.filter(({ kind, alternatives }) => kind === 'choice' && alternatives.length > 0);
  return {
    attribute,
    before: before.confidence,
    estimated: estimateAccuracy(answered.map(({ confidence }) => confidence)),
    scores: estimateScores(choices.map(weighed)),
    measured: measureAccuracy(reviewed.map(checked)),
    tested: before.tested,
  };
}

const NONE = '(none)';

/** The calibrated confidence of the answer; what it leaves is dealt to the others as the model's own probabilities are. */
function weighed({ value, confidence, alternatives }: AttributePrediction): WeighedAnswer {
  const predicted = value === null ? NONE : String(value);
  const others = alternatives.filter((other) => String(other.value) !== predicted);
  const sum = others.reduce((total, other) => total + other.confidence, 0);
  const scale = sum > 0 ? (1 - confidence) / Math.max(sum, 1 - confidence) : 0;
  return {
    predicted,
    probabilities: new Map([
      ...others.map((other) => [String(other.value), other.confidence * scale] as const),
      [predicted, confidence],
    ]),
  };
}

function checked({ prediction, values, chance }: ReviewedAnswer): Checked {
  return { correct: isAsSaid(prediction, { values: values ?? [] }), chance };
}
