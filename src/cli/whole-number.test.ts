import { expect, it } from 'vitest';
import { countingNumber, numberOfDays, wholeNumber } from './whole-number.ts';

it('numbers and days of the command line are read strictly', () => {
  expect([wholeNumber('0'), countingNumber('12'), numberOfDays('90d'), numberOfDays('7')]).toEqual([
    0, 12, 90, 7,
  ]);
  for (const wrong of ['', '-1', '1.5', '90 d', '3m', 'd', '1e3'])
    expect(() => numberOfDays(wrong), wrong).toThrow('It must be a number of days, such as 90d.');
  expect(() => countingNumber('0')).toThrow('at least 1');
});
