import fc from 'fast-check';
import { expect, it } from 'vitest';
import { candidatesOf, normaliseValue, wordsOf } from './words.ts';

const texts = (text: string, limit = 99) =>
  wordsOf(text, limit).map(({ start, end }) => text.slice(start, end));
const spans = (text: string, maxWords: number, known: readonly string[] = []) =>
  candidatesOf([text], { maxWords, wordLimits: [99], knownValues: new Set(known) }).map(({ start, end }) =>
    text.slice(start, end),
  );

it('runs of letters and digits are words, and so is every other mark', () => {
  expect(texts('Blue-grey mug, 350ml!')).toEqual(['Blue', '-', 'grey', 'mug', ',', '350ml', '!']);
  expect(texts('Größe für Ömer')).toEqual(['Größe', 'für', 'Ömer']);
  expect(texts('e\u0301te\u0301')).toEqual(['e\u0301te\u0301']);
});

it('scripts without spaces have a word a character, beside those that have', () => {
  expect(texts('紅色杯子 red')).toEqual(['紅', '色', '杯', '子', 'red']);
  expect(texts('USBケーブル')).toEqual(['USB', 'ケ', 'ー', 'ブ', 'ル']);
  expect(spans('紅色杯子', 2)).toContain('紅色');
});

it('a pair of surrogates is never cut', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 30 }), (text) => {
      for (const { start, end } of wordsOf(text, 99)) {
        const [first, last] = [text.charCodeAt(start), text.charCodeAt(end - 1)];
        const loneLow =
          first >= 0xdc00 &&
          first < 0xe000 &&
          text.charCodeAt(start - 1) >= 0xd800 &&
          text.charCodeAt(start - 1) < 0xdc00;
        const loneHigh =
          last >= 0xd800 && last < 0xdc00 && text.charCodeAt(end) >= 0xdc00 && text.charCodeAt(end) < 0xe000;
        expect(loneLow || loneHigh).toBe(false);
      }
    }),
  );
  expect(texts('🔥 hot 👩‍👩‍👧')).toContain('🔥');
});

it('words do not overlap, come in order, and leave out only space', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 40 }), (text) => {
      let at = 0;
      for (const { start, end } of wordsOf(text, 999)) {
        expect(text.slice(at, start).trim()).toBe('');
        expect(end).toBeGreaterThan(start);
        at = end;
      }
      expect(text.slice(at).trim()).toBe('');
    }),
  );
});

it('candidates are all runs of up to so many words, of so many words of a field', () => {
  expect(spans('a b c', 2)).toEqual(['a', 'a b', 'b', 'b c', 'c']);
  const two = candidatesOf(['a b', 'c d e'], { maxWords: 1, wordLimits: [1, 2], knownValues: new Set() });
  expect(two.map(({ field, start }) => [field, start])).toEqual([
    [0, 0],
    [1, 0],
    [1, 2],
  ]);
});

it('a candidate ends inside a word only where training knows such a value', () => {
  expect(spans('350ml mug', 1)).not.toContain('350');
  const found = candidatesOf(['350ml mug'], { maxWords: 1, wordLimits: [9], knownValues: new Set(['350']) });
  expect(found.filter(({ partial }) => partial)).toEqual([
    { field: 0, start: 0, end: 3, words: 1, partial: true },
  ]);
});

it('values are compared without case and with single spaces', () => {
  expect(normaliseValue('  Navy\u00a0 Blue ')).toBe('navy blue');
});
