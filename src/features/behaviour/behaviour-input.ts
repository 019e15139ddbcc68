/**
 * Behaviour in the shape that a model reads: the vector, each place of it standardised; and of the neighbours and of the queries'
 * words those that are known from training, by number, with weights. Learned from the training products and from no label.
 */
import type { ObservedBehaviour, Weighted } from '../../catalog/product.ts';
import { heavyValues } from '../numbers/heavy-values.ts';
import type { BehaviourEncoding } from './behaviour-encoding.ts';
import { behaviourNames } from './behaviour-vector.ts';

/** Lists of a product, each read as the mean of its members' learned vectors. */
export const BAGS = ['viewed', 'bought', 'words'] as const;
export type Bag = (typeof BAGS)[number];

/** JSON. */
export type BehaviourInput = {
  readonly behaviour: BehaviourEncoding;
  /** Of each place of the vector, over the training products that have a past. */
  readonly mean: readonly number[];
  /** Above 0. */
  readonly deviation: readonly number[];
  /** The members that are known, the most frequent first; the first has number 1, since 0 fills what is empty. */
  readonly known: Readonly<Record<Bag, readonly string[]>>;
};

/** Words that are read of a product at most. */
const MOST_WORDS = 24;
/** A member of fewer training products tells nothing that holds for others. */
const MIN_PRODUCTS = 3;
const MOST_KNOWN = 20_000;
/** Deviations; further out is no further. */
export const CLAMP = 4;
const LONGEST_WORD = 40;

export type BehaviourFit = {
  /** Takes what is known of one training product. */
  readonly add: (observed: ObservedBehaviour) => void;
  /** Products that were added. */
  readonly count: () => number;
  readonly finish: () => BehaviourInput;
};

export function fitBehaviourInput(behaviour: BehaviourEncoding): BehaviourFit {
  const size = behaviourNames(behaviour).length;
  const sums = new Float64Array(size);
  const squares = new Float64Array(size);
  const members = { viewed: heavy(), bought: heavy(), words: heavy() };
  let count = 0;
  return {
    add: (observed) => {
      count++;
      for (const [i, value] of observed.vector.entries()) {
        sums[i]! += value;
        squares[i]! += value * value;
      }
      for (const bag of BAGS) for (const { text } of bagOf(observed, bag)) members[bag].add(text);
    },
    count: () => count,
    finish: () => {
      const n = Math.max(1, count);
      const mean = [...sums].map((total) => total / n);
      const deviation = [...squares].map((total, i) => {
        const variance = total / n - mean[i]! ** 2;
        return variance > 1e-10 ? Math.sqrt(variance) : 1;
      });
      const [viewed, bought, words] = BAGS.map((bag) => frequent(members[bag])) as [
        string[],
        string[],
        string[],
      ];
      return { behaviour, mean, deviation, known: { viewed, bought, words } };
    },
  };
}

const heavy = () => heavyValues(2 * MOST_KNOWN);

function frequent(members: ReturnType<typeof heavyValues>): string[] {
  const often = members.counts().filter(([, count]) => count >= MIN_PRODUCTS);
  return often.slice(0, MOST_KNOWN).map(([text]) => text);
}

function bagOf({ neighbours, queries }: ObservedBehaviour, bag: Bag): readonly Weighted[] {
  return bag === 'words' ? wordsOf(queries) : neighbours[bag];
}

/** The words of the queries, each once, with the weight of all queries that have it. */
function wordsOf(queries: readonly Weighted[]): Weighted[] {
  const weights = new Map<string, number>();
  for (const { text, weight } of queries) {
    const words = new Set(text.match(/[\p{L}\p{N}]+/gu) ?? []);
    for (const word of words)
      if (word.length <= LONGEST_WORD) weights.set(word, (weights.get(word) ?? 0) + weight);
  }
  return [...weights].map(([text, weight]) => ({ text, weight }));
}

/** Places of a bag: what an array of it has for each product. */
export function bagSize({ behaviour }: BehaviourInput, bag: Bag): number {
  return bag === 'words' ? MOST_WORDS : Math.max(1, behaviour.options.neighbours);
}

export type EncodedBehaviour = {
  /** [features] float32, within +-`CLAMP`. */
  readonly values: Float32Array;
  /** For each of `BAGS` its known members' numbers and weights, which sum to 1 where there is any; zeros behind them. */
  readonly ids: readonly Int32Array[];
  readonly weights: readonly Float32Array[];
};

export function behaviourEncoder(input: BehaviourInput): (observed: ObservedBehaviour) => EncodedBehaviour {
  const { mean, deviation, known } = input;
  const numbers = BAGS.map((bag) => new Map(known[bag].map((text, i) => [text, i + 1])));
  return (observed) => {
    const values = Float32Array.from(mean, (center, i) =>
      Math.min(CLAMP, Math.max(-CLAMP, (observed.vector[i]! - center) / deviation[i]!)),
    );
    const bags = BAGS.map((bag, b) => {
      const members = bagOf(observed, bag).filter(({ text }) => numbers[b]!.has(text));
      const size = bagSize(input, bag);
      const most = [...members]
        .sort((x, y) => y.weight - x.weight || (x.text < y.text ? -1 : 1))
        .slice(0, size);
      const total = most.reduce((sum, { weight }) => sum + weight, 0);
      const ids = new Int32Array(size);
      const weights = new Float32Array(size);
      for (const [i, { text, weight }] of most.entries()) {
        ids[i] = numbers[b]!.get(text)!;
        weights[i] = weight / total;
      }
      return { ids, weights };
    });
    return { values, ids: bags.map(({ ids }) => ids), weights: bags.map(({ weights }) => weights) };
  };
}
