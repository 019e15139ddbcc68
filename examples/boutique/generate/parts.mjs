/** What can be generated, by name. */

import { join } from 'node:path';
import { AD_COLUMNS, adRows, adTruths, IMPRESSION_COLUMNS, impressionRows } from './behaviour/ads.mjs';
import { COMPETITORS, MARKET_COLUMNS, marketRows } from './behaviour/market.mjs';
import { REVIEW_COLUMNS } from './behaviour/reviews.mjs';
import { demandTruths, PRICE_COLUMNS, priceRows, SALES_COLUMNS, salesRows } from './behaviour/sales.mjs';
import { Shop } from './behaviour/shop.mjs';
import { SHOPPER_COLUMNS, shopperRows, shopperTruths } from './behaviour/shoppers.mjs';
import { EVENT_COLUMNS, visits } from './behaviour/visits.mjs';
import { COLUMNS, catalog } from './catalog.mjs';
import { csvLines, jsonLines, writeLines } from './files.mjs';
import { writePictures } from './media/pictures.mjs';
import { writeSounds } from './media/sounds.mjs';

/** @typedef {{seed: number, products: number, out: string, media: string}} Order */
/** @typedef {{media?: boolean, write: (order: Order) => Promise<string>}} Part `write` returns a line for people */

/** @param {string} file @param {(order: Order) => Iterable<string>} lines @returns {Part} */
function table(file, lines) {
  return {
    write: async (order) => {
      const path = join(order.out, file);
      await writeLines(path, lines(order));
      return path;
    },
  };
}

/** @template {string} K @param {Iterable<Partial<Record<K, unknown>>>} items @param {K} what @returns {Generator<Record<string, string>>} */
function* only(items, what) {
  for (const item of items)
    if (item[what] !== undefined) yield/** @type {Record<string, string>} */ (item[what]);
}

/** @param {Order} order */
const shop = ({ seed, products }) => new Shop(seed, products);

/** @type {Readonly<Record<string, Part>>} */
export const PARTS = {
  products: table('products.csv', ({ seed, products }) =>
    csvLines(COLUMNS, only(catalog(seed, products), 'row')),
  ),
  shoppers: table('shoppers.csv', ({ seed, products }) =>
    csvLines(SHOPPER_COLUMNS, shopperRows(seed, products)),
  ),
  events: table('events.csv.gz', (o) => csvLines(EVENT_COLUMNS, only(visits(shop(o), o.products), 'event'))),
  reviews: table('reviews.csv.gz', (o) =>
    csvLines(REVIEW_COLUMNS, only(visits(shop(o), o.products), 'review')),
  ),
  sales: table('sales.csv.gz', (o) => csvLines(SALES_COLUMNS, salesRows(shop(o)))),
  prices: table('prices.csv.gz', (o) => csvLines(PRICE_COLUMNS, priceRows(shop(o)))),
  market: table('market.csv.gz', (o) => csvLines(MARKET_COLUMNS, marketRows(shop(o)))),
  ads: table('ads.csv', (o) => csvLines(AD_COLUMNS, adRows(shop(o)))),
  impressions: table('impressions.csv.gz', (o) =>
    csvLines(IMPRESSION_COLUMNS, impressionRows(shop(o), o.products)),
  ),
  truth: table('truth/products.jsonl.gz', ({ seed, products }) =>
    jsonLines(only(catalog(seed, products), 'truth')),
  ),
  'truth-shoppers': table('truth/shoppers.jsonl.gz', ({ seed, products }) =>
    jsonLines(shopperTruths(seed, products)),
  ),
  'truth-reviews': table('truth/reviews.jsonl.gz', (o) =>
    jsonLines(only(visits(shop(o), o.products), 'truth')),
  ),
  'truth-demand': table('truth/demand.jsonl.gz', (o) => jsonLines(demandTruths(shop(o)))),
  'truth-market': table('truth/market.jsonl.gz', () =>
    jsonLines(Object.entries(COMPETITORS).map(([competitor, strategy]) => ({ competitor, ...strategy }))),
  ),
  'truth-ads': table('truth/ads.jsonl.gz', (o) => jsonLines(adTruths(shop(o)))),
  pictures: {
    media: true,
    write: ({ seed, products, media }) => writePictures(seed, products, join(media, 'pictures')),
  },
  sounds: {
    media: true,
    write: ({ seed, products, media }) => writeSounds(seed, products, join(media, 'sounds')),
  },
};
