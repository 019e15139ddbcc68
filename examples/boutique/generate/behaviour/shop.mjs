/** The shop as a place to pick products from: which parents there are, by category, and what each costs when. */

import { layout } from '../catalog.mjs';
import { parentOf, variantsOf } from '../product.mjs';
import { Random } from '../random.mjs';
import { CATEGORIES } from '../world/categories.mjs';

/** The weeks of the tables: 104, from Monday 2 January 2023. */
export const WEEKS = 104;
const FIRST_DAY = Date.UTC(2023, 0, 2);
const DAY_MS = 86_400_000;
const KEPT = 4096;

/** @typedef {{parent: import('../product.mjs').Parent, variants: import('../product.mjs').Variant[], prices: readonly WeekPrice[], firstWeek: number}} Good */
/** @typedef {{price: number, list: number, promotion: number}} WeekPrice `promotion` is the share taken off */

/** @type {string[]} */
const DATES = Array.from({ length: WEEKS * 7 }, (_, day) =>
  new Date(FIRST_DAY + day * DAY_MS).toISOString().slice(0, 10),
);

/** @param {number} day from the first, within the tables' weeks @returns {string} YYYY-MM-DD */
export function dateOf(day) {
  return /** @type {string} */ (DATES[day]);
}

/** Goods are made when asked for, and a few thousand are kept: memory does not grow with the shop but for 4 bytes a parent. */
export class Shop {
  /** @type {Map<number, Good>} */
  #kept = new Map();

  /** @param {number} seed @param {number} products rows of products.csv */
  constructor(seed, products) {
    this.seed = seed;
    this.parents = wholeParents(seed, products);
    /** @type {Record<string, number[]>} */
    const lists = Object.fromEntries(Object.keys(CATEGORIES).map((c) => [c, []]));
    for (let n = 0; n < this.parents; n++) lists[parentOf(seed, n).category].push(n);
    this.byCategory = Object.fromEntries(
      Object.entries(lists).map(([c, list]) => [c, Int32Array.from(list)]),
    );
  }

  /** @param {number} number @returns {Good} */
  good(number) {
    const found = this.#kept.get(number);
    if (found !== undefined) return found;
    const parent = parentOf(this.seed, number);
    const firstWeek = firstWeekOf(this.seed, number);
    const good = {
      parent,
      variants: variantsOf(this.seed, parent),
      prices: pricesOf(this.seed, parent),
      firstWeek,
    };
    if (this.#kept.size >= KEPT) this.#kept.delete(/** @type {number} */ (this.#kept.keys().next().value));
    this.#kept.set(number, good);
    return good;
  }

  /** All goods in the order of the catalog. @returns {Generator<Good>} */
  *goods() {
    for (let n = 0; n < this.parents; n++) yield this.good(n);
  }
}

/** How many parents have all their variants in the catalog. @param {number} seed @param {number} products */
function wholeParents(seed, products) {
  let parents = 0;
  for (const { number, kind, whole } of layout(seed, products))
    if (kind === null && whole) parents = number + 1;
  return parents;
}

/** A product that is new in the shop has a short history: three in ten came in the second year.
 * @param {number} seed @param {number} number */
function firstWeekOf(seed, number) {
  const random = new Random(seed, 'launch', number);
  return random.chance(0.55) ? 0 : random.int(1, 92);
}

/** Prices by week: a list price that moves a few times, and promotions of one to three weeks, more of them in November.
 * @param {number} seed @param {import('../product.mjs').Parent} parent @returns {WeekPrice[]} */
function pricesOf(seed, parent) {
  const random = new Random(seed, 'prices', parent.number);
  let list = parent.price;
  let left = 0;
  let promotion = 0;
  return Array.from({ length: WEEKS }, (_, week) => {
    if (random.chance(0.025))
      list = Math.max(2.95, Math.round(list * Math.exp(0.08 * random.normal() + 0.015)) - 0.05);
    const november = week % 52 >= 46 && week % 52 <= 48;
    if (left === 0 && random.chance(november ? 0.35 : 0.045)) {
      left = random.int(1, 3);
      promotion = random.pick([0.1, 0.15, 0.2, 0.25, 0.3]);
    }
    const off = left > 0 ? promotion : 0;
    if (left > 0) left--;
    return { list, promotion: off, price: Math.round(list * (1 - off) * 100) / 100 };
  });
}
