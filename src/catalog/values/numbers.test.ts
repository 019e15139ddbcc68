import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { detectDecimal, parseNumber } from './numbers.ts';

const read = (text: string, decimal?: 'point' | 'comma') => {
  const reading = parseNumber(text, decimal);
  return reading.ok ? reading.value : reading.reason;
};

describe('parseNumber', () => {
  it.each([
    ['1.234,56', 1234.56],
    ['1,234.56', 1234.56],
    ['1 234', 1234],
    ['1\u202f234,5', 1234.5],
    ["1'234.5", 1234.5],
    ['1’234’567', 1234567],
    ['1,00,000', 100000],
    ['1.234.567', 1234567],
    ['½', 0.5],
    ['3½', 3.5],
    ['3 1/2', 3.5],
    ['5-1/2', 5.5],
    ['-5', -5],
    ['−5', -5],
    ['+7', 7],
    ['.5', 0.5],
    ['5.', 5],
    ['0,125', 0.125],
    ['12,5', 12.5],
    ['1e3', 1000],
    ['2.5E-3', 0.0025],
    ['３７', 37],
    ['٣٫٥', 3.5],
    ['०', 0],
  ])('reads %s', (text, value) => {
    expect(read(text)).toBe(value);
  });

  it('reads one separator before three digits by the decimal mark, and says it is ambiguous', () => {
    expect(parseNumber('1,234')).toEqual({ ok: true, value: 1234, ambiguous: true, mark: undefined });
    expect(parseNumber('1,234', 'comma')).toMatchObject({ value: 1.234, ambiguous: true });
    expect(parseNumber('1.234', 'comma')).toMatchObject({ value: 1234, ambiguous: true });
    expect(parseNumber('12,34', 'point')).toMatchObject({ value: 12.34, ambiguous: false, mark: 'comma' });
  });

  it.each(['', '  ', 'abc', '1.2.3', '1,23,45', '1/0', '3 5/2', '12 34', '--5', '1e999'])(
    'refuses "%s" with a reason',
    (text) => {
      expect(parseNumber(text)).toMatchObject({ ok: false, reason: expect.stringMatching(/./) });
    },
  );

  it('reads back what Intl writes in any locale, given its decimal mark', () => {
    const locales = [
      ['en-US', 'point'],
      ['de-DE', 'comma'],
      ['fr-FR', 'comma'],
      ['de-CH', 'point'],
      ['en-IN', 'point'],
      ['pt-BR', 'comma'],
      ['ar-EG', 'point'],
      ['hi-IN-u-nu-deva', 'point'],
    ] as const;
    const cents = fc.integer({ min: -(10 ** 11), max: 10 ** 11 });
    fc.assert(
      fc.property(
        cents,
        fc.constantFrom(...locales),
        fc.integer({ min: 0, max: 3 }),
        (n, [locale, mark], places) => {
          const value = n / 10 ** places;
          const text = new Intl.NumberFormat(locale, {
            minimumFractionDigits: places,
            maximumFractionDigits: 3,
          }).format(value);
          // Arabic writes a direction mark before its minus.
          expect(read(text.replace(/\p{Cf}/gu, ''), mark)).toBeCloseTo(value, 6);
        },
      ),
    );
  });

  it('never throws and never gives a value that is not finite', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(..."0123456789.,' /½-+e"), maxLength: 14 }), (text) => {
        const reading = parseNumber(text);
        if (reading.ok) expect(Number.isFinite(reading.value)).toBe(true);
      }),
    );
  });
});

describe('detectDecimal', () => {
  it('goes by the cells that can be read one way only', () => {
    const evidence = detectDecimal(['1,5', '2,25', '1,234', '7.5', '3'].map((text) => parseNumber(text)));
    expect(evidence).toEqual({ mark: 'comma', comma: 2, point: 1, ambiguous: 1 });
  });

  it('takes the point where nothing is proved', () => {
    expect(detectDecimal([parseNumber('1,234'), parseNumber('x')]).mark).toBe('point');
  });
});
