import type { EvaluatedKind } from './attribute-result.ts';

/** Rows of one attribute: what is true, what was answered, and how sure the model was. */
type Rows = {
  readonly attribute: string;
  /** Calibrated, in [0, 1], one a row. */
  readonly confidences: ArrayLike<number>;
  /** Category of each row, for macro averages of extraction. */
  readonly categories?: readonly (string | undefined)[];
  /** Rows of one group (variants of a product) are not independent evidence. */
  readonly groups?: readonly (string | undefined)[];
};

/**
 * Values as canonical strings. An empty list is the answer "none" or "not applicable"; rows whose truth is unknown do
 * not come here.
 */
export type TextAnswers = Rows & {
  readonly kind: Exclude<EvaluatedKind, 'number'>;
  /** choice and generate: the right value, or several that all would do. extract: as choice. multi: the whole set. */
  readonly truth: readonly (readonly string[])[];
  /** choice, generate and extract: the first is the answer. multi: the whole set. */
  readonly predicted: readonly (readonly string[])[];
};

/** Numbers in one unit; undefined is "none". */
export type NumberAnswers = Rows & {
  readonly kind: 'number';
  readonly unit: string | undefined;
  readonly truth: readonly (number | undefined)[];
  readonly predicted: readonly (number | undefined)[];
  /** A number is right when it is off by at most this share of the truth, e.g. 0.05. */
  readonly tolerance: number;
};

export type AttributeAnswers = TextAnswers | NumberAnswers;

/** What one row adds to precision and recall: values right, values given, values there. */
export type AnswerCounts = {
  readonly right: number;
  readonly predicted: number;
  readonly present: number;
};

export type JudgedRow = AnswerCounts & {
  /** The row is right as a whole, "none" included. */
  readonly correct: boolean;
};

/** Judges one row by the rule of its kind. */
export function judgeRow(answers: AttributeAnswers, row: number): JudgedRow {
  if (answers.kind === 'number') {
    const truth = answers.truth[row];
    const predicted = answers.predicted[row];
    return judgeOne(
      truth !== undefined,
      predicted !== undefined,
      truth !== undefined &&
        predicted !== undefined &&
        Math.abs(predicted - truth) <= answers.tolerance * Math.abs(truth),
    );
  }
  const truth = answers.truth[row]!;
  const predicted = answers.predicted[row]!;
  if (answers.kind === 'multi') {
    const there = new Set(truth);
    const given = new Set(predicted);
    let right = 0;
    for (const value of given) if (there.has(value)) right++;
    const correct = right === there.size && right === given.size;
    return { right, predicted: given.size, present: there.size, correct };
  }
  const answer = predicted[0]?.trim();
  return judgeOne(
    truth.length > 0,
    answer !== undefined,
    answer !== undefined && truth.some((value) => value.trim() === answer),
  );
}

function judgeOne(present: boolean, predicted: boolean, match: boolean): JudgedRow {
  return {
    right: match ? 1 : 0,
    predicted: predicted ? 1 : 0,
    present: present ? 1 : 0,
    correct: match || (!present && !predicted),
  };
}
