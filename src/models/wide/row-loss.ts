/** Loss of one product's scores for one attribute, and its gradient: softmax for one of many, sigmoids for some of many. */
import type { KnownLabel } from '../attribute/labels.ts';
import type { ChoiceSpec } from '../attribute/spec.ts';

/** The classes that a label names, as places in the attribute's own columns; undefined where it says nothing. */
export function targetClasses(
  choice: ChoiceSpec,
  places: ReadonlyMap<string, number>,
  label: KnownLabel | undefined,
): readonly number[] | undefined {
  if (label === undefined || label.state === 'number') return undefined;
  const known = label.state === 'none' ? [] : label.values.flatMap((value) => places.get(value) ?? []);
  if (choice.kind === 'multi') return known;
  if (label.state === 'none') return choice.notApplicable ? [choice.values.length] : undefined;
  return known.length > 0 ? known.slice(0, 1) : undefined;
}

/**
 * -ln softmax(z)[t], or the sum of the binary cross-entropies. `scores` become the gradient with respect to themselves:
 * p - y, both times `weight`.
 * @param scores - logits of the attribute's columns, overwritten
 * @returns the loss, times `weight`
 */
export function lossAndGradient(
  kind: ChoiceSpec['kind'],
  scores: Float64Array,
  targets: readonly number[],
  weight = 1,
): number {
  return kind === 'multi' ? sigmoidLoss(scores, targets, weight) : softmaxLoss(scores, targets[0]!, weight);
}

function softmaxLoss(scores: Float64Array, target: number, weight: number): number {
  let largest = Number.NEGATIVE_INFINITY;
  for (let c = 0; c < scores.length; c++) if (scores[c]! > largest) largest = scores[c]!;
  const margin = largest - scores[target]!;
  let total = 0;
  for (let c = 0; c < scores.length; c++) {
    const power = Math.exp(scores[c]! - largest);
    scores[c] = power;
    total += power;
  }
  const factor = weight / total;
  for (let c = 0; c < scores.length; c++) scores[c]! *= factor;
  scores[target]! -= weight;
  return weight * (Math.log(total) + margin);
}

function sigmoidLoss(scores: Float64Array, targets: readonly number[], weight: number): number {
  let loss = 0;
  for (const target of targets) loss -= scores[target]!;
  for (let c = 0; c < scores.length; c++) {
    const z = scores[c]!;
    // ln(1 + e^z) without overflow.
    loss += Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)));
    scores[c] = weight / (1 + Math.exp(-z));
  }
  for (const target of targets) scores[target]! -= weight;
  return weight * loss;
}
