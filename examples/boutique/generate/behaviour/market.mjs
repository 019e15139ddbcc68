/** Three competitors' prices for one SKU in four, once a month: one undercuts us, one is dear, one drifts. */

import { Random } from '../random.mjs';
import { dateOf, WEEKS } from './shop.mjs';

export const MARKET_COLUMNS = ['date', 'competitor', 'sku', 'price', 'in_stock'];

/** Strategy of each, as the truth: our price times `factor`, with noise; `follows` by how many weeks. */
export const COMPETITORS = {
  PriceHawk: { factor: 0.96, follows: 2, noise: 0.01, coverage: 0.7 },
  'Galerie Nord': { factor: 1.12, follows: null, noise: 0.02, coverage: 0.45 },
  Marktplatz24: { factor: 1.0, follows: 8, noise: 0.06, coverage: 0.6 },
};

/** @param {import('./shop.mjs').Shop} shop @returns {Generator<Record<string, string | number>>} */
export function* marketRows(shop) {
  for (const good of shop.goods()) {
    const [variant] = good.variants;
    if (variant === undefined || !new Random(shop.seed, 'matched', good.parent.number).chance(0.25)) continue;
    for (const [name, { factor, follows, noise, coverage }] of Object.entries(COMPETITORS)) {
      const random = new Random(shop.seed, 'market', good.parent.number, name);
      if (!random.chance(coverage)) continue;
      for (let week = Math.max(2, good.firstWeek); week < WEEKS; week += 4) {
        const seen = /** @type {import('./shop.mjs').WeekPrice} */ (
          good.prices[Math.max(0, week - (follows ?? 0))]
        );
        const ours = follows === null ? good.parent.price : seen.price;
        const price = Math.max(1, ours * factor * Math.exp(noise * random.normal()));
        yield {
          date: dateOf(week * 7 + 1),
          competitor: name,
          sku: variant.sku,
          price: price.toFixed(2),
          in_stock: random.chance(0.93) ? 'yes' : 'no',
        };
      }
    }
  }
}
