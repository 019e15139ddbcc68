import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normaliseQuantity } from './quantity.ts';
import { UNITS } from './unit-table.ts';
import { convert, findUnits, unitOf } from './units.ts';

describe('normaliseQuantity', () => {
  it.each([
    ['10-12 cm', 'mm', 110, 100, 120],
    ['10cm–12cm', 'mm', 110, 100, 120],
    ['10 to 12 inches', 'cm', 27.94, 25.4, 30.48],
    ['10 bis 12 cm', 'cm', 11, 10, 12],
    ['10 à 12 cm', 'cm', 11, 10, 12],
    ['220/240 V', 'V', 230, 220, 240],
    ['10 ± 1 mm', 'mm', 10, 9, 11],
    ['5 lb 3 oz', 'g', 2353.01041938, 2353.01041938, 2353.01041938],
    ['5\'11"', 'cm', 180.34, 180.34, 180.34],
    ['1 h 30 min', 'min', 90, 90, 90],
    ['6 x 330 ml', 'l', 1.98, 1.98, 1.98],
    ['12 cm (4.7 in)', 'mm', 120, 120, 120],
    ['1,5 kg', 'g', 1500, 1500, 1500],
    ['5-1/2 in', 'mm', 139.7, 139.7, 139.7],
    ['12-inch', 'in', 12, 12, 12],
    ['Gewicht: 3,5g', 'g', 3.5, 3.5, 3.5],
    ['16 oz', 'ml', 473.176473, 473.176473, 473.176473],
    ['16 oz', 'g', 453.59237, 453.59237, 453.59237],
    ['256M', 'GB', 0.256, 0.256, 0.256],
    ['2 dozen', 'pcs', 24, 24, 24],
    ['6er-Pack', 'pcs', 6, 6, 6],
    ['-5 °C', '°F', 23, 23, 23],
    ['1 m²', 'cm²', 10000, 10000, 10000],
    ['8 fl. oz.', 'ml', 236.5882365, 236.5882365, 236.5882365],
  ])('reads "%s" in %s', (text, unit, value, low, high) => {
    expect(normaliseQuantity(text, unit)).toMatchObject({ ok: true, value, low, high, unit });
  });

  it('takes the target unit where the text names none, and says so', () => {
    expect(normaliseQuantity('100', 'g')).toMatchObject({ value: 100, unitAssumed: true });
    expect(normaliseQuantity('100 g', 'g')).toMatchObject({ value: 100, unitAssumed: false });
  });

  it('keeps the unit of the text where none is asked for', () => {
    expect(normaliseQuantity('2 kg', undefined)).toMatchObject({ value: 2, unit: 'kg' });
    expect(normaliseQuantity('5 stars', undefined)).toMatchObject({ value: 5, unit: undefined });
  });

  it('says what a bound bounds', () => {
    expect(normaliseQuantity('up to 5 kg', 'g')).toMatchObject({ value: 5000, bound: 'at-most' });
    expect(normaliseQuantity('ab 5 kg', 'g')).toMatchObject({ bound: 'at-least' });
    expect(normaliseQuantity('ca. 5 kg', 'g')).toMatchObject({ bound: 'about' });
    expect(normaliseQuantity('5 kg', 'g')).toMatchObject({ bound: 'exact' });
  });

  it('reads "1,234" by the decimal mark that is given', () => {
    expect(normaliseQuantity('1,234 g', 'g', 'point')).toMatchObject({ value: 1234, ambiguous: true });
    expect(normaliseQuantity('1,234 g', 'g', 'comma')).toMatchObject({ value: 1.234, ambiguous: true });
  });

  it.each([
    ['3 kg', 'mm', 'does not convert'],
    ['20 x 30 cm', 'cm', 'several dimensions'],
    ['10 Zentner', 'kg', 'no unit that Attune knows'],
    ['n/a', 'g', 'holds no number'],
    ['5 and 7 g', 'g', 'more numbers'],
  ])('gives a reason for "%s" in %s', (text, unit, reason) => {
    expect(normaliseQuantity(text, unit)).toMatchObject({
      ok: false,
      reason: expect.stringContaining(reason),
    });
  });

  it('reads back a value written in any unit of its dimension', () => {
    const value = fc.double({ min: 0.01, max: 9999, noNaN: true }).map((x) => Number(x.toPrecision(6)));
    fc.assert(
      fc.property(fc.constantFrom(...UNITS), value, (unit, x) => {
        expect(normaliseQuantity(`${x} ${unit.symbol}`, unit.symbol)).toMatchObject({
          ok: true,
          value: x,
          unitAssumed: false,
        });
        const base = UNITS.find((other) => other.dimension === unit.dimension)!;
        const there = normaliseQuantity(`${x} ${unit.symbol}`, base.symbol);
        expect(there.ok && convert(there.value, base, unit)).toBeCloseTo(x, 5);
      }),
    );
  });

  it('never throws', () => {
    const pieces = fc.constantFrom(
      '1',
      '2,5',
      ' ',
      '-',
      'x',
      'kg',
      'cm',
      '±',
      '/',
      '"',
      "'",
      'to',
      '(',
      '½',
      'a',
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 10 }), (parts) => {
        expect(typeof normaliseQuantity(parts.join(''), 'cm').ok).toBe('boolean');
      }),
    );
  });
});

describe('findUnits', () => {
  it('respects the case where it tells units apart', () => {
    expect(findUnits('mW').map(({ symbol }) => symbol)).toEqual(['mW']);
    expect(findUnits('MW').map(({ symbol }) => symbol)).toEqual(['MW']);
    expect(findUnits('CM')[0]?.symbol).toBe('cm');
    expect(findUnits('Watts')[0]?.symbol).toBe('W');
  });

  it('finds German and French spellings', () => {
    expect(['Stück', 'Zoll', 'Pfund', 'pouces', 'heures'].map((text) => findUnits(text)[0]?.symbol)).toEqual([
      'pcs',
      'in',
      'lb',
      'in',
      'h',
    ]);
  });

  it('finds every symbol as itself', () => {
    for (const unit of UNITS) expect(findUnits(unit.symbol, unit.dimension)[0]).toBe(unit);
    expect(unitOf('g')?.dimension).toBe('mass');
  });
});
