/**
 * Search ads: one ad for every fifth good, and a log of impressions with the propensity of what was shown.
 *
 * For a query the logging policy takes six ads of the category and fills three slots one after another by
 * softmax(0.8 * bid + noise-free prior click rate); `propensity` is the chance of that ad in that slot, given those above.
 *   P(click) = examination(slot) * logistic(appeal + 1.2 [query's type] + 0.9 [query's colour] - 0.35 * log(price / usual))
 */

import { Random } from '../random.mjs';
import { capital } from '../template.mjs';
import { CATEGORIES } from '../world/categories.mjs';
import { COLORS } from '../world/colors.mjs';
import { dateOf, WEEKS } from './shop.mjs';
import { shopperCount, shopperOf } from './shoppers.mjs';
import { logistic } from './visits.mjs';

export const AD_COLUMNS = ['ad_id', 'campaign', 'sku', 'keyword', 'headline', 'max_bid'];
export const IMPRESSION_COLUMNS = [
  'time',
  'request',
  'shopper_id',
  'device',
  'query',
  'slot',
  'ad_id',
  'propensity',
  'price_paid',
  'clicked',
  'converted',
];

/** Chance that a slot is looked at. */
export const EXAMINATION = [0.85, 0.55, 0.32];
const CANDIDATES = 6;

/** @typedef {{id: string, row: Record<string, string | number>, appeal: number, bid: number, good: import('./shop.mjs').Good}} Ad */

/** @param {import('./shop.mjs').Shop} shop @param {number} number of the parent @returns {Ad | undefined} */
function adOf(shop, number) {
  const random = new Random(shop.seed, 'ad', number);
  if (!random.chance(0.2)) return undefined;
  const good = shop.good(number);
  const { parent } = good;
  const [variant] = good.variants;
  if (variant === undefined) return undefined;
  const keyword = random.pick(parent.type.words.en);
  const shade = COLORS[variant.color].shades[variant.shade].en;
  const bid =
    Math.round(100 * Math.min(2.5, 0.25 + 0.004 * parent.price * Math.exp(0.4 * random.normal()))) / 100;
  const headline = random.pick([
    `${capital(keyword)} by ${parent.brand || 'our makers'}`,
    `${capital(shade)} ${keyword}`,
    `${capital(keyword)} from €${Math.round(parent.price)}`,
    `The ${parent.model || 'new'} ${keyword}`,
    `${capital(keyword)}: free returns`,
  ]);
  const id = `A${String(number).padStart(6, '0')}`;
  return {
    id,
    good,
    bid,
    appeal: -2.6 + 0.5 * random.normal() + 0.3 * parent.popularity,
    row: {
      ad_id: id,
      campaign: `${parent.category} ${random.pick(['brand', 'generic', 'season'])}`,
      sku: variant.sku,
      keyword,
      headline,
      max_bid: bid.toFixed(2),
    },
  };
}

/** @param {import('./shop.mjs').Shop} shop @returns {Generator<Ad>} */
export function* ads(shop) {
  for (let n = 0; n < shop.parents; n++) {
    const ad = adOf(shop, n);
    if (ad) yield ad;
  }
}

/** The click model, then each ad's appeal. @param {import('./shop.mjs').Shop} shop @returns {Generator<Record<string, unknown>>} */
export function* clickTruths(shop) {
  yield { examination: EXAMINATION, typeMatch: 1.2, colorMatch: 0.9, logPrice: -0.35, conversion: 0.06 };
  for (const { id, appeal } of ads(shop)) yield { ad: id, appeal: Number(appeal.toFixed(3)) };
}

/** Requests: four for every product of the shop. @param {import('./shop.mjs').Shop} shop @param {number} products @returns {Generator<Record<string, string | number>>} */
export function* impressionRows(shop, products) {
  const byCategory = Object.fromEntries(
    Object.entries(shop.byCategory).map(([category, numbers]) => [
      category,
      numbers.filter((n) => new Random(shop.seed, 'ad', n).chance(0.2)),
    ]),
  );
  for (let request = 0; request < products * 4; request++) {
    const random = new Random(shop.seed, 'request', request);
    const shopper = shopperOf(shop.seed, random.below(shopperCount(products)));
    const category = random.weighted(shopper.categories);
    const numbers = byCategory[category] ?? new Int32Array();
    if (numbers.length < CANDIDATES) continue;
    const type = random.pick(CATEGORIES[category].types);
    const color = random.chance(0.4) ? shopper.color : '';
    const query = `${color === '' ? '' : `${/** @type {import('../world/colors.mjs').Shade} */ (COLORS[color].shades[0]).en} `}${type.words.en[0]}`;
    const day = Math.floor((request / (products * 4)) * WEEKS * 7);
    const time = `${dateOf(day)}T${String(random.int(6, 23)).padStart(2, '0')}:${String(random.below(60)).padStart(2, '0')}:00Z`;
    const base = {
      time,
      request: `Q${request + 1}`,
      shopper_id: shopper.id,
      device: random.weighted({ mobile: 62, desktop: 30, tablet: 8 }),
      query,
    };
    yield* slots(
      pickAds(shop, numbers, random),
      base,
      { type: type.name, color, week: Math.floor(day / 7) },
      random,
    );
  }
}

/** @param {import('./shop.mjs').Shop} shop @param {Int32Array} numbers @param {Random} random @returns {Ad[]} six different ads */
function pickAds(shop, numbers, random) {
  /** @type {Map<number, Ad>} */
  const picked = new Map();
  while (picked.size < CANDIDATES) {
    const number = /** @type {number} */ (numbers[random.below(numbers.length)]);
    const ad = adOf(shop, number);
    if (ad) picked.set(number, ad);
  }
  return [...picked.values()];
}

/** @param {Ad[]} ads @param {Record<string, string>} base @param {{type: string, color: string, week: number}} asked @param {Random} random @returns {Generator<Record<string, string | number>>} */
function* slots(ads, base, asked, random) {
  let left = ads;
  for (const [slot, examined] of EXAMINATION.entries()) {
    const scores = left.map((ad) => Math.exp(0.8 * ad.bid + 0.5 * ad.appeal));
    const total = scores.reduce((a, b) => a + b, 0);
    const index = random.index(scores);
    const ad = /** @type {Ad} */ (left[index]);
    left = left.filter((a) => a !== ad);
    const { parent, variants, prices } = ad.good;
    const { price } = /** @type {import('./shop.mjs').WeekPrice} */ (prices[asked.week]);
    const match =
      (parent.type.name === asked.type ? 1.2 : 0) + (variants[0]?.color === asked.color ? 0.9 : 0);
    const clicked = random.chance(
      examined * logistic(ad.appeal + match - 0.35 * Math.log(price / parent.type.price)),
    );
    const converted = clicked && random.chance(0.06);
    yield {
      ...base,
      slot: slot + 1,
      ad_id: ad.id,
      propensity: /** @type {number} */ (scores[index] / total).toFixed(4),
      price_paid: clicked ? (ad.bid * 0.8).toFixed(2) : '',
      clicked: clicked ? 1 : 0,
      converted: converted ? 1 : 0,
    };
  }
}
