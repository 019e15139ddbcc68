/**
 * What the shop's own people note when a piece arrives, whoever supplies it: how its photograph was taken, how it sounds when it
 * is tapped, and what follows for the marketplaces. No text says any of it; these labels are not wrong, only not yet given.
 */

import { Random } from './random.mjs';

/**
 * @typedef {object} GoodsIn
 * @property {boolean} photographed
 * @property {string | null} backdrop what the photograph was taken on; null where there is none
 * @property {boolean} recorded whether the tap was recorded
 * @property {string | null} ring null where nothing is tapped
 * @property {string} listing what can be done with it on marketplaces
 */

/** In the order of their columns. */
export const GOODS_IN = /** @type {const} */ (['backdrop', 'ring', 'listing']);

/** A crack or a loose part is heard in what is made in one hard piece. */
const TAPPED = ['Mugs', 'Lamps'];
/** Marketplaces want fashion on white. */
const WHITE_ONLY = ['Shoes', 'Dresses', 'Knitwear', 'Bags', 'Watches'];

const BACKDROPS = { White: 5, Coloured: 3, Dark: 2 };
const RINGS = { Clear: 5, Dull: 2, Rattle: 2 };

const PHOTOGRAPHED = 0.95;
const RECORDED = 0.95;
const NOTED = 0.75;

/** @param {number} seed @param {import('./product.mjs').Parent} parent @param {number} variant its number @returns {GoodsIn} */
export function goodsIn(seed, parent, variant) {
  const random = new Random(seed, 'goods in', parent.number, variant);
  const photographed = random.chance(PHOTOGRAPHED);
  const drawn = random.weighted(BACKDROPS);
  const backdrop = photographed ? drawn : null;
  const ring = TAPPED.includes(parent.category) ? random.weighted(RINGS) : null;
  return {
    photographed,
    backdrop,
    recorded: ring !== null && random.chance(RECORDED),
    ring,
    listing: listingOf(parent.category, backdrop, ring),
  };
}

/** It takes the sound, the picture and the category to tell. @param {string} category @param {string | null} backdrop @param {string | null} ring */
function listingOf(category, backdrop, ring) {
  if (ring !== null && ring !== 'Clear') return 'Hold';
  const fits = backdrop === 'White' || (backdrop === 'Coloured' && !WHITE_ONLY.includes(category));
  return fits ? 'Ready' : 'New photo';
}

/** @param {number} seed @param {import('./product.mjs').Parent} parent @param {number} variant its number @returns {Record<string, string>} cells: '' is not noted */
export function goodsInCells(seed, parent, variant) {
  const { backdrop, ring, listing } = goodsIn(seed, parent, variant);
  const random = new Random(seed, 'noted', parent.number, variant);
  const cell = (/** @type {string | null} */ value) => (random.chance(NOTED) ? (value ?? 'n/a') : '');
  return { backdrop: cell(backdrop), ring: cell(ring), listing: cell(listing) };
}
