/** The stream of products: rows of products.csv with their truth, one at a time. */

import { GOODS_IN, goodsIn, goodsInCells } from './goods-in.mjs';
import { labelsOf, truthOf } from './labels.mjs';
import { parentOf, variantCount, variantsOf } from './product.mjs';
import { Random } from './random.mjs';
import { ATTRIBUTES, CATEGORIES } from './world/categories.mjs';
import { SUPPLIERS } from './world/suppliers.mjs';
import { write } from './write.mjs';

export const COLUMNS = [
  'sku',
  'parent_sku',
  'supplier',
  'locale',
  'category',
  'taxonomy',
  'title',
  'description',
  'price',
  'gtin',
  'added_on',
  'image',
  'audio',
  ...ATTRIBUTES,
  ...GOODS_IN,
];

/** Share of parents that stand in the catalog a second time, by kind. */
export const DUPLICATES = { exact: 0.012, near: 0.014, 'cross-listed': 0.016 };

const LOCALES = { en: ['en-GB', 'en-US'], de: ['de-DE'], fr: ['fr-FR'], ja: ['ja-JP'], zh: ['zh-CN'] };

/**
 * @typedef {object} Truth a line of truth/products.jsonl
 * @property {string} sku
 * @property {string | null} duplicateOf @property {string | null} duplicateKind
 * @property {Record<string, string | number | readonly string[] | null>} values null does not apply
 * @property {readonly string[]} told attributes that the text says something of
 * @property {Record<string, string>} wrongLabels
 * @property {Record<string, {field: string, start: number, end: number} | null>} spans UTF-16 units
 * @property {number} quality @property {number} popularity
 */

/** @typedef {{row: Record<string, string>, truth: Truth, parent: import('./product.mjs').Parent, variant: import('./product.mjs').Variant, original: boolean}} Item */

/** @typedef {{number: number, variant: number, kind: string | null, whole: boolean}} Place what stands in a row of the catalog */

/**
 * Which product stands in each of `count` rows. A duplicate comes some hundred rows after its original; a parent whose
 * variants no longer fit at the end is not whole.
 * @param {number} seed @param {number} count @returns {Generator<Place>}
 */
export function* layout(seed, count) {
  const kinds = { ...DUPLICATES, none: 1 - Object.values(DUPLICATES).reduce((a, b) => a + b, 0) };
  /** @type {{number: number, kind: string, due: number}[]} */
  let waiting = [];
  let rows = 0;
  for (let number = 0; rows < count; number++) {
    const variants = variantCount(seed, number);
    const whole = rows + variants <= count;
    for (let variant = 0; variant < variants && rows < count; variant++, rows++) {
      yield { number, variant, kind: null, whole };
    }
    const random = new Random(seed, 'duplicate', number);
    const kind = random.weighted(kinds);
    if (kind !== 'none') waiting.push({ number, kind, due: rows + random.int(20, 300) });
    for (const copy of waiting.filter((w) => w.due <= rows)) {
      if (rows >= count) break;
      yield { number: copy.number, variant: 0, kind: copy.kind, whole: true };
      rows++;
    }
    waiting = waiting.filter((w) => w.due > rows);
  }
}

/** The products themselves, one at a time. @param {number} seed @param {number} count @returns {Generator<Item>} */
export function* catalog(seed, count) {
  for (const { number, variant, kind } of layout(seed, count)) {
    const parent = parentOf(seed, number);
    const own = /** @type {import('./product.mjs').Variant} */ (variantsOf(seed, parent)[variant]);
    yield itemOf(seed, parent, own, kind);
  }
}

/** @param {number} seed @param {import('./product.mjs').Parent} parent @param {import('./product.mjs').Variant} variant @param {string | null} kind of duplicate @returns {Item} */
export function itemOf(seed, parent, variant, kind) {
  const random = new Random(seed, 'row', parent.number, variant.number, kind ?? '');
  const supplierName = kind === 'cross-listed' ? anotherSupplier(parent, random) : parent.supplier;
  const supplier = SUPPLIERS[supplierName];
  const written = write(seed, parent, variant, supplierName);
  if (kind === 'near') touchUp(written, random);
  const { cells, wrong } = labelsOf(seed, parent, variant, written, supplierName);
  const original = variant.sku;
  const arrived = goodsIn(seed, parent, variant.number);
  const sku = kind === null ? original : `${supplier.code}-${2_000_000 + parent.number}`;
  const day = new Date(
    Date.UTC(2022, 0, 3) +
      Math.floor((1 - new Random(seed, 'added', parent.number).uniform() ** 1.3) * 1090) * 86_400_000,
  );
  const row = {
    sku,
    parent_sku: kind === null ? parent.sku : sku,
    supplier: supplierName,
    locale: random.pick(LOCALES[supplier.language]),
    category: parent.category,
    taxonomy: CATEGORIES[parent.category].path,
    title: written.title,
    description: written.description,
    price: (kind === 'cross-listed' ? parent.price + random.int(-6, 6) : parent.price).toFixed(2),
    gtin: gtinOf(seed, parent, variant),
    added_on: day.toISOString().slice(0, 10),
    image: arrived.photographed ? `media/pictures/${original}.webp` : '',
    audio: soundFile(parent, original, arrived),
    ...cells,
    ...goodsInCells(seed, parent, variant.number),
  };
  const truth = {
    sku,
    duplicateOf: kind === null ? null : original,
    duplicateKind: kind,
    values: {
      ...truthOf(parent, variant),
      backdrop: arrived.backdrop,
      ring: arrived.ring,
      listing: arrived.listing,
    },
    told: written.told,
    wrongLabels: wrong,
    spans: { brand: spanOf(row, written.brandText), size: spanOf(row, written.sizeText) },
    quality: round(parent.quality),
    popularity: round(parent.popularity),
  };
  return { row, truth, parent, variant, original: kind === null };
}

/** What is tapped is recorded piece by piece, what makes a sound of its own once for all variants.
 * @param {import('./product.mjs').Parent} parent @param {string} sku @param {import('./goods-in.mjs').GoodsIn} arrived */
function soundFile(parent, sku, arrived) {
  if (arrived.recorded) return `media/sounds/${sku}.wav`;
  const { sound } = parent.choices;
  return sound === undefined || sound === 'Silent' ? '' : `media/sounds/${parent.sku}.wav`;
}

/** Where a wording stands, in UTF-16 units; null where it does not.
 * @param {Record<string, string>} row @param {string} wording */
function spanOf(row, wording) {
  if (wording === '') return null;
  for (const field of ['title', 'description']) {
    const text = /** @type {string} */ (row[field]).toLowerCase();
    for (
      let start = text.indexOf(wording.toLowerCase());
      start >= 0;
      start = text.indexOf(wording.toLowerCase(), start + 1)
    ) {
      const end = start + wording.length;
      if (!/[\p{L}\p{N}]/u.test(text.charAt(start - 1)) && !/[\p{L}\p{N}]/u.test(text.charAt(end)))
        return { field, start, end };
    }
  }
  return null;
}

/** The small edits that make a near-duplicate. @param {import('./write.mjs').Written} written @param {Random} random */
function touchUp(written, random) {
  const edits = [
    () => `${written.title} *NEW*`,
    () => written.title.replace(/,/g, ' -'),
    () => written.title.toUpperCase(),
    () => `${written.title} (2nd batch)`,
    () => written.title.toLowerCase(),
  ];
  written.title = random.pick(edits)();
  if (random.chance(0.5))
    written.description = written.description.replace(/[^.!?。]*[.!?。]\s*$/, '').trim();
}

/** @param {import('./product.mjs').Parent} parent @param {Random} random */
function anotherSupplier(parent, random) {
  const others = Object.entries(SUPPLIERS).filter(
    ([name, s]) => name !== parent.supplier && s.language === 'en' && s.categories.includes(parent.category),
  );
  return random.pick(others)[0];
}

/** A GTIN-13 with its check digit, for two products in three. @param {number} seed @param {import('./product.mjs').Parent} parent @param {import('./product.mjs').Variant} variant */
function gtinOf(seed, parent, variant) {
  const random = new Random(seed, 'gtin', parent.number, variant.number);
  if (random.chance(0.35)) return '';
  const digits = `40${String(parent.number % 10_000_000).padStart(7, '0')}${variant.number}${String(random.below(100)).padStart(2, '0')}`;
  const sum = [...digits].reduce((s, d, i) => s + Number(d) * (i % 2 === 0 ? 1 : 3), 0);
  return `${digits}${(10 - (sum % 10)) % 10}`;
}

/** @param {number} x */
export function round(x) {
  return Math.round(x * 1000) / 1000;
}
