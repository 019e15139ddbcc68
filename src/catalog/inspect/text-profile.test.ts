import { describe, expect, it } from 'vitest';
import { comparable, isDense, languageOf, languageShares, scriptShares, standsIn } from './text-profile.ts';

describe('standsIn', () => {
  const stands = (text: string, value: string) => standsIn(comparable(text), comparable(value));

  it('finds whole words in any case', () => {
    expect(stands('A Red dress', 'red')).toBe(true);
    expect(stands('Bored of it', 'red')).toBe(false);
    expect(stands('infrared, red', 'Red')).toBe(true);
    expect(stands('Size 42', '42')).toBe(true);
    expect(stands('Size 420', '42')).toBe(false);
  });

  it('takes a number and its unit apart', () => {
    expect(stands('Lure 40mm', '40')).toBe(true);
    expect(stands('3.5g (new)', '3.5g')).toBe(true);
  });

  it('finds words in scripts without spaces', () => {
    expect(stands('女性用コットン長袖シャツ', 'コットン')).toBe(true);
    expect(stands('赤いシャツ', '赤')).toBe(true);
  });

  it('finds nothing in nothing', () => {
    expect(stands('abc', '')).toBe(false);
    expect(stands('', 'abc')).toBe(false);
  });
});

describe('scripts and languages', () => {
  it('shares out the letters of mixed texts', () => {
    const shares = Object.fromEntries(
      scriptShares(['abcd', 'Привет', '42']).map(({ script, share }) => [script, share]),
    );
    expect(shares).toEqual({ Cyrillic: 0.6, Latin: 0.4 });
    expect(scriptShares(['42'])).toEqual([]);
  });

  it('tells languages by their small words', () => {
    expect(languageOf('The best shoes for you and your friends')).toBe('English');
    expect(languageOf('Das Hemd ist aus Leinen und mit Knöpfen')).toBe('German');
    expect(languageOf('Une robe avec des manches pour les soirées')).toBe('French');
    expect(languageOf('コットンシャツ')).toBe('Japanese');
    expect(languageOf('纯棉衬衫')).toBe('Chinese');
    expect(languageOf('Acme X200 Pro')).toBeUndefined();
  });

  it('does not guess the language where hardly any text tells', () => {
    expect(
      languageShares(['the cup and the mug', ...Array.from({ length: 40 }, (_, i) => `Acme X${i}`)]),
    ).toEqual([]);
  });

  it('knows scripts in which a character is about a token', () => {
    expect(isDense(scriptShares(['纯棉衬衫 shirt']))).toBe(true);
    expect(isDense(scriptShares(['cotton shirt']))).toBe(false);
  });
});
