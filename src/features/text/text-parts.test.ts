import fc from 'fast-check';
import { expect, it } from 'vitest';
import { BoundedMemo } from './bounded-memo.ts';
import { Heap } from './heap.ts';
import { cutText, LONGEST_PART } from './text-parts.ts';
import { Trie } from './trie.ts';

const parts = (text: string, atSpaces = true) => {
  let from = 0;
  return Array.from(cutText(text, atSpaces), (to) => {
    const part = text.slice(from, to);
    from = to;
    return part;
  });
};

it('cuts a text before single spaces between words only', () => {
  expect(parts('red shoe, 38  wide\n in')).toEqual(['red', ' shoe,', ' 38  wide\n in']);
  expect(parts('red shoe', false)).toEqual(['red shoe']);
  expect(parts('')).toEqual([]);
});

it('does not cut beside what a normaliser may turn into a space', () => {
  expect(parts('a\ufffd b')).toEqual(['a\ufffd b']);
  expect(parts('a\u200b b')).toEqual(['a\u200b b']);
  expect(parts('a \u00a8b')).toEqual(['a \u00a8b']);
});

it('gives parts that make up the text, none too long, none ending inside a surrogate pair', () => {
  const piece = fc.constantFrom(' ', 'a', '鞋', '👟', '\n', 'word ', 'x'.repeat(9000), '👟'.repeat(9000));
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), fc.boolean(), (pieces, atSpaces) => {
      const text = pieces.join('');
      const cut = parts(text, atSpaces);
      expect(cut.join('') === text).toBe(true);
      expect(cut.every((part) => part.length > 0 && part.length <= LONGEST_PART)).toBe(true);
      expect(cut.some((part) => /[\ud800-\udbff]$/.test(part))).toBe(false);
    }),
  );
});

it('remembers what was asked for lately, and never more than two generations', () => {
  const memo = new BoundedMemo<number>(10);
  for (let i = 0; i < 1000; i++) {
    memo.set(`word ${i}`, i);
    memo.get('word 0');
    expect(memo.size).toBeLessThanOrEqual(20);
  }
  expect(memo.get('word 0')).toBe(0);
  expect(memo.get('word 999')).toBe(999);
  expect(memo.get('word 500')).toBeUndefined();
});

it('keeps a heap in order', () => {
  fc.assert(
    fc.property(fc.array(fc.integer()), (numbers) => {
      const heap = new Heap<number>((a, b) => a < b);
      for (const number of numbers) heap.push(number);
      expect(numbers.map(() => heap.pop())).toEqual([...numbers].sort((a, b) => a - b));
      expect(heap.pop()).toBeUndefined();
    }),
  );
});

it('finds in a trie every word that a text starts with', () => {
  const word = fc.string({ unit: fc.constantFrom('a', 'b', '鞋', '👟'), minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(fc.uniqueArray(word, { maxLength: 40 }), word, word, (words, before, after) => {
      const trie = new Trie(1);
      words.forEach((text, value) => {
        trie.add(text, value);
      });
      const found: string[] = [];
      trie.prefixes(before + after, before.length, (value, to) => {
        found.push(words[value]!);
        expect(to).toBe(before.length + words[value]!.length);
      });
      const expected = words.filter((text) => after.startsWith(text)).sort((a, b) => a.length - b.length);
      expect(found).toEqual(expected);
    }),
  );
});
