/** In how many products a label stands literally in the texts: the essence of extraction, and a leak elsewhere. */
import { comparable, standsIn } from './text-profile.ts';

export type LiteralShare = {
  /** Share of the labelled products of the sample in whose texts one of their values stands, 0 to 1. */
  readonly own: number;
  /** The same when parts of words count too ("22" in "22inch"): what spans annotated by hand do. */
  readonly anywhere: number;
  /** As `own`, with another product's values: what chance alone gives. */
  readonly others: number;
  /** Products that were looked at. */
  readonly looked: number;
  /** Share in which the attribute's name stands before the value ("Color: red"). */
  readonly named: number;
};

/** What stands between a name and its value. */
const NAMED = [': ', ':', '=', ' = ', ' - '] as const;

/**
 * @param texts - for each sampled row, its inputs joined
 * @param labels - for each sampled row, attribute -> values
 */
export function literalShares(
  texts: readonly string[],
  labels: readonly ReadonlyMap<string, readonly string[]>[],
): ReadonlyMap<string, LiteralShare> {
  const plain = texts.map(comparable);
  const rowsOf = new Map<string, number[]>();
  labels.forEach((of, row) => {
    if (plain[row] === '') return;
    for (const attribute of of.keys()) {
      const rows = rowsOf.get(attribute);
      if (rows === undefined) rowsOf.set(attribute, [row]);
      else rows.push(row);
    }
  });
  const shares = new Map<string, LiteralShare>();
  for (const [attribute, rows] of rowsOf) {
    const name = comparable(attribute);
    let own = 0;
    let anywhere = 0;
    let others = 0;
    let named = 0;
    rows.forEach((row, i) => {
      const values = labels[row]!.get(attribute)!.map(comparable);
      const found = values.find((value) => standsIn(plain[row]!, value));
      if (found !== undefined) own++;
      if (found !== undefined || values.some((value) => plain[row]!.includes(value))) anywhere++;
      if (found !== undefined && NAMED.some((between) => plain[row]!.includes(`${name}${between}${found}`)))
        named++;
      // Half the rows away: a neighbour in the file is often a variant of the same product.
      const other = rows[(i + Math.floor(rows.length / 2)) % rows.length]!;
      if (labels[other]!.get(attribute)!.some((value) => standsIn(plain[row]!, comparable(value)))) others++;
    });
    const looked = rows.length;
    shares.set(attribute, {
      own: own / looked,
      anywhere: anywhere / looked,
      others: others / looked,
      looked,
      named: named / looked,
    });
  }
  return shares;
}
