/**
 * chrF: how much of a text's runs of one to six characters stand in the true text, and the other way round, recall counted twice
 * as much; Popović 2015, https://aclanthology.org/W15-3049. White space does not count. As sacreBLEU's with its defaults, as a
 * share.
 */

/** A written text and the texts that would be right. */
export type WrittenText = { readonly written: string; readonly references: readonly string[] };

const ORDER = 6;
const BETA_SQUARED = 4;

/** By length of the run, minus one. */
type Statistics = readonly { readonly written: number; readonly reference: number; readonly match: number }[];

const NOTHING: Statistics = Array.from({ length: ORDER }, () => ({ written: 0, reference: 0, match: 0 }));

/** Over all texts together, each beside the reference that suits it best; undefined without texts. */
export function chrF(texts: readonly WrittenText[]): number | undefined {
  if (texts.length === 0) return undefined;
  const total = texts.map(bestStatistics).reduce((sum, own) =>
    sum.map(({ written, reference, match }, n) => ({
      written: written + own[n]!.written,
      reference: reference + own[n]!.reference,
      match: match + own[n]!.match,
    })),
  );
  return score(total);
}

function bestStatistics({ written, references }: WrittenText): Statistics {
  const runs = runsOf(written);
  let best = NOTHING;
  let bestScore = -1;
  for (const reference of references) {
    const statistics = compare(runs, runsOf(reference));
    const own = score(statistics);
    if (own <= bestScore) continue;
    best = statistics;
    bestScore = own;
  }
  return best;
}

/** How often each run of each length stands in a text. */
function runsOf(text: string): readonly ReadonlyMap<string, number>[] {
  const characters = Array.from(text.replace(/\s+/g, ''));
  return Array.from({ length: ORDER }, (_, n) => {
    const counts = new Map<string, number>();
    for (let from = 0; from + n < characters.length; from++) {
      const run = characters.slice(from, from + n + 1).join('');
      counts.set(run, (counts.get(run) ?? 0) + 1);
    }
    return counts;
  });
}

function compare(
  written: readonly ReadonlyMap<string, number>[],
  reference: readonly ReadonlyMap<string, number>[],
): Statistics {
  return written.map((own, n) => {
    const theirs = reference[n]!;
    let match = 0;
    for (const [run, count] of own) match += Math.min(count, theirs.get(run) ?? 0);
    return { written: theirs.size > 0 ? sizeOf(own) : 0, reference: sizeOf(theirs), match };
  });
}

const sizeOf = (counts: ReadonlyMap<string, number>) => [...counts.values()].reduce((a, b) => a + b, 0);

function score(statistics: Statistics): number {
  const told = statistics.filter(({ written, reference }) => written > 0 && reference > 0);
  if (told.length === 0) return 0;
  const precision = told.reduce((sum, { match, written }) => sum + match / written, 0) / told.length;
  const recall = told.reduce((sum, { match, reference }) => sum + match / reference, 0) / told.length;
  if (precision + recall === 0) return 0;
  return ((1 + BETA_SQUARED) * precision * recall) / (BETA_SQUARED * precision + recall);
}
