import {
  type AnswerCounts,
  type AttributeAnswers,
  type JudgedRow,
  judgeRow,
  type TextAnswers,
} from './answers.ts';
import type { AttributeResult } from './attribute-result.ts';
import { requireSameLength } from './columns.ts';
import { bootstrapSums } from './intervals/bootstrap-sums.ts';
import type { Interval } from './intervals/interval.ts';
import { clusteredWilson, unitsOf, wilsonInterval } from './intervals/wilson.ts';
import { chrF } from './metrics/chrf.ts';
import { type ClassScores, scoreClassification } from './metrics/classification.ts';
import type { ConfusionMatrix } from './metrics/confusion-matrix.ts';
import { scoreExtraction } from './metrics/extraction.ts';
import { scoreMultiLabel } from './metrics/multi-label.ts';
import { precisionRecallF1 } from './metrics/precision-recall.ts';
import { type RegressionScores, scoreRegression } from './metrics/regression.ts';

/** The class that "no value" counts as among the values of a choice. */
export const NO_VALUE = '(none)';

export type AttributeEvaluation = {
  readonly result: AttributeResult;
  /** Whether each row is right as a whole, in the order of the rows. */
  readonly correct: readonly boolean[];
  /** Summed over the rows. */
  readonly counts: AnswerCounts;
  /** By value (choice, multi) or by category (extract); empty for the other kinds. */
  readonly classes: readonly ClassScores[];
  /** choice only. */
  readonly confusion: ConfusionMatrix | undefined;
};

/**
 * All figures of one attribute.
 *
 * Precision, recall and micro F1 count values by the extraction rule: a wrong value costs both, "none" where a value is
 * costs recall, a value where none is costs precision. A choice without "none" has all three equal to its accuracy.
 * @param options - `seed` of the bootstrap; `level` of the intervals (0.95); `resamples` (1,000); and the
 *   `threshold` at which answers are accepted, when there is one
 * @throws evaluation/length-mismatch, evaluation/not-finite
 */
export function evaluateAttribute(
  answers: AttributeAnswers,
  options: {
    readonly seed: number;
    readonly level?: number;
    readonly resamples?: number;
    readonly threshold?: number | undefined;
  },
): AttributeEvaluation {
  const { level = 0.95, threshold } = options;
  const count = answers.truth.length;
  checkColumns(answers);
  const rows = Array.from({ length: count }, (_, row) => judgeRow(answers, row));
  const correct = rows.map((row) => row.correct);
  const counts = sum(rows);
  const micro = precisionRecallF1(counts.right, counts.predicted, counts.present);
  const { classes, confusion, macroF1 } = byClass(answers);
  const numbers = regressionOf(answers);
  const accepted =
    threshold === undefined ? [] : rows.filter((_, row) => answers.confidences[row]! >= threshold);
  const right = correct.filter(Boolean).length;
  return {
    result: {
      attribute: answers.attribute,
      kind: answers.kind,
      count,
      accuracy: count > 0 ? right / count : undefined,
      accuracyInterval: answers.groups
        ? clusteredWilson(correct, answers.groups, level)
        : wilsonInterval(right, count, level),
      precision: count > 0 ? micro.precision : undefined,
      recall: count > 0 ? micro.recall : undefined,
      microF1: count > 0 ? micro.f1 : undefined,
      microF1Interval: microF1Interval(rows, answers, options),
      macroF1: count > 0 ? macroF1 : undefined,
      meanAbsoluteError: numbers?.meanAbsoluteError,
      medianAbsoluteError: numbers?.medianAbsoluteError,
      rootMeanSquaredError: numbers?.rootMeanSquaredError,
      r2: numbers?.r2,
      unit: answers.kind === 'number' ? answers.unit : undefined,
      ...(answers.kind === 'generate' ? { chrF: chrfOf(answers) } : {}),
      threshold,
      coverage: count > 0 ? accepted.length / count : undefined,
      acceptedPrecision:
        accepted.length > 0 ? accepted.filter((row) => row.correct).length / accepted.length : undefined,
    },
    correct,
    counts,
    classes,
    confusion,
  };
}

/** Micro figures over all attributes, from the summed counts; and the plain mean of the attributes' own F1 and accuracy. */
export function overallScores(evaluations: readonly AttributeEvaluation[]) {
  const measured = evaluations.filter(({ result }) => result.count > 0);
  const mean = (values: readonly number[]) =>
    values.length > 0 ? values.reduce((a, b) => a + b, 0) / values.length : undefined;
  const total = sum(evaluations.map(({ counts }) => counts));
  return {
    attributes: measured.length,
    ...precisionRecallF1(total.right, total.predicted, total.present),
    meanF1: mean(measured.map(({ result }) => result.microF1!)),
    meanAccuracy: mean(measured.map(({ result }) => result.accuracy!)),
  };
}

function checkColumns(answers: AttributeAnswers): void {
  const truth = { name: 'truth', length: answers.truth.length };
  const where = `evaluateAttribute (${answers.attribute})`;
  requireSameLength(where, truth, { name: 'prediction', length: answers.predicted.length });
  requireSameLength(where, truth, { name: 'confidence', length: answers.confidences.length });
  const { categories, groups } = answers;
  if (categories) requireSameLength(where, truth, { name: 'category', length: categories.length });
  if (groups) requireSameLength(where, truth, { name: 'group', length: groups.length });
}

function sum(rows: readonly AnswerCounts[]): AnswerCounts {
  let [right, predicted, present] = [0, 0, 0];
  for (const row of rows) {
    right += row.right;
    predicted += row.predicted;
    present += row.present;
  }
  return { right, predicted, present };
}

/**
 * The bootstrap's. Where all rows say the same, such as all right, so does every resample, and an interval without width would claim a
 * certainty that a few rows cannot give: then it is Wilson's, of as many rows (or groups) as have a value or an answer.
 */
function microF1Interval(
  rows: readonly JudgedRow[],
  { groups }: AttributeAnswers,
  options: { readonly seed: number; readonly level?: number; readonly resamples?: number },
): Interval | undefined {
  const { seed, level, resamples } = options;
  const f1 = ([right, total]: readonly number[]) => (total! > 0 ? (2 * right!) / total! : 0);
  const contributions = rows.map((row) => [row.right, row.predicted + row.present]);
  const valued = contributions.flatMap(([right, total], row) =>
    total! > 0 ? [{ row, right: right!, total: total! }] : [],
  );
  const first = valued[0];
  if (first && valued.every(({ right, total }) => right * first.total === first.right * total)) {
    const units = unitsOf(valued.map(({ row }) => groups?.[row]));
    return wilsonInterval(f1([first.right, first.total]) * units, units, level);
  }
  return bootstrapSums(contributions, f1, {
    seed,
    ...(level !== undefined && { level }),
    ...(resamples !== undefined && { resamples }),
    ...(groups !== undefined && { groups }),
  });
}

type ByClass = {
  readonly classes: readonly ClassScores[];
  readonly confusion: ConfusionMatrix | undefined;
  readonly macroF1: number | undefined;
};

function byClass(answers: AttributeAnswers): ByClass {
  switch (answers.kind) {
    case 'choice': {
      // Where several values would do, the answered one is the truth that counts.
      const truth = answers.truth.map((values, row) => {
        const answer = answers.predicted[row]![0]?.trim();
        const labels = values.map((value) => value.trim());
        return answer !== undefined && labels.includes(answer) ? answer : (labels[0] ?? NO_VALUE);
      });
      const predicted = answers.predicted.map((values) => values[0]?.trim() ?? NO_VALUE);
      const { classes, confusion, macro } = scoreClassification(truth, predicted);
      return { classes, confusion, macroF1: macro.f1 };
    }
    case 'multi': {
      const { labels, macro } = scoreMultiLabel(answers.truth, answers.predicted);
      return { classes: labels, confusion: undefined, macroF1: macro.f1 };
    }
    case 'extract': {
      const { attribute, categories } = answers;
      const report = scoreExtraction(
        answers.truth.map((targets, row) => ({
          category: categories?.[row] ?? '',
          attribute,
          targets,
          predicted: answers.predicted[row]![0],
        })),
      );
      const classes = report.pairs.map(({ category, precision, recall, f1, nv, vn, vc, vw }) => ({
        label: category,
        precision,
        recall,
        f1,
        support: vn + vc + vw,
        predicted: nv + vc + vw,
      }));
      return { classes, confusion: undefined, macroF1: report.macro.f1 };
    }
    case 'number':
    case 'generate':
      return { classes: [], confusion: undefined, macroF1: undefined };
  }
}

/** Over the rows that have a text; one that was given none counts as an empty one. */
function chrfOf({ truth, predicted }: TextAnswers): number | undefined {
  return chrF(
    truth.flatMap((references, row) =>
      references.length > 0 ? [{ written: predicted[row]![0] ?? '', references }] : [],
    ),
  );
}

/** Over the rows that have a truth and a prediction. */
function regressionOf(answers: AttributeAnswers): RegressionScores | undefined {
  if (answers.kind !== 'number') return undefined;
  const truth: number[] = [];
  const predicted: number[] = [];
  for (const [row, value] of answers.truth.entries()) {
    const answer = answers.predicted[row];
    if (value === undefined || answer === undefined) continue;
    truth.push(value);
    predicted.push(answer);
  }
  return scoreRegression(truth, predicted);
}
