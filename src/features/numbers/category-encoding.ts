/**
 * A category as the number of a row in an embedding table. Rare values share the row of unknown ones, which so is
 * trained; no label is looked at, so nothing of the answer leaks.
 */
import { spellingKey } from '../../catalog/values/canonical.ts';
import { heavyValues } from './heavy-values.ts';

/** The id of a cell that is empty. */
export const MISSING_ID = 0;
/** The id of a value that training did not see, or too rarely. */
export const UNKNOWN_ID = 1;
/** The id of the first value. */
export const FIRST_ID = 2;

/** What was learned of a category input; JSON. The id of `values[i]` is i + 2. */
export type CategoryEncoding = {
  /** As first written in the training data, the most frequent first. */
  readonly values: readonly string[];
};

export type CategoryOptions = {
  /** Values with fewer rows are folded into the unknown. */
  readonly minCount?: number | undefined;
  /** The table's rows but two, at most. */
  readonly maxValues?: number | undefined;
};

const MIN_COUNT = 5;
const MAX_VALUES = 10_000;

export type CategoryFit = {
  /** @param cell - of one training row; several values of one product are as many calls */
  readonly add: (cell: string | null | undefined) => void;
  readonly finish: () => CategoryEncoding;
};

/** Learns ids from a stream of training cells; spellings that differ in case, accents and marks only are one value. */
export function fitCategory({
  minCount = MIN_COUNT,
  maxValues = MAX_VALUES,
}: CategoryOptions = {}): CategoryFit {
  const heavy = heavyValues(Math.max(1000, 8 * maxValues));
  const spellings = new Map<string, string>();
  const add = (cell: string | null | undefined): void => {
    const key = keyOf(cell);
    if (key === undefined) return;
    heavy.add(key);
    if (!spellings.has(key)) spellings.set(key, cell!.trim());
    if (spellings.size > 32 * maxValues + 4000) forget(spellings, heavy.counts());
  };
  const finish = (): CategoryEncoding => ({
    values: heavy
      .counts()
      .filter(([, count]) => count >= minCount)
      .slice(0, maxValues)
      .map(([key]) => spellings.get(key) ?? key),
  });
  return { add, finish };
}

/** Drops the spellings of values that are counted no longer. */
function forget(spellings: Map<string, string>, counts: readonly (readonly [string, number])[]): void {
  const counted = new Set(counts.map(([key]) => key));
  for (const key of spellings.keys()) if (!counted.has(key)) spellings.delete(key);
}

function keyOf(cell: string | null | undefined): string | undefined {
  const text = cell?.trim() ?? '';
  return text === '' ? undefined : spellingKey(text);
}

/** Rows of the embedding table. */
export function categoryCount({ values }: CategoryEncoding): number {
  return FIRST_ID + values.length;
}

/** A function from cells to ids in [0, `categoryCount`). */
export function categoryEncoder({ values }: CategoryEncoding): (cell: string | null | undefined) => number {
  const ids = new Map(values.map((value, i) => [spellingKey(value), FIRST_ID + i]));
  return (cell) => {
    const key = keyOf(cell);
    return key === undefined ? MISSING_ID : (ids.get(key) ?? UNKNOWN_ID);
  };
}
