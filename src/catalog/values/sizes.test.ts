import { describe, expect, it } from 'vitest';
import { convertShoe, parseSize } from './sizes.ts';

describe('parseSize', () => {
  it.each([
    ['xx-large', 'letter', 'XXL'],
    ['2XL', 'letter', 'XXL'],
    ['2X', 'letter', 'XXL'],
    ['XXXL', 'letter', 'XXXL'],
    ['Medium', 'letter', 'M'],
    ['S/M', 'letter', 'S/M'],
    ['m-l', 'letter', 'M/L'],
    ['EU 42,5', 'shoe-eu', 'EU 42.5'],
    ['9 UK', 'shoe-uk', 'UK 9'],
    ['US 7 1/2', 'shoe-us', 'US 7.5'],
    ['98/104', 'height-cm', '98/104'],
    ['104-110', 'height-cm', '104/110'],
    ['98 cm', 'height-cm', '98'],
    ['2-3 years', 'age-months', '2-3 years'],
    ['18-24M', 'age-months', '18-24 months'],
    ['2T', 'age-months', '2 years'],
    ['32W x 34L', 'waist-length', 'W32 L34'],
    ['75 B', 'bra', '75B'],
    ['One Size', 'one-size', 'one size'],
    ['Größe 36', 'number', '36'],
    ['36/38', 'number', '36/38'],
    ['8½', 'number', '8.5'],
  ])('reads %s', (text, system, canonical) => {
    expect(parseSize(text)).toMatchObject({ ok: true, system, canonical });
  });

  it('takes the system of a bare number from the hint', () => {
    expect(parseSize('42', 'shoe-eu')).toMatchObject({ system: 'shoe-eu', canonical: 'EU 42' });
    expect(parseSize('98', 'height-cm')).toMatchObject({ system: 'height-cm' });
  });

  it('reads what it writes to itself', () => {
    for (const text of [
      'XXL',
      'S/M',
      'EU 42.5',
      '98/104',
      '2-3 years',
      '18-24 months',
      'W32 L34',
      '75B',
      'one size',
      '42',
    ])
      expect(parseSize(text)).toMatchObject({ canonical: text });
  });

  it('orders letters', () => {
    const lows = ['XXS', 'XS', 'S', 'M', 'L', 'XL', 'XXL', '3XL', '4XL'].map((text) => {
      const size = parseSize(text);
      return size.ok ? size.low : Number.NaN;
    });
    expect(lows).toEqual([...lows].sort((a, b) => a - b));
    expect(new Set(lows).size).toBe(lows.length);
  });

  it.each(['', 'x', 'blue', '5XM', 'W3'])('gives a reason for "%s"', (text) => {
    expect(parseSize(text)).toMatchObject({ ok: false, reason: expect.stringMatching(/./) });
  });
});

describe('convertShoe', () => {
  it('agrees with the usual tables', () => {
    expect(convertShoe(42, 'shoe-eu', 'shoe-uk', 'men')).toBe(8);
    expect(convertShoe(42, 'shoe-eu', 'shoe-us', 'men')).toBe(9);
    expect(convertShoe(38, 'shoe-eu', 'shoe-us', 'women')).toBe(7);
    expect(convertShoe(9, 'shoe-us', 'shoe-eu', 'men')).toBe(42);
  });

  it('comes back to where it started, to half a size', () => {
    for (let size = 35; size <= 48; size += 0.5) {
      for (const wearer of ['men', 'women'] as const) {
        const there = convertShoe(size, 'shoe-eu', 'shoe-us', wearer);
        expect(Math.abs(convertShoe(there, 'shoe-us', 'shoe-eu', wearer) - size)).toBeLessThanOrEqual(0.5);
      }
    }
  });
});
