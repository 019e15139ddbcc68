/** The figures of a data set: accuracy and macro F1 of each attribute, and what else its README asks for. */
import { scoreClassification } from '../../src/evaluation/metrics/classification.ts';
import { rocAuc } from '../../src/evaluation/metrics/ranking-scores.ts';
import type { ClassificationRow, DataSet } from './data.ts';

/** The answer for each attribute, and the probability of "1" where it was asked for. */
export type PredictedRow = {
  readonly values: Readonly<Record<string, string>>;
  readonly recommended?: number | undefined;
};

/** In per cent, but the error of the rating, which is in stars. */
export type Score = { readonly name: string; readonly value: number; readonly better: 'more' | 'less' };

export function scores(
  { name, attributes }: DataSet,
  rows: readonly ClassificationRow[],
  predicted: readonly PredictedRow[],
): readonly Score[] {
  const each = attributes.map((attribute) => {
    const labelled = rows.flatMap(({ labels }, i) => {
      const truth = labels[attribute];
      return truth === undefined ? [] : [{ truth, answer: predicted[i]!.values[attribute] ?? '' }];
    });
    const { accuracy, macro } = scoreClassification(
      labelled.map(({ truth }) => truth),
      labelled.map(({ answer }) => answer),
    );
    return { attribute, labelled, accuracy: 100 * (accuracy ?? 0), macroF1: 100 * macro.f1 };
  });
  const main = each.flatMap(({ attribute, accuracy, macroF1 }) => [
    more(`${name} ${attribute} accuracy`, accuracy),
    more(`${name} ${attribute} macro F1`, macroF1),
  ]);
  if (name === 'myntra') {
    const exact = rows.filter(({ labels }, i) =>
      attributes.every((attribute) => labels[attribute] === predicted[i]!.values[attribute]),
    );
    return [
      ...main,
      more(`${name} mean accuracy`, each.reduce((sum, { accuracy }) => sum + accuracy, 0) / each.length),
      more(`${name} exact match`, (100 * exact.length) / rows.length),
    ];
  }
  const rating = each.find(({ attribute }) => attribute === 'Rating')!.labelled;
  const error = rating.reduce((sum, { truth, answer }) => sum + Math.abs(Number(truth) - Number(answer)), 0);
  const auc = rocAuc(
    rows.map(({ labels }) => labels['Recommended IND'] === '1'),
    predicted.map(({ recommended }) => recommended ?? 0),
  );
  return [
    ...main,
    { name: `${name} Rating error`, value: error / rating.length, better: 'less' },
    more(`${name} Recommended IND ROC AUC`, 100 * (auc ?? 0)),
  ];
}

const more = (name: string, value: number): Score => ({ name, value, better: 'more' });
