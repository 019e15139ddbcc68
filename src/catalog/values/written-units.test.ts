import { expect, it } from 'vitest';
import { currencyIn, WrittenUnits } from './written-units.ts';

it.each([
  ['12 USD', 'USD'],
  ['EUR 11,50', 'EUR'],
  ['9 £', 'GBP'],
  ['$1,299.00', 'USD'],
  ['A$5', 'AUD'],
  ['5chf', 'CHF'],
  ['19,90 zł', 'PLN'],
  ['12', undefined],
  ['12 g', undefined],
  ['europe 12', undefined],
])('the currency of "%s" is %s', (cell, code) => {
  expect(currencyIn(cell)).toBe(code);
});

it('tells the currencies of a column with counts and an example, and nothing of one', () => {
  const column = new WrittenUnits();
  for (const cell of ['12 USD', '$14', '15', '20.5']) column.add(cell);
  expect(column.mixed).toBeUndefined();
  column.add('11 EUR', 3);
  column.add('9 £');
  expect(column.mixed).toBe('EUR (3, e.g. "11 EUR"), USD (2, e.g. "12 USD"), GBP (1, e.g. "9 £")');
});

it('tells units apart, and those of one dimension only where they are not converted', () => {
  const [bare, converted] = [new WrittenUnits(), new WrittenUnits({ converted: true })];
  for (const column of [bare, converted]) for (const cell of ['500 g', '2 kg', '300 g']) column.add(cell);
  expect(bare.mixed).toBe('g (2, e.g. "500 g"), kg (1, e.g. "2 kg")');
  expect(converted.mixed).toBeUndefined();
  converted.add('12 cm');
  expect(converted.mixed).toBe('g (3, e.g. "500 g"), cm (1, e.g. "12 cm")');
});
