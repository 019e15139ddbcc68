/** Numbers as the page writes them. */

/** @param part - null where there is none */
export const share = (part: number | null, digits = 1): string =>
  part === null ? '–' : `${(100 * part).toFixed(digits)}%`;

export const range = (interval: { readonly low: number; readonly high: number } | null): string =>
  interval === null ? '–' : `${share(interval.low)} to ${share(interval.high)}`;
