/** Products that come back as not what they were said to be, more often than others of their category. */
import { wilsonInterval } from '../../evaluation/intervals/wilson.ts';
import type { ProductReturns } from '../../store/shopping.ts';

export type ReturnFinding = {
  readonly productId: string;
  /** Those that the reasons name; empty where most name none. */
  readonly attributes: readonly string[];
  /** By how much the lower end of the interval lies above what is usual, in (0, 1]. */
  readonly excess: number;
  readonly evidence: {
    readonly purchases: number;
    /** Returned for a reason that speaks against the description. */
    readonly returns: number;
    readonly rate: number;
    /** Wilson's interval of the rate, 95%. */
    readonly low: number;
    readonly high: number;
    /** The rate of the other products of the category; of the shop where these sold too little. */
    readonly usual: number;
    readonly reasons: readonly string[];
  };
};

const NOT_AS_DESCRIBED =
  /not as (described|pictured|shown|advertised|expected)|different (from|than|to)|wrong (colou?r|size|material|item|product|description)|mis(described|leading|labelled|labeled)|inaccurate|unlike the (picture|photo|description)/;
/** One return is chance. */
const LEAST_RETURNS = 2;
/** Purchases of the others of a category below which the whole shop says what is usual. */
const LEAST_PURCHASES = 20;
const MOST_REASONS = 5;

/** @param attributes - of the shop, by name: a reason that names one speaks of it @returns the worst first */
export function unusualReturns(
  products: readonly ProductReturns[],
  attributes: readonly string[],
): readonly ReturnFinding[] {
  const counted = products.map(({ productId, category, purchases, reasons }) => {
    const against = reasons
      .map(({ reason, returns }) => ({ returns, reason, words: wordsOf(reason) }))
      .map((one) => ({ ...one, named: attributes.filter((name) => mentions(one.words, name)) }))
      .filter(({ words, named }) => named.length > 0 || NOT_AS_DESCRIBED.test(words));
    // A return may be of a purchase before the period.
    const returns = Math.min(purchases, sum(against.map((one) => one.returns)));
    return { productId, category, purchases, returns, against };
  });
  const byCategory = new Map<string | null, { purchases: number; returns: number }>();
  for (const { category, purchases, returns } of counted) {
    const all = byCategory.get(category) ?? { purchases: 0, returns: 0 };
    byCategory.set(category, { purchases: all.purchases + purchases, returns: all.returns + returns });
  }
  const shop = {
    purchases: sum(counted.map(({ purchases }) => purchases)),
    returns: sum(counted.map(({ returns }) => returns)),
  };
  return counted
    .flatMap(({ productId, category, purchases, returns, against }): ReturnFinding[] => {
      if (returns < LEAST_RETURNS) return [];
      const inCategory = byCategory.get(category)!;
      const others = inCategory.purchases - purchases >= LEAST_PURCHASES ? inCategory : shop;
      const rest = others.purchases - purchases;
      const usual = rest === 0 ? 0 : (others.returns - returns) / rest;
      const { low, high } = wilsonInterval(returns, purchases)!;
      if (low <= usual) return [];
      return [
        {
          productId,
          attributes: mostlyNamed(against),
          excess: low - usual,
          evidence: {
            ...{ purchases, returns, rate: returns / purchases, low, high, usual },
            reasons: against.slice(0, MOST_REASONS).map(({ reason }) => reason),
          },
        },
      ];
    })
    .sort((a, b) => b.excess - a.excess || (a.productId < b.productId ? -1 : 1));
}

/** Attributes that reasons name, where at least half of the returns name any. */
function mostlyNamed(
  against: readonly { readonly returns: number; readonly named: readonly string[] }[],
): readonly string[] {
  const all = sum(against.map(({ returns }) => returns));
  const naming = sum(against.filter(({ named }) => named.length > 0).map(({ returns }) => returns));
  return 2 * naming < all ? [] : [...new Set(against.flatMap(({ named }) => named))];
}

/** In lower case, with one space between words. */
const wordsOf = (text: string) =>
  text
    .toLowerCase()
    .replace(/[\s_-]+/g, ' ')
    .trim();

function mentions(words: string, name: string): boolean {
  // Whether the shop or its customers write colour or color.
  const same = (text: string) => ` ${text.replaceAll('colour', 'color')} `;
  return same(words.replace(/[^\p{L}\p{N} ]/gu, ' ')).includes(same(wordsOf(name)));
}

const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0);
