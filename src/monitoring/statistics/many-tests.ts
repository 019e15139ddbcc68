/** p values corrected for how many tests were made, so that many tests do not make chance look like change. */

export const CORRECTIONS = ['holm', 'benjamini-hochberg', 'none'] as const;
export type Correction = (typeof CORRECTIONS)[number];

/**
 * Corrected p values in the order given: `statsmodels.stats.multitest.multipletests`.
 *
 * - `holm`: comparing with α keeps the chance of any false alarm at most α, however the tests depend (Holm 1979).
 * - `benjamini-hochberg`: keeps the expected share of false ones among the alarms at most α (1995), for tests that
 *   are independent or positively dependent.
 */
export function correctedPValues(pValues: readonly number[], correction: Correction): number[] {
  const count = pValues.length;
  const order = pValues.map((_, i) => i).sort((a, b) => pValues[a]! - pValues[b]!);
  const corrected = [...pValues];
  if (correction === 'none') return corrected;
  if (correction === 'holm') {
    let least = 0;
    for (const [rank, i] of order.entries()) {
      least = Math.max(least, Math.min(1, (count - rank) * pValues[i]!));
      corrected[i] = least;
    }
    return corrected;
  }
  let most = 1;
  for (let rank = count - 1; rank >= 0; rank--) {
    const i = order[rank]!;
    most = Math.min(most, (count / (rank + 1)) * pValues[i]!);
    corrected[i] = most;
  }
  return corrected;
}
