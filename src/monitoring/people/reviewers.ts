/** Reviewers measured: against answers that are known (a gold set), and against each other. */
import type { Interval } from '../../evaluation/intervals/interval.ts';
import { wilsonInterval } from '../../evaluation/intervals/wilson.ts';
import { cohenKappa, krippendorffAlpha } from './agreement.ts';

/** What one person said of one attribute of one product. */
export type Review = {
  readonly reviewer: string;
  readonly product: string;
  readonly attribute: string;
  /** The value; several sorted and joined by a line break; `(not applicable)` where there is none. */
  readonly value: string;
};

export type ReviewerScore = {
  readonly reviewer: string;
  readonly reviews: number;
  /** Of reviews of the gold set; undefined where there are none. */
  readonly gold:
    | { readonly reviews: number; readonly right: number; readonly interval: Interval }
    | undefined;
  /** With those who answered the same, by Cohen's kappa over all pairs of answers; undefined where nobody did. */
  readonly kappa: number | undefined;
};

export type ReviewerReport = {
  /** Those who are least often right first; then by name. */
  readonly reviewers: readonly ReviewerScore[];
  /** Krippendorff's alpha of each attribute that two or more people answered of one product. */
  readonly agreement: Readonly<Record<string, number>>;
  /** Answers that people disagree on, to be decided by one more. */
  readonly disputed: readonly {
    readonly product: string;
    readonly attribute: string;
    readonly answers: Readonly<Record<string, string>>;
  }[];
};

/**
 * @param reviews - the last answer of a reviewer counts
 * @param gold - what is known to be right: attribute -> product -> value
 */
export function measureReviewers(
  reviews: readonly Review[],
  gold: ReadonlyMap<string, ReadonlyMap<string, string>> = new Map(),
): ReviewerReport {
  const items = new Map<string, Map<string, Review>>();
  for (const review of reviews) {
    const key = JSON.stringify([review.attribute, review.product]);
    const answers = items.get(key) ?? new Map<string, Review>();
    answers.set(review.reviewer, review);
    items.set(key, answers);
  }
  const last = [...items.values()].flatMap((answers) => [...answers.values()]);
  const names = [...new Set(last.map(({ reviewer }) => reviewer))].sort();
  const shared = [...items.values()].filter(({ size }) => size >= 2);
  const reviewers = names.map((reviewer): ReviewerScore => {
    const own = last.filter((review) => review.reviewer === reviewer);
    const pairs = shared.flatMap((answers) => {
      const mine = answers.get(reviewer);
      if (mine === undefined) return [];
      // The same words of two attributes are two answers.
      const told = ({ attribute, value }: Review) => JSON.stringify([attribute, value]);
      return [...answers.values()]
        .filter((other) => other !== mine)
        .map((other) => [told(mine), told(other)] as const);
    });
    return {
      reviewer,
      reviews: own.length,
      gold: goldScore(own, gold),
      kappa: cohenKappa(
        pairs.map(([mine]) => mine),
        pairs.map(([, theirs]) => theirs),
      ),
    };
  });
  reviewers.sort((a, b) => rightShare(a) - rightShare(b) || (a.reviewer < b.reviewer ? -1 : 1));
  const disputed = shared
    .filter((answers) => new Set([...answers.values()].map(({ value }) => value)).size > 1)
    .map((answers) => {
      const all = [...answers.values()];
      const { product, attribute } = all[0]!;
      return {
        product,
        attribute,
        answers: Object.fromEntries(all.map(({ reviewer, value }) => [reviewer, value])),
      };
    });
  return { reviewers, agreement: agreementByAttribute(shared), disputed };
}

const rightShare = ({ gold }: ReviewerScore) => (gold ? gold.right / gold.reviews : 1);

function goldScore(
  own: readonly Review[],
  gold: ReadonlyMap<string, ReadonlyMap<string, string>>,
): ReviewerScore['gold'] {
  const known = own.flatMap(({ attribute, product, value }) => {
    const right = gold.get(attribute)?.get(product);
    return right === undefined ? [] : [right === value];
  });
  if (known.length === 0) return undefined;
  const right = known.filter(Boolean).length;
  return { reviews: known.length, right, interval: wilsonInterval(right, known.length)! };
}

function agreementByAttribute(
  shared: readonly ReadonlyMap<string, Review>[],
): Readonly<Record<string, number>> {
  const byAttribute = new Map<string, string[][]>();
  for (const answers of shared) {
    const all = [...answers.values()];
    const { attribute } = all[0]!;
    const items = byAttribute.get(attribute) ?? [];
    items.push(all.map(({ value }) => value));
    byAttribute.set(attribute, items);
  }
  return Object.fromEntries(
    [...byAttribute].flatMap(([attribute, items]): [string, number][] => {
      const alpha = krippendorffAlpha(items);
      return alpha === undefined ? [] : [[attribute, alpha]];
    }),
  );
}
