/** What shoppers searched for and did not find: which queries, and which of their words no product is said to have. */
import { wilsonInterval } from '../../evaluation/intervals/wilson.ts';
import type { SearchOutcome } from '../../store/shopping.ts';
import { partsOf } from './searches.ts';

export type FruitlessSearches = {
  /** Searches that could be followed, and those of them that led to no product. */
  readonly searches: number;
  readonly fruitless: number;
  /** Most often fruitless first. */
  readonly queries: readonly SearchOutcome[];
  /**
   * Words that no value of an attribute has, of queries that are fruitless more often than others: the lower end of Wilson's interval, 95%,
   * lies above the share of all. The shop may lack the product, or its attributes the word.
   */
  readonly words: readonly { readonly word: string; readonly searches: number; readonly fruitless: number }[];
};

/** What fewer visits searched for is chance, and may tell who they were. */
const LEAST_FRUITLESS = 3;
const MOST_TOLD = 20;

/** @param values - of the attributes of the shop */
export function fruitlessSearches(
  outcomes: readonly SearchOutcome[],
  values: readonly { readonly value: string }[],
): FruitlessSearches {
  const known = new Set(values.flatMap(({ value }) => partsOf(value)));
  const byWord = new Map<string, { searches: number; fruitless: number }>();
  let [searches, fruitless] = [0, 0];
  for (const outcome of outcomes) {
    searches += outcome.searches;
    fruitless += outcome.fruitless;
    for (const word of new Set(partsOf(outcome.query))) {
      if (known.has(word)) continue;
      const before = byWord.get(word) ?? { searches: 0, fruitless: 0 };
      byWord.set(word, {
        searches: before.searches + outcome.searches,
        fruitless: before.fruitless + outcome.fruitless,
      });
    }
  }
  const usual = searches === 0 ? 0 : fruitless / searches;
  const words = [...byWord]
    .map(([word, counts]) => ({ word, ...counts }))
    .filter((one) => wilsonInterval(one.fruitless, one.searches)!.low > usual);
  return {
    ...{
      searches,
      fruitless,
      queries: told(outcomes, ({ query }) => query),
      words: told(words, ({ word }) => word),
    },
  };
}

function told<T extends { readonly fruitless: number }>(list: readonly T[], nameOf: (one: T) => string): T[] {
  return list
    .filter((one) => one.fruitless >= LEAST_FRUITLESS)
    .sort((a, b) => b.fruitless - a.fruitless || (nameOf(a) < nameOf(b) ? -1 : 1))
    .slice(0, MOST_TOLD);
}
