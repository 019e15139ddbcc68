/**
 * What training labels say of strings: how often a string is the value of an attribute, and how often it stands in a
 * text without being one. The lexicon is a prior beside the encoder; on training products their own labels are taken
 * out of the counts first, so that the model learns how far to trust it.
 */
import {
  addValue,
  noWordCounts,
  textWords,
  WORD_FEATURES,
  type WordCounts,
  wordFeatures,
  wordShares,
} from './value-words.ts';
import { type Candidate, type CandidateOptions, candidatesOf, normaliseValue } from './words.ts';

/** Counts by key, as plain data for a bundle. Keys join parts by U+0001. */
export type LexiconData = {
  /** (category, attribute, value) -> products. */
  readonly values: Readonly<Record<string, number>>;
  /** (category, string) -> products whose text has it. */
  readonly occurrences: Readonly<Record<string, number>>;
  /** (category, attribute, string) -> products that list the attribute and whose text has it. */
  readonly listed: Readonly<Record<string, number>>;
  /** Values as written, for candidates that end inside a word; none where labels as good as never do. */
  readonly exact: Readonly<Record<string, number>>;
};

/** A product as the lexicon sees it: the values of each listed attribute, none for "not applicable". */
export type LabelledText = {
  readonly category: string;
  readonly fields: readonly string[];
  readonly labels: Readonly<Record<string, readonly string[]>>;
};

const VALUE_FEATURES = 14;
export const FEATURES = VALUE_FEATURES + WORD_FEATURES;
const SEPARATOR = '\u0001';
const key = (...parts: readonly string[]) => parts.join(SEPARATOR);

type Counts = Map<string, number>;
const bump = (counts: Counts, at: string) => counts.set(at, (counts.get(at) ?? 0) + 1);

export class Lexicon {
  readonly #values: Counts;
  readonly #occurrences: Counts;
  readonly #listed: Counts;
  readonly #exact: Counts;
  /** (attribute, value) and (category, value), summed over the rest. */
  readonly #byAttribute: Counts = new Map();
  readonly #byCategory: Counts = new Map();
  /** Values of whatever attribute: most strings of a text are none, and need no further look. */
  readonly #anyValue = new Set<string>();
  /** (category, attribute) -> the words of its values. */
  readonly #words = new Map<string, WordCounts>();

  constructor(data: LexiconData) {
    this.#values = new Map(Object.entries(data.values));
    this.#occurrences = new Map(Object.entries(data.occurrences));
    this.#listed = new Map(Object.entries(data.listed));
    this.#exact = new Map(Object.entries(data.exact));
    for (const [at, count] of this.#values) {
      const [category, attribute, value] = at.split(SEPARATOR) as [string, string, string];
      this.#byAttribute.set(
        key(attribute, value),
        (this.#byAttribute.get(key(attribute, value)) ?? 0) + count,
      );
      this.#byCategory.set(key(category, value), (this.#byCategory.get(key(category, value)) ?? 0) + count);
      this.#anyValue.add(value);
      const words = this.#words.get(key(category, attribute)) ?? noWordCounts();
      this.#words.set(key(category, attribute), words);
      addValue(words, value, count);
    }
  }

  /** Exact values, for `candidatesOf`. */
  get knownValues(): ReadonlySet<string> {
    return new Set(this.#exact.keys());
  }

  timesExact(value: string): number {
    return this.#exact.get(value) ?? 0;
  }

  toData(): LexiconData {
    return {
      values: Object.fromEntries(this.#values),
      occurrences: Object.fromEntries(this.#occurrences),
      listed: Object.fromEntries(this.#listed),
      exact: Object.fromEntries(this.#exact),
    };
  }

  /**
   * Features of every candidate for every attribute.
   * @param own - the product's own labels when it is a training product: they are taken out of the counts
   * @returns `[candidates, attributes, FEATURES]`
   */
  features(
    product: Omit<LabelledText, 'labels'>,
    candidates: readonly Candidate[],
    attributes: readonly string[],
    own?: LabelledText['labels'],
  ): Float32Array {
    const { category, fields } = product;
    const out = new Float32Array(candidates.length * attributes.length * FEATURES);
    const self = own === undefined ? 0 : 1;
    const ownCounts = ownValues(own);
    const words = fields.map((field) =>
      textWords(field, (word) => Math.max(0, (this.#occurrences.get(key(category, word)) ?? 0) - self)),
    );
    const shares = attributes.map((attribute) => {
      const mine = noWordCounts();
      for (const value of own?.[attribute] ?? []) addValue(mine, normaliseValue(value), 1);
      const counts = this.#words.get(key(category, attribute)) ?? noWordCounts();
      return words.map((each) => wordShares(each, counts, mine));
    });
    const seen = new Set<string>();
    const known: Candidate[][] = attributes.map(() => []);
    const knownAt: number[][] = attributes.map(() => []);
    for (const [c, candidate] of candidates.entries()) {
      const text = fields[candidate.field]!;
      const value = normaliseValue(text.slice(candidate.start, candidate.end));
      const occurrences = Math.max(0, (this.#occurrences.get(key(category, value)) ?? 0) - self);
      const isValue = this.#anyValue.has(value);
      const inCategory = isValue ? (this.#byCategory.get(key(category, value)) ?? 0) : 0;
      const first = !seen.has(value);
      seen.add(value);
      const ownTotal = ownCounts.totals.get(value) ?? 0;
      for (const [a, attribute] of attributes.entries()) {
        const at = (c * attributes.length + a) * FEATURES;
        const mine = isValue ? (ownCounts.byAttribute.get(key(attribute, value)) ?? 0) : 0;
        const all = isValue ? (this.#values.get(key(category, attribute, value)) ?? 0) : 0;
        const count = all - mine;
        const anywhere = isValue ? (this.#byAttribute.get(key(attribute, value)) ?? 0) - mine : 0;
        if (count > 0) {
          const listed =
            (this.#listed.get(key(category, attribute, value)) ?? 0) - (own && attribute in own ? 1 : 0);
          out[at] = 1;
          out[at + 1] = Math.log1p(count);
          out[at + 2] = count / (Math.max(occurrences, count) + 1);
          out[at + 3] = count / (Math.max(listed, count) + 1);
          out[at + 4] = Math.log((count + 0.3) / (Math.max(occurrences - count, 0) + 0.3));
          known[a]!.push(candidate);
          knownAt[a]!.push(at);
        } else {
          out[at + 5] = Math.log1p(occurrences);
        }
        if (anywhere > 0) {
          out[at + 6] = 1;
          out[at + 7] = Math.log1p(anywhere);
        }
        const others = inCategory - all - (ownTotal - mine);
        if (others > 0) out[at + 8] = others / (Math.max(occurrences, others) + 1);
        out[at + 10] = candidate.partial ? 1 : 0;
        out[at + 11] = first ? 1 : 0;
        out[at + 12] = candidate.field === 0 ? 0 : 1;
        out[at + 13] = candidate.start / Math.max(1, text.length);
        const { field } = candidate;
        wordFeatures(words[field]!, shares[a]![field]!, candidate, out, at + VALUE_FEATURES);
      }
    }
    for (const [a, list] of known.entries()) {
      list.forEach((inner, i) => {
        const inside = list.some(
          (outer) =>
            outer.field === inner.field &&
            outer.start <= inner.start &&
            outer.end >= inner.end &&
            outer.end - outer.start > inner.end - inner.start,
        );
        if (inside) out[knownAt[a]![i]! + 9] = 1;
      });
    }
    return out;
  }
}

function ownValues(own: LabelledText['labels'] | undefined): {
  readonly byAttribute: Counts;
  readonly totals: Counts;
} {
  const byAttribute: Counts = new Map();
  const totals: Counts = new Map();
  for (const [attribute, values] of Object.entries(own ?? {})) {
    for (const value of values.map(normaliseValue)) {
      bump(byAttribute, key(attribute, value));
      bump(totals, value);
    }
  }
  return { byAttribute, totals };
}

/** A string that stands in one product only says nothing once that product is taken out; such counts are dropped. */
const SMALLEST_COUNT = 2;

/** Candidates end inside words where at least this share of the labelled values do. */
const SMALLEST_CUT_SHARE = 0.01;

/** Learns a lexicon in two passes over the labelled products: values first, then where they and other strings stand. */
export async function learnLexicon(
  products: () => AsyncIterable<LabelledText> | Iterable<LabelledText>,
  options: Omit<CandidateOptions, 'knownValues'>,
): Promise<Lexicon> {
  const values: Counts = new Map();
  const exact: Counts = new Map();
  const anyValue = new Set<string>();
  let standing = 0;
  let cut = 0;
  for await (const { category, fields, labels } of products()) {
    for (const [attribute, list] of Object.entries(labels)) {
      for (const value of list) {
        bump(values, key(category, attribute, normaliseValue(value)));
        bump(exact, value);
        anyValue.add(normaliseValue(value));
        const ending = endingOf(value, fields);
        if (ending !== undefined) standing++;
        if (ending === 'inside a word') cut++;
      }
    }
  }
  if (cut < SMALLEST_CUT_SHARE * standing) exact.clear();
  const occurrences: Counts = new Map();
  const listed: Counts = new Map();
  const knownValues = new Set(exact.keys());
  for await (const { category, fields, labels } of products()) {
    const strings = new Set(
      candidatesOf(fields, { ...options, knownValues }).map(({ field, start, end }) =>
        normaliseValue(fields[field]!.slice(start, end)),
      ),
    );
    for (const text of strings) {
      bump(occurrences, key(category, text));
      if (anyValue.has(text))
        for (const attribute of Object.keys(labels)) bump(listed, key(category, attribute, text));
    }
  }
  for (const [at, count] of occurrences) {
    if (count < SMALLEST_COUNT && !anyValue.has(at.slice(at.indexOf(SEPARATOR) + 1))) occurrences.delete(at);
  }
  for (const at of listed.keys()) if (!values.has(at)) listed.delete(at);
  return new Lexicon({
    values: Object.fromEntries(values),
    occurrences: Object.fromEntries(occurrences),
    listed: Object.fromEntries(listed),
    exact: Object.fromEntries(exact),
  });
}

/** How a value ends where it stands; undefined where it stands nowhere. */
function endingOf(value: string, fields: readonly string[]): 'with a word' | 'inside a word' | undefined {
  let stands = false;
  for (const text of fields) {
    for (let at = text.indexOf(value); at >= 0; at = text.indexOf(value, at + 1)) {
      const end = at + value.length;
      if (!/^[\p{L}\p{M}\p{N}]{2}/u.test(text.slice(end - 1, end + 2))) return 'with a word';
      stands = true;
    }
  }
  return stands ? 'inside a word' : undefined;
}
