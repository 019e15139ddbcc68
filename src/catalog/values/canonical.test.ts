import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  canonicaliser,
  learnCanonicalForms,
  namesOfForms,
  pluralKey,
  spellingKey,
  splitValues,
} from './canonical.ts';

describe('spellingKey', () => {
  it.each([
    ['Navy-Blue', 'NAVY  blue'],
    ['T-Shirt', 'tshirt'],
    ['Café', 'cafe'],
    ['Black & White', 'black and white'],
    ['32GB', '32 gb'],
    ["Men's", 'mens'],
    ['5 - 6', '5–6'],
    ['Größe', 'GROSSE'],
  ])('takes "%s" and "%s" for one', (a, b) => {
    expect(spellingKey(a)).toBe(spellingKey(b));
  });

  it.each([
    ['5.5', '55'],
    ['1/2', '12'],
    ['2 10', '210'],
    ['A+', 'A'],
    ['C#', 'C'],
    ['-5', '5'],
    ['3/4 Sleeve', '34 Sleeve'],
    ['が', 'か'],
    ['€5', '$5'],
    ['-', '/'],
    ['a -3', 'a-3'],
  ])('tells "%s" from "%s"', (a, b) => {
    expect(spellingKey(a)).not.toBe(spellingKey(b));
  });

  it('is idempotent, and blind to case and outer spaces', () => {
    const text = fc.string({ unit: fc.constantFrom(..."abcé-& /.,0123 '+"), maxLength: 12 });
    fc.assert(
      fc.property(text, (raw) => {
        const key = spellingKey(raw);
        expect(spellingKey(key)).toBe(key);
        expect(spellingKey(` ${raw} `.toUpperCase())).toBe(key);
      }),
    );
  });
});

describe('pluralKey', () => {
  it('drops English plurals and leaves what only looks like one', () => {
    expect(pluralKey('Dresses')).toBe(pluralKey('dress'));
    expect(pluralKey('Berries')).toBe(pluralKey('berry'));
    expect(pluralKey('Shoes')).toBe(pluralKey('shoe'));
    expect(pluralKey('Boxes')).toBe(pluralKey('box'));
    expect(pluralKey('Dress')).toBe('dress');
    expect(pluralKey('XS')).toBe('xs');
  });
});

describe('canonicaliser', () => {
  const canonical = canonicaliser({
    values: ['Blue', 'Red', 'Glass', 'Glasses', 'Sky Blue'],
    synonyms: { Blue: ['navy', 'sky blue', 'bleu'], Red: ['rouge', 'BLEU'] },
  });

  it('maps spellings, plurals and synonyms', () => {
    for (const raw of ['Blue', ' blue', 'BLUES', 'Navy', 'navies'.replace('ies', 'y')])
      expect(canonical(raw)).toEqual({ ok: true, value: 'Blue' });
  });

  it('prefers the value as it is written', () => {
    expect(canonical('glass')).toEqual({ ok: true, value: 'Glass' });
    expect(canonical('glasses')).toEqual({ ok: true, value: 'Glasses' });
  });

  it('lets no synonym take a canonical value', () => {
    expect(canonical('sky-blue')).toEqual({ ok: true, value: 'Sky Blue' });
  });

  it('leaves what two values claim, and what nobody knows, unknown', () => {
    expect(canonical('Bleu')).toEqual({ ok: false, unknown: 'Bleu' });
    expect(canonical(' vert ')).toEqual({ ok: false, unknown: 'vert' });
  });

  it('maps every value to itself, whatever the others are', () => {
    const values = fc.uniqueArray(
      fc
        .string({ minLength: 1, maxLength: 6 })
        .map((text) => text.trim())
        .filter(Boolean),
    );
    fc.assert(
      fc.property(values, (list) => {
        const map = canonicaliser({ values: list, synonyms: {} });
        for (const value of list) expect(map(value)).toEqual({ ok: true, value });
      }),
    );
  });
});

describe('learnCanonicalForms', () => {
  it('groups variants under the commonest', () => {
    const forms = learnCanonicalForms([
      ['navy blue', 5],
      ['Navy-Blue', 9],
      ['NAVY BLUE', 1],
      ['Red', 2],
    ]);
    expect(forms.map(({ canonical, count }) => [canonical, count])).toEqual([
      ['Navy-Blue', 15],
      ['Red', 2],
    ]);
    expect(namesOfForms(forms)).toEqual({
      values: ['Navy-Blue', 'Red'],
      synonyms: { 'Navy-Blue': ['navy blue', 'NAVY BLUE'] },
    });
  });

  it('joins a rare plural, and keeps two well-used forms apart', () => {
    expect(
      learnCanonicalForms([
        ['Shirt', 100],
        ['shirts', 3],
      ]),
    ).toHaveLength(1);
    expect(
      learnCanonicalForms([
        ['Glass', 100],
        ['Glasses', 80],
      ]),
    ).toHaveLength(2);
  });

  it('loses no count, and its canonical forms map to themselves', () => {
    const counts = fc.array(
      fc.tuple(
        fc.constantFrom('a b', 'A-B', 'ab', 'Dress', 'dresses', 'DRESS', '5.5', '55', 'é', 'e'),
        fc.integer({ min: 1, max: 50 }),
      ),
    );
    fc.assert(
      fc.property(counts, (pairs) => {
        const forms = learnCanonicalForms(pairs);
        expect(forms.reduce((sum, form) => sum + form.count, 0)).toBe(
          pairs.reduce((sum, [, n]) => sum + n, 0),
        );
        const map = canonicaliser(namesOfForms(forms));
        for (const { canonical, variants } of forms)
          for (const { text } of variants) expect(map(text)).toEqual({ ok: true, value: canonical });
      }),
    );
  });
});

describe('splitValues', () => {
  it('splits, trims and drops empty and repeated parts', () => {
    expect(splitValues('red, blue,,red ', ',')).toEqual(['red', 'blue']);
    expect(splitValues('a | b', ' | ')).toEqual(['a', 'b']);
    expect(splitValues(' a, b ', undefined)).toEqual(['a, b']);
    expect(splitValues('  ', ',')).toEqual([]);
  });
});
