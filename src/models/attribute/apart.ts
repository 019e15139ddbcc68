/**
 * Values of one product that stand apart: where one attribute's value stands, no other attribute's does. Each attribute's
 * probabilities are lowered by how surely others take the same characters, all at once, a few times (mean field).
 */
import type { Candidate } from './words.ts';

/** Probabilities of one attribute: "no value" first, then each candidate. */
export type SpanProbabilities = Float64Array;

const ROUNDS = 3;
/** A candidate below this neither takes characters from others nor is worth lowering. */
const NOTABLE = 1e-3;

/**
 * @param probabilities - of each attribute, each summing to 1
 * @returns the same with overlaps accounted for, each summing to 1
 */
export function keepApart(
  candidates: readonly Candidate[],
  probabilities: readonly SpanProbabilities[],
): readonly SpanProbabilities[] {
  const notable = probabilities.map((row) =>
    candidates.flatMap((_, c) => (row[c + 1]! >= NOTABLE ? [c] : [])),
  );
  let current = probabilities;
  for (let round = 0; round < ROUNDS; round++) {
    const before = current;
    current = probabilities.map((row, a) => {
      const next = row.slice();
      for (const c of notable[a]!) {
        for (const [b, rivals] of notable.entries()) {
          if (b !== a) next[c + 1]! *= 1 - taken(candidates, candidates[c]!, rivals, before[b]!);
        }
      }
      const total = next.reduce((x, y) => x + y, 0);
      return total > 0 ? next.map((p) => p / total) : row;
    });
  }
  return current;
}

/** How likely one of an attribute's candidates takes characters of a place. */
function taken(
  candidates: readonly Candidate[],
  { field, start, end }: Candidate,
  rivals: readonly number[],
  probabilities: SpanProbabilities,
): number {
  let total = 0;
  for (const r of rivals) {
    const rival = candidates[r]!;
    if (rival.field === field && rival.start < end && start < rival.end) total += probabilities[r + 1]!;
  }
  return Math.min(1, total);
}
