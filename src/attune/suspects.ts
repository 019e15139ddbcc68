/** Labels of a file that a model doubts, of those that it did not learn. */
import { type Suspect, suspectLabels } from '../monitoring/people/suspects.ts';
import type { KnownIds } from '../monitoring/summary/known-ids.ts';
import type { Collected } from '../prediction/collect.ts';
import { contentKey } from './observe-files.ts';

export type AttributeSuspects = {
  readonly attribute: string;
  /** Labels that were looked at. */
  readonly labels: number;
  /** Of products that the model was trained on: it believes what it learned. */
  readonly learned: number;
  /** The label that the model believes least first. */
  readonly suspects: readonly Suspect[];
};

/** How many values of an answer are needed beside the label. */
export const SUSPECT_VALUES = 50;

/** Of choices; other kinds have no one probability of a label. @param collected - with `SUSPECT_VALUES` alternatives */
export function suspectsOf(
  collected: readonly Collected[],
  trainedOn: KnownIds,
): readonly AttributeSuspects[] {
  return collected
    .filter(({ kind, truth }) => kind === 'choice' && truth.length > 0)
    .map(({ attribute, truth, answers, products }) => {
      const judged = truth.flatMap((label, i) => {
        const product = products[i]!;
        if (label.state !== 'values' || label.values.length !== 1 || trainedOn.has(contentKey(product)))
          return [];
        const probabilities = new Map(
          answers[i]!.alternatives.map(({ value, probability }) => [String(value), probability]),
        );
        return [{ id: product.id as string, label: label.values[0]!, probabilities }];
      });
      const learned = products.filter((product) => trainedOn.has(contentKey(product))).length;
      return { attribute, labels: judged.length, learned, suspects: suspectLabels(judged) };
    });
}
