/**
 * A date as a vector: where in the year and the week it lies, as points on circles, so that December is beside
 * January; and how long before the prediction it was, encoded as a number.
 */
import { timeOfCell } from '../../catalog/values/date-cell.ts';
import { encodeNumber, fitNumber, type NumberEncoding, numberNames } from './number-encoding.ts';

const DAY_SECONDS = 86_400;
const MEAN_YEAR_DAYS = 365.2425;

/** What was learned of a date input; JSON. */
export type DateEncoding = {
  /** Of the age in days at the reference time. */
  readonly age: NumberEncoding;
};

export type DateFit = {
  /**
   * @param cell - of one training row
   * @param reference - the time that its prediction would have been made at, in seconds since 1970
   */
  readonly add: (cell: string | number | Date | null | undefined, reference: number) => void;
  readonly finish: () => DateEncoding;
};

export function fitDate(options: { readonly bins?: number; readonly seed?: number } = {}): DateFit {
  const ages = fitNumber(options);
  return {
    add: (cell, reference) => {
      const time = timeOfCell(cell);
      if (time !== undefined) ages.add((reference - time) / DAY_SECONDS);
    },
    finish: () => ({ age: ages.finish() }),
  };
}

const CYCLES = ['month', 'weekday', 'day of year'] as const;

/** What each place of the vector is. */
export function dateNames({ age }: DateEncoding): string[] {
  const [, ...ofAge] = numberNames(age);
  return [
    'missing',
    ...CYCLES.flatMap((cycle) => [`${cycle} sin`, `${cycle} cos`]),
    ...ofAge.map((name) => `age ${name}`),
  ];
}

/**
 * @param cell - as `timeOfCell` reads it
 * @param reference - the prediction's time, in seconds since 1970; a later date has a negative age
 * @returns [8 + bins] float32: 1 when missing or unreadable (then all others are 0); sine and cosine of month, weekday (UTC, Monday
 * first) and day of the year; the age's quantile and bins
 */
export function encodeDate(
  cell: string | number | Date | null | undefined,
  reference: number,
  encoding: DateEncoding,
): Float32Array {
  const time = timeOfCell(cell);
  const age = encodeNumber(time === undefined ? undefined : (reference - time) / DAY_SECONDS, encoding.age);
  const out = new Float32Array(6 + age.length);
  out[0] = age[0]!;
  if (time === undefined) return out;
  const date = new Date(time * 1000);
  const dayOfYear = (date.getTime() - Date.UTC(date.getUTCFullYear(), 0, 1)) / (DAY_SECONDS * 1000);
  const turns = [
    date.getUTCMonth() / 12,
    ((date.getUTCDay() + 6) % 7) / 7,
    Math.floor(dayOfYear) / MEAN_YEAR_DAYS,
  ];
  turns.forEach((turn, i) => {
    out[1 + 2 * i] = Math.sin(2 * Math.PI * turn);
    out[2 + 2 * i] = Math.cos(2 * Math.PI * turn);
  });
  out.set(age.subarray(1), 7);
  return out;
}
