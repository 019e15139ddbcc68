/**
 * The peer without a model: the longest string of a text that was the attribute's value in at least a fifth of the
 * training products of the category that have it.
 */
import { candidatesOf, normaliseValue } from '../../src/models/attribute/words.ts';
import type { ExtractionProduct } from './rows.ts';
import type { Predicted } from './scores.ts';

const MAX_WORDS = 9;
const LEAST_SHARE = 0.2;

const bump = (counts: Map<string, number>, key: string) => counts.set(key, (counts.get(key) ?? 0) + 1);
const keyOf = (...parts: readonly string[]) => JSON.stringify(parts);

export function lexiconAlone(
  train: readonly ExtractionProduct[],
  test: readonly ExtractionProduct[],
  schema: ReadonlyMap<string, ReadonlySet<string>>,
): readonly Predicted[] {
  const values = new Map<string, number>();
  const exact = new Set<string>();
  for (const { category, targets } of train) {
    for (const [attribute, list] of Object.entries(targets)) {
      for (const value of list) {
        bump(values, keyOf(category, attribute, normaliseValue(value)));
        exact.add(value);
      }
    }
  }
  const occurrences = new Map<string, number>();
  for (const product of train) {
    for (const key of new Set(
      stringsOf(product, exact).map((s) => keyOf(product.category, normaliseValue(s))),
    ))
      bump(occurrences, key);
  }
  return test.map((product) => {
    const strings = stringsOf(product, exact);
    const attributes = schema.get(product.category) ?? [];
    return Object.fromEntries(
      [...attributes].map((attribute) => {
        let longest: string | undefined;
        for (const text of strings) {
          const value = normaliseValue(text);
          const count = values.get(keyOf(product.category, attribute, value)) ?? 0;
          const among = Math.max(count, occurrences.get(keyOf(product.category, value)) ?? 0);
          if (count > 0 && count / among >= LEAST_SHARE && text.length > (longest?.length ?? 0))
            longest = text;
        }
        return [attribute, longest];
      }),
    );
  });
}

function stringsOf({ title, description }: ExtractionProduct, knownValues: ReadonlySet<string>): string[] {
  const fields = [title, description];
  const candidates = candidatesOf(fields, { maxWords: MAX_WORDS, wordLimits: [200, 400], knownValues });
  return candidates.map(({ field, start, end }) => fields[field]!.slice(start, end));
}
