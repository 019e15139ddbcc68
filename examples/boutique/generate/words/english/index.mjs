/** The English phrase book. */

import * as facts from './facts.mjs';
import { IMPLIED } from './implied.mjs';
import { ARTISAN, ASIDES, CLOSINGS, PLAIN, PROSE, SEO } from './openings.mjs';
import { KEYS, SHORT, TITLES } from './short.mjs';

/** @param {string} style @param {string} category */
function openings(style, category) {
  const own = { prose: PROSE, plain: PLAIN, artisan: ARTISAN }[style]?.[category];
  if (own) return own;
  return style === 'seo' ? SEO : (PLAIN[category] ?? []);
}

/** @type {import('../book.mjs').Book} */
export const ENGLISH = {
  titles: TITLES,
  openings,
  asides: (category) => ASIDES[category] ?? [],
  closings: (style) => CLOSINGS[style] ?? [],
  material: (category) => facts.MATERIAL[category] ?? [],
  color: facts.COLOR,
  patternWords: facts.PATTERN_WORDS,
  pattern: facts.PATTERN,
  patternSolid: facts.PATTERN_SOLID,
  implied: IMPLIED,
  weight: facts.WEIGHT,
  size: (category) => facts.SIZE_OF[category] ?? facts.SIZE,
  brand: facts.BRAND,
  short: SHORT,
  keys: KEYS,
  and: ' and ',
  space: ' ',
};
