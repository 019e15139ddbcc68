import { requireSameLength } from '../columns.ts';

/** Among how many of the nearest the right one is looked for. */
export const RECALL_AT = [1, 5, 10] as const;

export type RecallAt = { readonly [K in (typeof RECALL_AT)[number]]: number };

/**
 * Share of the queries whose own candidate is among the k nearest by dot product: query i belongs to candidate i. Candidates that
 * `alike` says are as right as it (equal texts, equal pictures) do not count as nearer; a tie with any other does.
 *
 * @param queries, candidates - `[count, width]`, row after row
 * @param alike - whether candidate j would be as right for query i
 * @returns shares in [0, 1]; undefined where there are no rows
 * @throws evaluation/length-mismatch
 */
export function recallAt(
  queries: Float32Array,
  candidates: Float32Array,
  count: number,
  alike: (i: number, j: number) => boolean,
): RecallAt | undefined {
  requireSameLength(
    'recallAt',
    { name: 'queries', length: queries.length },
    { name: 'candidates', length: candidates.length },
  );
  if (count === 0) return undefined;
  const width = queries.length / count;
  const dot = (i: number, j: number) => {
    let total = 0;
    for (let d = 0; d < width; d++) total += queries[i * width + d]! * candidates[j * width + d]!;
    return total;
  };
  const found = RECALL_AT.map(() => 0);
  for (let i = 0; i < count; i++) {
    const own = dot(i, i);
    let nearer = 0;
    for (let j = 0; j < count; j++) if (j !== i && !(dot(i, j) < own) && !alike(i, j)) nearer++;
    for (const [at, k] of RECALL_AT.entries()) if (nearer < k) found[at]!++;
  }
  const [first, fifth, tenth] = found.map((times) => times / count) as [number, number, number];
  return { 1: first, 5: fifth, 10: tenth };
}
