import { expect, it } from 'vitest';
import { addValue, noWordCounts, textWords, WORD_FEATURES, wordFeatures, wordShares } from './value-words.ts';

const counts = noWordCounts();
addValue(counts, 'dark roast', 3);
addValue(counts, 'medium roast', 2);

/** Features of the words `start` to `start + words` of a text, when each word stands in `times` products. */
function featuresOf(text: string, start: number, words: number, own = noWordCounts(), times = 4) {
  const read = textWords(text, (word) => (word === 'zog' ? 0 : times));
  const out = new Float32Array(WORD_FEATURES + 1).fill(9);
  wordFeatures(read, wordShares(read, counts, own), { start, words }, out, 1);
  return [...out].map((x) => Math.round(x * 1000) / 1000);
}

it('a value that nobody labelled is known by its words', () => {
  // "light" is in no value; "roast" is in five, and ends them all.
  expect(featuresOf('Light roast coffee', 0, 2)).toEqual([9, 0.417, 0, 0, 0, 0, 0.833, 0]);
  expect(featuresOf('Dark roast coffee', 0, 2)).toEqual([9, 0.717, 0.6, 0, 0, 0.6, 0.833, 0]);
});

it('tells that a span stops short of a word that belongs to values, or begins after one', () => {
  expect(featuresOf('Dark roast', 0, 1)[4]).toBeCloseTo(0.833, 3);
  expect(featuresOf('Dark roast', 5, 1)[3]).toBeCloseTo(0.6, 3);
});

it('words that no other product has are counted', () => {
  expect(featuresOf('zog roast', 0, 2)[7]).toBe(0.5);
});

it('a product’s own values are taken out', () => {
  const own = noWordCounts();
  addValue(own, 'dark roast', 3);
  addValue(own, 'medium roast', 2);
  expect(featuresOf('dark roast', 0, 2, own)).toEqual([9, 0, 0, 0, 0, 0, 0, 0]);
});
