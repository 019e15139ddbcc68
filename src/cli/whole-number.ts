import { InvalidArgumentError } from 'commander';

/** Parses an option that counts. */
export function wholeNumber(value: string): number {
  if (!/^\d{1,9}$/.test(value)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(value);
}

/** Parses an option that counts from one. */
export function countingNumber(value: string): number {
  const number = wholeNumber(value);
  if (number === 0) throw new InvalidArgumentError('It must be at least 1.');
  return number;
}

/** Parses days: `90d` or `90`. */
export function numberOfDays(value: string): number {
  const [, days] = /^(\d{1,6})d?$/.exec(value) ?? [];
  if (days === undefined) throw new InvalidArgumentError('It must be a number of days, such as 90d.');
  return Number(days);
}
