/**
 * The frequent values of a stream in bounded memory: exact while there are few, and never more than a small share
 * of the stream too low.
 *
 * @see Misra and Gries 1982, "Finding repeated elements"; the batched form of Agarwal et al. 2012, "Mergeable summaries"
 */
export type HeavyValues = {
  readonly add: (value: string) => void;
  /**
   * Value and count, the most frequent first, equal counts by code unit. A count may be too low by up to `error`, and a value that occurred no
   * more often may be absent.
   */
  readonly counts: () => readonly (readonly [value: string, count: number])[];
  readonly error: () => number;
};

export function heavyValues(capacity: number): HeavyValues {
  const counts = new Map<string, number>();
  let error = 0;
  function add(value: string): void {
    counts.set(value, (counts.get(value) ?? 0) + 1);
    if (counts.size <= 2 * capacity) return;
    const sorted = [...counts.values()].sort((a, b) => b - a);
    const cut = sorted[capacity]!;
    error += cut;
    for (const [known, count] of counts) {
      if (count > cut) counts.set(known, count - cut);
      else counts.delete(known);
    }
  }
  return {
    add,
    counts: () => [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)),
    error: () => error,
  };
}
