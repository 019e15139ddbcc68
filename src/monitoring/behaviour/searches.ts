/** Products that shoppers find by a value that they are not said to have, more often than others are. */
import { wilsonInterval } from '../../evaluation/intervals/wilson.ts';
import type { FoundProduct } from '../../store/shopping.ts';

export type SearchFinding = {
  readonly productId: string;
  readonly attribute: string;
  /** By how much the lower end of the interval lies above what is usual, in (0, 1]. */
  readonly excess: number;
  readonly evidence: {
    /** What the queries ask for, most often. */
    readonly value: string;
    /** What the product is said to have. */
    readonly has: readonly string[];
    /** Times it was found by a query that names a value of the attribute; those of another value than it has, and purchases among them. */
    readonly found: number;
    readonly otherwise: number;
    readonly bought: number;
    /** Wilson's interval of otherwise / found, 95%. */
    readonly low: number;
    readonly high: number;
    /** The share of the other products. */
    readonly usual: number;
    readonly queries: readonly { readonly query: string; readonly found: number }[];
  };
};

/** Fewer are chance. */
const LEAST_FOUND = 3;
const MOST_QUERIES = 5;

type Tally = {
  readonly productId: string;
  readonly attribute: string;
  found: number;
  otherwise: number;
  bought: number;
  readonly values: Map<string, number>;
  readonly queries: { readonly query: string; readonly found: number }[];
};

/**
 * @param words - values that queries may name, by attribute
 * @param valuesOf - of a product, in force; empty where it has none
 * @returns the strongest first
 */
export function unexpectedSearches(
  found: readonly FoundProduct[],
  words: readonly { readonly attribute: string; readonly value: string }[],
  valuesOf: (productId: string, attribute: string) => readonly string[],
): readonly SearchFinding[] {
  const naming = namedIn(words);
  const tallies = new Map<string, Tally>();
  for (const { query, productId, found: times, bought } of found)
    for (const [attribute, named] of naming(query)) {
      const key = JSON.stringify([productId, attribute]);
      const tally = tallies.get(key) ?? newTally(productId, attribute);
      tallies.set(key, tally);
      tally.found += times;
      const has = valuesOf(productId, attribute).map((value) => value.toLowerCase());
      if (named.some((value) => has.includes(value.toLowerCase()))) continue;
      tally.otherwise += times;
      tally.bought += bought;
      for (const value of named) tally.values.set(value, (tally.values.get(value) ?? 0) + times);
      tally.queries.push({ query, found: times });
    }
  const totals = new Map<string, { found: number; otherwise: number }>();
  for (const { attribute, found: times, otherwise } of tallies.values()) {
    const all = totals.get(attribute) ?? { found: 0, otherwise: 0 };
    totals.set(attribute, { found: all.found + times, otherwise: all.otherwise + otherwise });
  }
  return [...tallies.values()]
    .flatMap((tally): SearchFinding[] => {
      const { productId, attribute, found: times, otherwise, bought } = tally;
      if (otherwise < LEAST_FOUND) return [];
      const all = totals.get(attribute)!;
      const usual = all.found === times ? 0 : (all.otherwise - otherwise) / (all.found - times);
      const { low, high } = wilsonInterval(otherwise, times)!;
      if (low <= usual) return [];
      const [[value] = ['']] = [...tally.values].sort((a, b) => b[1] - a[1]);
      const queries = tally.queries.sort((a, b) => b.found - a.found).slice(0, MOST_QUERIES);
      const evidence = { value, has: valuesOf(productId, attribute), found: times, otherwise, bought };
      return [
        { productId, attribute, excess: low - usual, evidence: { ...evidence, low, high, usual, queries } },
      ];
    })
    .sort((a, b) => b.excess - a.excess || (a.productId < b.productId ? -1 : 1));
}

const newTally = (productId: string, attribute: string): Tally => ({
  ...{ productId, attribute, found: 0, otherwise: 0, bought: 0, values: new Map(), queries: [] },
});

const MOST_WORDS = 4;

/** The values that a query names as whole words, by attribute. */
function namedIn(words: readonly { readonly attribute: string; readonly value: string }[]) {
  const known = new Map<string, { readonly attribute: string; readonly value: string }[]>();
  for (const one of words) {
    const key = partsOf(one.value).join(' ');
    known.set(key, [...(known.get(key) ?? []), one]);
  }
  return (query: string): ReadonlyMap<string, readonly string[]> => {
    const parts = partsOf(query);
    const named = new Map<string, string[]>();
    for (let from = 0; from < parts.length; from++)
      for (let to = from + 1; to <= Math.min(parts.length, from + MOST_WORDS); to++)
        for (const { attribute, value } of known.get(parts.slice(from, to).join(' ')) ?? [])
          named.set(attribute, [...(named.get(attribute) ?? []), value]);
    return named;
  };
}

/** Its words, in lower case. */
export const partsOf = (text: string) => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
