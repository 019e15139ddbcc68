/** The twelve categories, and which attribute applies where. */

import { ACCESSORIES } from './accessories.mjs';
import { CLOTHING } from './clothing.mjs';
import { GADGETS } from './gadgets.mjs';
import { HOME } from './home.mjs';

/** @type {Readonly<Record<string, import('./type-of.mjs').Category>>} */
export const CATEGORIES = { ...CLOTHING, ...ACCESSORIES, ...HOME, ...GADGETS };

/** Categories in which an attribute applies; those not named apply everywhere. */
export const APPLIES_TO = {
  pattern: ['Shoes', 'Dresses', 'Knitwear', 'Bags', 'Mugs', 'Rugs'],
  audience: ['Shoes', 'Dresses', 'Knitwear', 'Bags', 'Watches', 'Toys'],
  occasion: ['Shoes', 'Dresses', 'Bags', 'Watches'],
  season: ['Shoes', 'Dresses', 'Knitwear'],
  care: ['Dresses', 'Knitwear', 'Mugs', 'Rugs'],
  power: ['Watches', 'Headphones', 'Lamps', 'Toys', 'Clocks'],
  size: ['Shoes', 'Dresses', 'Knitwear', 'Rugs'],
  weight: ['Bags', 'Headphones', 'Mugs', 'Candles', 'Lamps', 'Toys', 'Clocks'],
  sound: ['Clocks', 'Toys'],
};

/** In the order of the columns of products.csv. `sound` is heard, not read. */
export const ATTRIBUTES = /** @type {const} */ ([
  'type',
  'color',
  'pattern',
  'material',
  'features',
  'audience',
  'occasion',
  'season',
  'care',
  'power',
  'brand',
  'size',
  'weight',
  'sound',
]);

/** @param {string} attribute @param {string} category */
export function applies(attribute, category) {
  const where = /** @type {Record<string, readonly string[]>} */ (APPLIES_TO)[attribute];
  return where === undefined || where.includes(category);
}
