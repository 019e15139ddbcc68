/**
 * Weekly sales of every SKU, with stock, and the prices they were sold at.
 *
 *   log demand = base + popularity + season(week) + trend * week + elasticity * log(price / usual) + 0.25 [promotion]
 *
 * Demand is a Poisson count whose mean has gamma-like noise; what is not in stock is not sold.
 */

import { Random } from '../random.mjs';
import { CATEGORIES } from '../world/categories.mjs';
import { dateOf, WEEKS } from './shop.mjs';
import { seasonOf } from './visits.mjs';

export const SALES_COLUMNS = ['week', 'sku', 'units', 'price', 'promotion', 'stock'];
export const PRICE_COLUMNS = ['sku', 'from', 'price', 'list_price', 'unit_cost'];

/** What is true of a SKU's demand. @param {number} seed @param {import('./shop.mjs').Good} good @param {import('../product.mjs').Variant} variant */
export function demandOf(seed, good, variant) {
  const random = new Random(seed, 'demand', variant.sku);
  const { parent } = good;
  const own = new Random(seed, 'elasticity', parent.number);
  return {
    sku: variant.sku,
    elasticity: round(Math.min(-0.3, CATEGORIES[parent.category].elasticity + 0.35 * own.normal())),
    base: round(
      0.4 +
        0.8 * parent.popularity -
        0.35 * Math.log(parent.type.price / 50) -
        0.4 * Math.log(parent.variants) +
        0.3 * random.normal(),
    ),
    trend: round(0.003 * random.normal()),
    season: CATEGORIES[parent.category].season,
    peakWeek: CATEGORIES[parent.category].peakWeek,
    unitCost: round(parent.price * (0.38 + 0.18 * own.uniform())),
  };
}

/** @param {import('./shop.mjs').Shop} shop @returns {Generator<Record<string, string | number>>} */
export function* salesRows(shop) {
  for (const good of shop.goods()) {
    for (const variant of good.variants) {
      const truth = demandOf(shop.seed, good, variant);
      const random = new Random(shop.seed, 'sales', variant.sku);
      const usual = Math.exp(truth.base);
      const peak = Math.exp(0.7 * truth.season);
      const target = Math.max(6, Math.ceil(usual * peak * 9));
      let stock = target;
      /** @type {{week: number, units: number}[]} */
      let coming = [];
      for (let week = good.firstWeek; week < WEEKS; week++) {
        stock += coming.filter((d) => d.week === week).reduce((sum, d) => sum + d.units, 0);
        coming = coming.filter((d) => d.week > week);
        const { price, promotion } = /** @type {import('./shop.mjs').WeekPrice} */ (good.prices[week]);
        const mean = Math.exp(
          truth.base +
            seasonOf(good.parent.category, week) +
            truth.trend * week +
            truth.elasticity * Math.log(price / good.parent.price) +
            (promotion > 0 ? 0.25 : 0) +
            0.25 * random.normal(),
        );
        const units = Math.min(stock, random.poisson(mean));
        stock -= units;
        // Orders up to the target when a third is gone; goods take two to five weeks.
        const expected = stock + coming.reduce((sum, d) => sum + d.units, 0);
        if (expected < (target * 2) / 3)
          coming.push({ week: week + random.int(2, 5), units: target - expected });
        yield {
          week: dateOf(week * 7),
          sku: variant.sku,
          units,
          price: price.toFixed(2),
          promotion: promotion === 0 ? '' : promotion,
          stock,
        };
      }
    }
  }
}

/** One row for each change of price. @param {import('./shop.mjs').Shop} shop @returns {Generator<Record<string, string | number>>} */
export function* priceRows(shop) {
  for (const good of shop.goods()) {
    for (const variant of good.variants) {
      const { unitCost } = demandOf(shop.seed, good, variant);
      let last = 0;
      for (let week = good.firstWeek; week < WEEKS; week++) {
        const { price, list } = /** @type {import('./shop.mjs').WeekPrice} */ (good.prices[week]);
        if (price === last) continue;
        last = price;
        yield {
          sku: variant.sku,
          from: dateOf(week * 7),
          price: price.toFixed(2),
          list_price: list.toFixed(2),
          unit_cost: unitCost.toFixed(2),
        };
      }
    }
  }
}

/** @param {import('./shop.mjs').Shop} shop */
export function* demandTruths(shop) {
  for (const good of shop.goods())
    for (const variant of good.variants) yield demandOf(shop.seed, good, variant);
}

/** @param {number} x */
function round(x) {
  return Math.round(x * 1000) / 1000;
}
