/** Labels of a file that a model doubts, of those that it did not learn. */
import {
  type Suspect,
  suspectLabels,
  suspectNumbers,
  suspectPieces,
  suspectSets,
} from '../monitoring/people/suspects.ts';
import type { KnownIds } from '../monitoring/summary/known-ids.ts';
import type { Collected } from '../prediction/collect.ts';
import { NUMBER_TOLERANCE } from '../prediction/judge-answer.ts';
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

/** How many values of an answer are needed beside the label: those beyond count as impossible. */
export const SUSPECT_VALUES = 200;

/** Of all kinds but texts that are written, which are right in many ways. @param collected - with `SUSPECT_VALUES` alternatives */
export function suspectsOf(
  collected: readonly Collected[],
  trainedOn: KnownIds,
): readonly AttributeSuspects[] {
  return collected
    .filter(({ kind, truth }) => kind !== 'generate' && truth.length > 0)
    .map((rows) => {
      const unlearned = rows.products.map((product) => !trainedOn.has(contentKey(product)));
      const learned = unlearned.filter((is) => !is).length;
      return { attribute: rows.attribute, learned, ...doubtedOf(rows, unlearned) };
    });
}

function doubtedOf(
  { kind, unit, truth, answers, products }: Collected,
  unlearned: readonly boolean[],
): Pick<AttributeSuspects, 'labels' | 'suspects'> {
  const judged = truth.flatMap((label, i) =>
    unlearned[i] ? [{ label, answer: answers[i]!, id: products[i]!.id }] : [],
  );
  if (kind === 'number') {
    const numbers = judged.flatMap(({ label, answer: { values }, id }) =>
      label.state === 'number' && typeof values[0] === 'number'
        ? [{ id, label: label.value, predicted: values[0] }]
        : [],
    );
    return { labels: numbers.length, suspects: suspectNumbers(numbers, NUMBER_TOLERANCE, unit) };
  }
  const sets = judged.flatMap(({ label, answer, id }) =>
    label.state === 'values'
      ? [
          {
            ...{ id, labels: label.values },
            probabilities: new Map(
              answer.alternatives.map(({ value, probability }) => [String(value), probability]),
            ),
          },
        ]
      : [],
  );
  if (kind === 'multi') return { labels: sets.length, suspects: suspectSets(sets) };
  if (kind === 'extract') return { labels: sets.length, suspects: suspectPieces(sets) };
  const choices = sets.flatMap(({ labels, ...one }) =>
    labels.length === 1 ? [{ ...one, label: labels[0]! }] : [],
  );
  return { labels: choices.length, suspects: suspectLabels(choices) };
}
