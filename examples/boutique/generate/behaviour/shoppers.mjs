/** Who shops: a profile that the shop can see, and tastes that only the truth file holds. */

import { Random } from '../random.mjs';
import { CATEGORIES } from '../world/categories.mjs';
import { COLORS } from '../world/colors.mjs';
import { dateOf } from './shop.mjs';

export const SHOPPER_COLUMNS = [
  'shopper_id',
  'joined_on',
  'country',
  'age_band',
  'gender',
  'newsletter',
  'tier',
];

/**
 * @typedef {object} Shopper
 * @property {number} number
 * @property {string} id
 * @property {number} joinedDay
 * @property {Record<string, string>} profile
 * @property {Record<string, number>} categories weights of what is looked for
 * @property {string} color a family that is liked more than others
 * @property {string} audience for whom is bought
 * @property {number} priceSensitivity by which log price lowers utility
 * @property {number} activity sessions a year
 */

/** One shopper for every two products. @param {number} products */
export function shopperCount(products) {
  return Math.max(1, Math.round(products / 2));
}

/** @param {number} seed @param {number} number @returns {Shopper} */
export function shopperOf(seed, number) {
  const random = new Random(seed, 'shopper', number);
  const gender = random.weighted({ female: 52, male: 38, '': 10 });
  const age = random.weighted({ '18-24': 14, '25-34': 30, '35-44': 24, '45-54': 16, '55-64': 10, '65+': 6 });
  const joinedDay = Math.floor(random.uniform() ** 1.5 * 600);
  const names = Object.keys(CATEGORIES);
  const categories = Object.fromEntries(
    names.map((c) => [c, CATEGORIES[c].weight * Math.exp(1.1 * random.normal())]),
  );
  if (gender === 'male') for (const c of ['Dresses', 'Candles']) categories[c] *= 0.25;
  if (gender === 'female') for (const c of ['Watches', 'Headphones']) categories[c] *= 0.6;
  if (age === '25-34' || age === '35-44') categories.Toys *= 2.5;
  const id = `S${String(number + 1).padStart(6, '0')}`;
  const activity = Math.exp(1.75 + 0.9 * random.normal());
  return {
    number,
    id,
    joinedDay,
    categories,
    activity,
    profile: {
      shopper_id: id,
      joined_on: dateOf(joinedDay),
      country: random.weighted({ GB: 42, US: 20, DE: 16, FR: 12, JP: 4, IE: 3, NL: 3 }),
      age_band: random.chance(0.15) ? '' : age,
      gender,
      newsletter: random.chance(0.4) ? 'yes' : 'no',
      tier: random.weighted({ none: 70, silver: 20, gold: 10 }),
    },
    color: random.pick(Object.keys(COLORS).slice(0, 12)),
    audience: gender === 'male' ? 'Men' : gender === 'female' ? 'Women' : 'Unisex',
    priceSensitivity: Math.max(0.1, 1 + 0.5 * random.normal()),
  };
}

/** @param {number} seed @param {number} products @returns {Generator<Shopper>} */
export function* shoppers(seed, products) {
  for (let n = 0; n < shopperCount(products); n++) yield shopperOf(seed, n);
}

/** A line of truth/shoppers.jsonl. @param {Shopper} shopper */
export function tasteOf({ id, categories, color, audience, priceSensitivity, activity }) {
  const sum = Object.values(categories).reduce((a, b) => a + b, 0);
  const shares = Object.fromEntries(
    Object.entries(categories).map(([c, w]) => [c, Number((w / sum).toFixed(3))]),
  );
  return {
    shopper: id,
    categories: shares,
    color,
    audience,
    priceSensitivity: Number(priceSensitivity.toFixed(3)),
    sessionsAYear: Number(activity.toFixed(2)),
  };
}
