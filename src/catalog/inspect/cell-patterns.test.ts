import { describe, expect, it } from 'vitest';
import { cellPatterns, isPlaceholder, separatorOf } from './cell-patterns.ts';

describe('cellPatterns', () => {
  it('knows numbers, and the decimal mark that they prove', () => {
    const patterns = cellPatterns(['1,5', '2,25', '1.200,75', '3']);
    expect(patterns).toMatchObject({ numeric: 1, integer: 0.25, decimal: { mark: 'comma' } });
    expect(patterns.numbers).toEqual([1.5, 2.25, 3, 1200.75]);
  });

  it('knows quantities, and converts them to the commonest unit', () => {
    const patterns = cellPatterns(['100 g', '250 g', '1 kg', '0.5 kg', '20 g']);
    expect(patterns).toMatchObject({ quantity: 1, unit: 'g', unitShare: 1 });
    expect(patterns.numbers).toEqual([20, 100, 250, 500, 1000]);
  });

  it('knows prices with their currency, and tells where there are several', () => {
    expect(cellPatterns(['12 USD', '$14', '9.50 USD'])).toMatchObject({ money: 1, mixed: undefined });
    expect(cellPatterns(['12 USD', '11 EUR', '9 £']).mixed).toContain('USD (1, e.g. "12 USD")');
    expect(cellPatterns(['100 g', '1 kg']).mixed).toBeUndefined();
    expect(cellPatterns(['100 g', '3 cm']).mixed).toContain('cm');
  });

  it('collects cells that are no number among numbers', () => {
    expect(cellPatterns(['1 g', '2 g', '3 g', 'heavy']).unreadable).toEqual(['heavy']);
    expect(cellPatterns(['heavy', 'light']).unreadable).toEqual([]);
  });

  it.each([
    ['url', ['https://a.example/x', 'shop.example.com', 'www.b.example']],
    ['image', ['https://a.example/x.jpg', 'pics/y.PNG']],
    ['date', ['2024-01-31', '31.12.2024', '2024/1/5 10:30:00']],
    ['object', ['{"a": 1}', '{}']],
    ['list', ['["a"]', '[]']],
    ['code', ['AB-123', '00412', 'x9y']],
    ['path', ['Apparel > Shoes', 'A > B > C']],
  ] as const)('knows %s cells', (key, cells) => {
    expect(cellPatterns(cells)[key]).toBe(1);
    expect(cellPatterns(['some words of text', 'and a few more'])[key]).toBe(0);
  });

  it('does not take prices for addresses', () => {
    expect(cellPatterns(['12.99', '1.5']).url).toBe(0);
  });

  it('tells placeholders from "not applicable"', () => {
    expect(['null', 'NaN', '-', '--', '?'].every(isPlaceholder)).toBe(true);
    expect(['n/a', 'not applicable', 'none-slip', 'Nan Goldin'].some(isPlaceholder)).toBe(false);
  });
});

describe('separatorOf', () => {
  const times = (cells: readonly string[]) => cells.map((cell) => [cell, 3] as const);

  it('finds what stands between values that come again', () => {
    expect(separatorOf(times(['a | b', 'b | c', 'c | a', 'a']))).toBe(' | ');
    expect(separatorOf(times(['red;blue', 'blue', 'red', 'blue;green', 'green;red']))).toBe(';');
    expect(separatorOf(times(['cotton, wool', 'wool', 'cotton', 'wool, silk', 'silk, cotton']))).toBe(',');
    expect(separatorOf(times(['Red/Blue', 'Red', 'Blue', 'Blue/Black', 'Black/Red']))).toBe('/');
  });

  it('leaves single values alone, also with such marks in them', () => {
    expect(separatorOf(times(['red', 'blue']))).toBeUndefined();
    expect(
      separatorOf(
        times(['3/4 Sleeve', 'Long Sleeve', 'Short Sleeve', 'Sleeveless', 'Strappy', 'Cap', 'Raglan']),
      ),
    ).toBeUndefined();
    expect(
      separatorOf(times(['A fine dress, which is warm and long', 'Very good, and cheap'])),
    ).toBeUndefined();
  });
});
