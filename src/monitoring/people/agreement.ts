/** How far reviewers agree beyond chance. All are 1 where they agree always, 0 where only as often as by chance. */

/**
 * Cohen's kappa of two reviewers: (observed − expected agreement) / (1 − expected).
 *
 * @param first - one answer a product; @param second - the other's, in the same order
 * @returns undefined without products, or where both always gave one same answer, so that chance alone would agree
 * @see Cohen 1960; scikit-learn's `cohen_kappa_score`
 */
export function cohenKappa(first: readonly string[], second: readonly string[]): number | undefined {
  const count = Math.min(first.length, second.length);
  if (count === 0) return undefined;
  const sides = [new Map<string, number>(), new Map<string, number>()] as const;
  let equal = 0;
  for (let i = 0; i < count; i++) {
    if (first[i] === second[i]) equal++;
    sides[0].set(first[i]!, (sides[0].get(first[i]!) ?? 0) + 1);
    sides[1].set(second[i]!, (sides[1].get(second[i]!) ?? 0) + 1);
  }
  let expected = 0;
  for (const [value, times] of sides[0]) expected += (times * (sides[1].get(value) ?? 0)) / count ** 2;
  return expected === 1 ? undefined : (equal / count - expected) / (1 - expected);
}

/** What reviewers said of one thing: one answer a reviewer, in any order. */
export type Ratings = readonly string[];

/**
 * Fleiss' kappa: agreement of several reviewers, not the same ones for each product.
 *
 * @param items - each with the same number of answers, at least two
 * @returns undefined without items, where their numbers of answers differ or are below two, or where all gave one answer
 * @see Fleiss 1971; statsmodels' `fleiss_kappa`
 */
export function fleissKappa(items: readonly Ratings[]): number | undefined {
  const raters = items[0]?.length ?? 0;
  if (raters < 2 || items.some(({ length }) => length !== raters)) return undefined;
  const totals = new Map<string, number>();
  let observed = 0;
  for (const item of items) {
    const counts = countsOf(item);
    let pairs = 0;
    for (const [value, times] of counts) {
      totals.set(value, (totals.get(value) ?? 0) + times);
      pairs += times * (times - 1);
    }
    observed += pairs / (raters * (raters - 1)) / items.length;
  }
  let expected = 0;
  for (const times of totals.values()) expected += (times / (items.length * raters)) ** 2;
  return expected === 1 ? undefined : (observed - expected) / (1 - expected);
}

/**
 * Krippendorff's alpha for names: 1 − observed / expected disagreement, for any number of answers an item; items with one
 * answer say nothing and are left out.
 *
 * @returns undefined where no item has two answers, or all answers are the same
 * @see Krippendorff 2011, "Computing Krippendorff's alpha-reliability"
 */
export function krippendorffAlpha(items: readonly Ratings[]): number | undefined {
  const paired = items.filter(({ length }) => length >= 2);
  const totals = new Map<string, number>();
  let count = 0;
  let disagreement = 0;
  for (const item of paired) {
    const counts = countsOf(item);
    let equal = 0;
    for (const [value, times] of counts) {
      totals.set(value, (totals.get(value) ?? 0) + times);
      equal += times * (times - 1);
    }
    disagreement += (item.length * (item.length - 1) - equal) / (item.length - 1);
    count += item.length;
  }
  let expected = count * (count - 1);
  for (const times of totals.values()) expected -= times * (times - 1);
  if (count === 0 || expected === 0) return undefined;
  return 1 - (disagreement / expected) * (count - 1);
}

function countsOf(item: Ratings): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const value of item) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}
