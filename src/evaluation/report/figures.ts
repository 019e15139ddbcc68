import type { Interval } from '../intervals/interval.ts';
import { percent } from '../percent.ts';

/** What stands where there is no number. */
export const NO_FIGURE = '–';

/** A share as a percentage. */
export function shareFigure(share: number | undefined): string {
  return share === undefined || !Number.isFinite(share) ? NO_FIGURE : percent(share);
}

/** "88.1–93.4 %". */
export function intervalFigure(interval: Interval | undefined): string {
  return interval === undefined
    ? NO_FIGURE
    : `${(100 * interval.low).toFixed(1)}–${(100 * interval.high).toFixed(1)} %`;
}

/** A number of any size to four significant digits. */
export function numberFigure(value: number | undefined): string {
  if (value === undefined || !Number.isFinite(value)) return NO_FIGURE;
  const size = Math.abs(value);
  if (size !== 0 && (size >= 1e6 || size < 1e-3)) return value.toExponential(2);
  return String(Number(value.toPrecision(4)));
}

/** A count with thousands apart: 12,345. */
export function countFigure(count: number): string {
  return count.toLocaleString('en-US');
}
