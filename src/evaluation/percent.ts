/** A share as a percentage: 0.9512 is "95.1 %". */
export function percent(share: number, digits = 1): string {
  return `${(100 * share).toFixed(digits)} %`;
}

/** A share somebody chose, without needless zeros: 0.95 is "95 %", 0.999 is "99.9 %". */
export function roundPercent(share: number): string {
  return `${Number((100 * share).toFixed(4))} %`;
}
