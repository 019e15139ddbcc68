/** What can be generated, by name. */

import { join } from 'node:path';
import { AD_COLUMNS, ads, clickTruths, IMPRESSION_COLUMNS, impressionRows } from './behaviour/ads.mjs';
import { COMPETITORS, MARKET_COLUMNS, marketRows } from './behaviour/market.mjs';
import { REVIEW_COLUMNS } from './behaviour/reviews.mjs';
import { demandTruths, PRICE_COLUMNS, priceRows, SALES_COLUMNS, salesRows } from './behaviour/sales.mjs';
import { Shop } from './behaviour/shop.mjs';
import { SHOPPER_COLUMNS, shoppers, tasteOf } from './behaviour/shoppers.mjs';
import { EVENT_COLUMNS, visits } from './behaviour/visits.mjs';
import { COLUMNS, catalog } from './catalog.mjs';
import { csvLine, writeFiles } from './files.mjs';
import { writePictures } from './media/pictures.mjs';
import { writeSounds } from './media/sounds.mjs';

/** @typedef {{seed: number, products: number, out: string, media: string}} Order */
/** @typedef {Readonly<Record<string, string | number>>} Row */
/** @template T @typedef {{file: string, columns?: readonly string[], of: (item: T) => unknown}} Table JSON lines where there are no columns */
/** @typedef {{media?: boolean, write: (order: Order) => Promise<string>}} Part `write` returns a line for people */

/**
 * @template T
 * @param {(order: Order) => Iterable<T>} items
 * @param {readonly Table<T>[]} tables
 * @returns {Part}
 */
function tables(items, ...tables) {
  return {
    write: async (order) => {
      const files = tables.map(({ file, columns, of }) => ({
        path: join(order.out, file),
        header: columns === undefined ? '' : `${columns.join(',')}\n`,
        line: (/** @type {T} */ item) => {
          const record = of(item);
          if (record === undefined) return undefined;
          return columns === undefined
            ? `${JSON.stringify(record)}\n`
            : csvLine(columns, /** @type {Row} */ (record));
        },
      }));
      await writeFiles(items(order), files);
      return files.map(({ path }) => path).join(', ');
    },
  };
}

/** @template T @param {T} item */
const itself = (item) => item;

/** The last shop is kept: several tables are of the same one. @type {{key: string, shop: Shop} | undefined} */
let last;

/** @param {Order} order */
function shop({ seed, products }) {
  const key = `${seed} ${products}`;
  if (last?.key !== key) last = { key, shop: new Shop(seed, products) };
  return last.shop;
}

/** @type {Readonly<Record<string, Part>>} */
export const PARTS = {
  products: tables(
    ({ seed, products }) => catalog(seed, products),
    { file: 'products.csv', columns: COLUMNS, of: ({ row }) => row },
    { file: 'truth/products.jsonl.gz', of: ({ truth }) => truth },
  ),
  shoppers: tables(
    ({ seed, products }) => shoppers(seed, products),
    { file: 'shoppers.csv', columns: SHOPPER_COLUMNS, of: ({ profile }) => profile },
    { file: 'truth/shoppers.jsonl.gz', of: tasteOf },
  ),
  visits: tables(
    (order) => visits(shop(order), order.products),
    { file: 'events.csv.gz', columns: EVENT_COLUMNS, of: ({ event }) => event },
    { file: 'reviews.csv.gz', columns: REVIEW_COLUMNS, of: ({ review }) => review },
    { file: 'truth/reviews.jsonl.gz', of: ({ truth }) => truth },
  ),
  sales: tables((order) => salesRows(shop(order)), {
    file: 'sales.csv.gz',
    columns: SALES_COLUMNS,
    of: itself,
  }),
  demand: tables((order) => demandTruths(shop(order)), { file: 'truth/demand.jsonl.gz', of: itself }),
  prices: tables((order) => priceRows(shop(order)), {
    file: 'prices.csv.gz',
    columns: PRICE_COLUMNS,
    of: itself,
  }),
  market: tables((order) => marketRows(shop(order)), {
    file: 'market.csv.gz',
    columns: MARKET_COLUMNS,
    of: itself,
  }),
  competitors: tables(() => Object.entries(COMPETITORS), {
    file: 'truth/market.jsonl.gz',
    of: ([competitor, strategy]) => ({ competitor, ...strategy }),
  }),
  ads: tables((order) => ads(shop(order)), { file: 'ads.csv', columns: AD_COLUMNS, of: ({ row }) => row }),
  impressions: tables((order) => impressionRows(shop(order), order.products), {
    file: 'impressions.csv.gz',
    columns: IMPRESSION_COLUMNS,
    of: itself,
  }),
  clicks: tables((order) => clickTruths(shop(order)), { file: 'truth/ads.jsonl.gz', of: itself }),
  pictures: {
    media: true,
    write: ({ seed, products, media }) => writePictures(seed, products, join(media, 'pictures')),
  },
  sounds: {
    media: true,
    write: ({ seed, products, media }) => writeSounds(seed, products, join(media, 'sounds')),
  },
};
