/** What can be generated, by name. */

import { join } from 'node:path';
import { COLUMNS, catalog } from './catalog.mjs';
import { csvLines, jsonLines, writeLines } from './files.mjs';

/** @typedef {{seed: number, products: number, out: string, media: string}} Order */
/** @typedef {{media?: boolean, write: (order: Order) => Promise<string>}} Part `write` returns a line for people */

/** @param {Iterable<import('./catalog.mjs').Item>} items @param {'row' | 'truth'} what */
function* only(items, what) {
  for (const item of items) yield/** @type {Record<string, string>} */ (item[what]);
}

/** @type {Readonly<Record<string, Part>>} */
export const PARTS = {
  products: {
    write: async ({ seed, products, out }) => {
      const path = join(out, 'products.csv');
      await writeLines(path, csvLines(COLUMNS, only(catalog(seed, products), 'row')));
      return path;
    },
  },
  truth: {
    write: async ({ seed, products, out }) => {
      const path = join(out, 'truth.jsonl.gz');
      await writeLines(path, jsonLines(only(catalog(seed, products), 'truth')));
      return path;
    },
  },
};
