/**
 * What shoppers do: sessions with searches, views, carts, purchases and returns, and the reviews that follow.
 *
 * In each step a shopper looks at ten random goods of a category and picks one with probability softmax(utility):
 *   utility = popularity + 0.3 quality + 1.1 [liked colour] + 0.8 [own audience] - sensitivity * log(price / usual)
 *             + 1.3 [same type as the last one seen] + 1.0 [of the type that was searched for]
 */

import { itemOf } from '../catalog.mjs';
import { Random } from '../random.mjs';
import { CATEGORIES } from '../world/categories.mjs';
import { COLORS } from '../world/colors.mjs';
import { reviewOf } from './reviews.mjs';
import { dateOf, WEEKS } from './shop.mjs';
import { shopperCount, shopperOf } from './shoppers.mjs';

export const EVENT_COLUMNS = [
  'time',
  'shopper_id',
  'session',
  'event',
  'sku',
  'query',
  'quantity',
  'price',
  'reason',
];

/** @typedef {{event?: Record<string, string | number>, review?: Record<string, string | number>, truth?: unknown}} Happening */

/** Shopper by shopper, in the order of time for each. @param {import('./shop.mjs').Shop} shop @param {number} products @returns {Generator<Happening>} */
export function* visits(shop, products) {
  for (let n = 0; n < shopperCount(products); n++) {
    const shopper = shopperOf(shop.seed, n);
    const random = new Random(shop.seed, 'visits', n);
    const days = WEEKS * 7 - 1 - shopper.joinedDay;
    const sessions = random.poisson((shopper.activity * days) / 365);
    const dates = Array.from({ length: sessions }, () => shopper.joinedDay + random.below(days)).sort(
      (a, b) => a - b,
    );
    const all = dates.flatMap((day, k) => [...session(shop, shopper, day, `${shopper.id}-${k + 1}`, random)]);
    const timeOf = (/** @type {Happening} */ h) => String(h.event?.time ?? h.review?.date ?? '');
    yield* all.sort((a, b) => (timeOf(a) < timeOf(b) ? -1 : timeOf(a) > timeOf(b) ? 1 : 0));
  }
}

/** @param {import('./shop.mjs').Shop} shop @param {import('./shoppers.mjs').Shopper} shopper @param {number} day @param {string} name @param {Random} random @returns {Generator<Happening>} */
function* session(shop, shopper, day, name, random) {
  const week = Math.floor(day / 7);
  const weights = Object.fromEntries(
    Object.entries(shopper.categories).map(([c, w]) => [c, w * Math.exp(seasonOf(c, week))]),
  );
  const category = random.weighted(weights);
  let second = random.int(7 * 3600, 22 * 3600);
  const at = (/** @type {number} */ later) => {
    second = Math.min(second + random.int(5, 20) + later, 86_399);
    const clock = [second / 3600, (second / 60) % 60, second % 60].map((x) =>
      String(Math.floor(x)).padStart(2, '0'),
    );
    return `${dateOf(day)}T${clock.join(':')}Z`;
  };
  const base = { shopper_id: shopper.id, session: name };
  let wanted = '';
  if (random.chance(0.45)) {
    const type = random.pick(CATEGORIES[category].types);
    wanted = type.name;
    yield { event: { ...base, time: at(0), event: 'search', query: queryFor(type, shopper, random) } };
  }
  let last = '';
  const views = 1 + random.poisson(2.2);
  for (let v = 0; v < views; v++) {
    const choice = choose(shop, shopper, category, week, last, wanted, random);
    if (choice === undefined) return;
    const { good, variant, utility } = choice;
    last = good.parent.type.name;
    const { price } = /** @type {import('./shop.mjs').WeekPrice} */ (good.prices[week]);
    const seen = { ...base, sku: variant.sku, price: price.toFixed(2) };
    yield { event: { ...seen, time: at(random.int(10, 90)), event: 'view' } };
    if (!random.chance(logistic(-2.6 + 0.45 * utility))) continue;
    const quantity = price < 30 && random.chance(0.3) ? random.int(2, 4) : 1;
    yield { event: { ...seen, time: at(20), event: 'cart', quantity } };
    if (!random.chance(0.62)) continue;
    yield { event: { ...seen, time: at(60), event: 'purchase', quantity } };
    yield* afterwards(shop, shopper, good, variant, day, seen, random);
  }
}

/** A return, a review, or neither. @param {import('./shop.mjs').Shop} shop @param {import('./shoppers.mjs').Shopper} shopper @param {import('./shop.mjs').Good} good
 * @param {import('../product.mjs').Variant} variant @param {number} day @param {Record<string, string | number>} seen @param {Random} random @returns {Generator<Happening>} */
function* afterwards(shop, shopper, good, variant, day, seen, random) {
  const wrong = Object.keys(itemOf(shop.seed, good.parent, variant, null).truth.wrongLabels);
  const misled =
    wrong.some((a) => ['color', 'material', 'size', 'type', 'features'].includes(a)) && random.chance(0.4);
  const worn = variant.size !== '' && ['Shoes', 'Dresses', 'Knitwear'].includes(good.parent.category);
  const unfit = worn && random.chance(0.13);
  const returned = misled
    ? random.chance(0.7)
    : unfit
      ? random.chance(0.75)
      : random.chance(logistic(-3.4 - 0.6 * good.parent.quality));
  const later = day + random.int(4, 20);
  if (returned && later < WEEKS * 7) {
    const reason = misled
      ? 'not as described'
      : unfit
        ? random.pick(['too small', 'too large'])
        : random.pick(['changed my mind', 'poor quality', 'arrived late', '']);
    yield {
      event: {
        ...seen,
        time: `${dateOf(later)}T${String(random.int(8, 19)).padStart(2, '0')}:00:00Z`,
        event: 'return',
        quantity: 1,
        reason,
      },
    };
  }
  const reviewDay = later + random.int(1, 15);
  if (random.chance(misled || unfit ? 0.8 : 0.62) && reviewDay < WEEKS * 7) {
    yield reviewOf({ shop, shopper, good, variant, misled, unfit, date: dateOf(reviewDay) }, random);
  }
}

/** @param {import('./shop.mjs').Shop} shop @param {import('./shoppers.mjs').Shopper} shopper @param {string} category @param {number} week @param {string} last @param {string} wanted @param {Random} random */
function choose(shop, shopper, category, week, last, wanted, random) {
  const numbers = shop.byCategory[category];
  if (numbers === undefined || numbers.length === 0) return undefined;
  const options = [];
  for (let i = 0; i < 10; i++) {
    const good = shop.good(/** @type {number} */ (numbers[random.below(numbers.length)]));
    if (good.firstWeek > week) continue;
    const variant = random.pick(good.variants);
    const { parent } = good;
    const { price } = /** @type {import('./shop.mjs').WeekPrice} */ (good.prices[week]);
    const { audience } = parent.choices;
    const utility =
      parent.popularity +
      0.3 * parent.quality +
      (variant.color === shopper.color ? 1.1 : 0) +
      (audience !== undefined && (audience === shopper.audience || audience === 'Unisex') ? 0.8 : 0) -
      shopper.priceSensitivity * Math.log(price / parent.type.price) +
      (parent.type.name === last ? 1.3 : 0) +
      (parent.type.name === wanted ? 1 : 0);
    options.push({ good, variant, utility });
  }
  if (options.length === 0) return undefined;
  return options[random.index(options.map((o) => Math.exp(o.utility)))];
}

/** @param {import('../world/type-of.mjs').Type} type @param {import('./shoppers.mjs').Shopper} shopper @param {Random} random */
function queryFor(type, shopper, random) {
  const word = random.pick(type.words.en);
  const shade = random.pick(COLORS[shopper.color].shades).en;
  const parts = [
    random.chance(0.45) ? shade : '',
    random.chance(0.2) ? shopper.audience.toLowerCase() : '',
    word,
  ];
  const query = parts.filter((p) => p !== '').join(' ');
  // One query in ten has a letter missing.
  const cut = random.int(1, query.length - 2);
  return random.chance(0.1) ? query.slice(0, cut) + query.slice(cut + 1) : query;
}

/** The year in log demand. @param {string} category @param {number} week */
export function seasonOf(category, week) {
  const { season, peakWeek } = CATEGORIES[category];
  return season * Math.cos((2 * Math.PI * (week - peakWeek)) / 52);
}

/** @param {number} x */
export function logistic(x) {
  return 1 / (1 + Math.exp(-x));
}
