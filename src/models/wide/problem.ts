/** The regression of one attribute: its columns, and how often training has each of its classes. */
import type { KnownLabel } from '../attribute/labels.ts';
import { type ChoiceSpec, type Columns, choiceColumns } from '../attribute/spec.ts';
import { targetClasses } from './row-loss.ts';

/** One attribute's regression. `classCounts` are rows by class, `count` rows in all. */
export type Problem = {
  readonly choice: ChoiceSpec;
  readonly places: ReadonlyMap<string, number>;
  readonly columns: Columns;
  readonly classCounts: Float64Array;
  count: number;
};

export function problemsOf(choices: readonly ChoiceSpec[]): readonly Problem[] {
  const columns = choiceColumns(choices);
  return choices.map((choice, i) => ({
    choice,
    places: new Map(choice.values.map((value, v) => [value, v])),
    columns: columns[i]!,
    classCounts: new Float64Array(columns[i]!.size),
    count: 0,
  }));
}

/** @returns whether the label says something */
export function countLabel(problem: Problem, labels: Readonly<Record<string, KnownLabel>>): boolean {
  const targets = targetClasses(problem.choice, problem.places, labels[problem.choice.attribute]);
  if (targets === undefined) return false;
  for (const target of targets) problem.classCounts[target]!++;
  problem.count++;
  return true;
}

/** ln of each class's share, a class without rows counting half a one. */
export function logPriors({ classCounts, count }: Problem): Float32Array {
  return Float32Array.from(classCounts, (n) => Math.log((n + 0.5) / (count + 0.5 * classCounts.length)));
}

/** ln of the odds of each value of a multi. */
export function logOdds({ classCounts, count }: Problem): Float32Array {
  return Float32Array.from(classCounts, (n) => Math.log((n + 0.5) / (count - n + 0.5)));
}
