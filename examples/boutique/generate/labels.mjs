/**
 * Which attributes a supplier fills in, and what it writes there: an empty cell is not known, "n/a" does not apply.
 * Labels are missing by supplier, by attribute and by value (not at random), and some are wrong.
 */

import { Random } from './random.mjs';
import { ATTRIBUTES, applies, CATEGORIES } from './world/categories.mjs';
import { COLORS } from './world/colors.mjs';
import { materialWords } from './world/materials.mjs';
import { SUPPLIERS } from './world/suppliers.mjs';

/** Some attributes are filled in more readily than others. */
const EAGERNESS = {
  type: 1.1,
  color: 1.1,
  material: 1,
  brand: 0.95,
  size: 0.95,
  weight: 0.9,
  features: 1,
  audience: 1.15,
  pattern: 1.2,
  occasion: 1.25,
  season: 1.3,
  care: 1.2,
  power: 1.15,
  sound: 0.9,
};

/** Colours that are taken for one another. */
const CONFUSED = {
  Black: ['Blue', 'Grey'],
  White: ['Beige', 'Grey'],
  Grey: ['Silver', 'Blue'],
  Blue: ['Green', 'Purple'],
  Green: ['Blue', 'Yellow'],
  Red: ['Pink', 'Brown'],
  Pink: ['Red', 'Purple'],
  Brown: ['Beige', 'Red'],
  Beige: ['Brown', 'White'],
  Yellow: ['Orange', 'Gold'],
  Orange: ['Red', 'Yellow'],
  Purple: ['Pink', 'Blue'],
  Gold: ['Yellow', 'Brown'],
  Silver: ['Grey', 'White'],
  Multicolour: ['Red', 'Blue'],
};

const AUDIENCE_SYNONYMS = {
  Women: ['women', 'Ladies', 'Damen', 'Femme'],
  Men: ['men', 'Gents', 'Herren', 'Homme'],
  Kids: ['Children', 'kids'],
  Unisex: ['unisex', 'Mixed'],
};

/** The truth of a product, by attribute: a value, a list, a number, or null where the attribute does not apply.
 * @param {import('./product.mjs').Parent} parent @param {import('./product.mjs').Variant} variant
 * @returns {Record<string, string | number | readonly string[] | null>} */
export function truthOf(parent, variant) {
  return {
    type: parent.type.name,
    color: variant.color,
    pattern: parent.choices.pattern ?? null,
    material: parent.parts.map((p) => p.material),
    features: parent.features.length === 0 ? null : parent.features,
    audience: parent.choices.audience ?? null,
    occasion: parent.choices.occasion ?? null,
    season: parent.choices.season ?? null,
    care: parent.choices.care ?? null,
    power: parent.choices.power ?? null,
    brand: parent.brand || null,
    size: variant.size || null,
    weight: parent.grams,
    sound: parent.choices.sound ?? null,
  };
}

/**
 * @param {number} seed @param {import('./product.mjs').Parent} parent @param {import('./product.mjs').Variant} variant
 * @param {import('./write.mjs').Written} written @param {string} supplierName
 * @returns {{cells: Record<string, string>, wrong: Record<string, string>}} cells by attribute; those that are wrong
 */
export function labelsOf(seed, parent, variant, written, supplierName = parent.supplier) {
  const supplier = SUPPLIERS[supplierName];
  const random = new Random(seed, 'labels', parent.number, variant.number, supplierName);
  const truth = truthOf(parent, variant);
  const text = `${written.title}\n${written.description}`.toLowerCase();
  /** @type {Record<string, string>} */
  const cells = {};
  /** @type {Record<string, string>} */
  const wrong = {};
  for (const attribute of ATTRIBUTES) {
    const value = truth[attribute] ?? null;
    const draw = random.uniform();
    const mistaken = random.chance(supplier.wrong);
    if (value === null) {
      cells[attribute] =
        draw < (applies(attribute, parent.category) ? supplier.labels * 0.5 : 0.42) ? 'n/a' : '';
      continue;
    }
    let chance = supplier.labels * /** @type {Record<string, number>} */ (EAGERNESS)[attribute];
    if (supplier.blind.includes(attribute)) chance *= 0.2;
    chance *= rarity(attribute, value, parent);
    if (draw >= chance) {
      cells[attribute] = '';
      continue;
    }
    if (attribute === 'brand' || attribute === 'size') {
      const wording = attribute === 'brand' ? written.brandText : written.sizeText;
      // What is quoted from the text is hardly ever filled in where the text does not hold it.
      if (!text.includes(wording.toLowerCase()) && !random.chance(0.06)) {
        cells[attribute] = '';
        continue;
      }
    }
    if (mistaken) {
      const mistake = mistakeOf(attribute, value, parent, random);
      if (mistake !== undefined) {
        cells[attribute] = mistake;
        wrong[attribute] = mistake;
        continue;
      }
    }
    cells[attribute] = cellOf(attribute, value, parent, variant, written, random);
  }
  return { cells, wrong };
}

/** What is dear and ordinary is labelled first. @param {string} attribute @param {unknown} value @param {import('./product.mjs').Parent} parent */
function rarity(attribute, value, parent) {
  let factor = parent.price > 120 ? 1.12 : parent.price < 25 ? 0.86 : 1;
  if (attribute === 'pattern') factor *= value === 'Solid' ? 0.85 : 1.05;
  if (attribute === 'season' && value === 'All year') factor *= 0.7;
  if (attribute === 'occasion' && value === 'Everyday') factor *= 0.75;
  if (attribute === 'audience' && value === 'Unisex') factor *= 0.7;
  if (attribute === 'color' && value === 'Multicolour') factor *= 0.6;
  return factor;
}

/** A right label, as this supplier spells it. @param {string} attribute @param {string | number | readonly string[]} value @param {import('./product.mjs').Parent} parent
 * @param {import('./product.mjs').Variant} variant @param {import('./write.mjs').Written} written @param {Random} random */
function cellOf(attribute, value, parent, variant, written, random) {
  if (typeof value === 'number') return random.chance(0.6) ? `${value} g` : weightCell(value, random);
  if (typeof value !== 'string') {
    return value
      .map((v) =>
        attribute === 'material' && random.chance(0.07)
          ? random.pick(materialWords(v, 'en', parent.category).slice(0, 3))
          : v,
      )
      .join(random.chance(0.5) ? ';' : '; ');
  }
  if (attribute === 'brand') return written.brandText;
  if (attribute === 'size') return written.sizeText;
  if (attribute === 'color' && random.chance(0.13)) {
    const shade = COLORS[value].shades[variant.shade];
    return random.pick([shade.en, shade[SUPPLIERS[parent.supplier].language], value.toLowerCase()]);
  }
  const synonyms =
    attribute === 'audience' ? /** @type {Record<string, string[]>} */ (AUDIENCE_SYNONYMS)[value] : undefined;
  if (synonyms !== undefined && random.chance(0.12)) return random.pick(synonyms);
  return random.chance(0.03) ? ` ${value}` : value;
}

/** @param {number} grams @param {Random} random */
function weightCell(grams, random) {
  switch (random.below(4)) {
    case 0:
      return `${grams}`;
    case 1:
      return `${(grams / 1000).toFixed(3).replace(/0$/, '')} kg`;
    case 2:
      return `${(grams / 28.3495).toFixed(1)} oz`;
    default:
      return `${(grams / 1000).toFixed(2).replace('.', ',')} kg`;
  }
}

/** @param {string} attribute @param {string | number | readonly string[]} value @param {import('./product.mjs').Parent} parent @param {Random} random @returns {string | undefined} */
function mistakeOf(attribute, value, parent, random) {
  if (typeof value === 'number')
    return random.chance(0.5) ? `${value * 10} g` : `${Math.round(value / 10)} g`;
  if (attribute === 'brand') return parent.supplier;
  if (attribute === 'size') return undefined;
  if (attribute === 'color')
    return random.pick(/** @type {Record<string, string[]>} */ (CONFUSED)[/** @type {string} */ (value)]);
  if (attribute === 'type') {
    const others = CATEGORIES[parent.category].types.filter((t) => t.name !== value);
    return random.pick(others).name;
  }
  if (typeof value !== 'string') {
    const known =
      attribute === 'material'
        ? parent.type.parts.flatMap((p) => Object.keys(p))
        : Object.keys(parent.type.features);
    const others = known.filter((v) => v !== '' && !value.includes(v));
    return others.length === 0 ? undefined : [...value.slice(1), random.pick(others)].join(';');
  }
  const options = /** @type {Record<string, import('./world/type-of.mjs').Weights | undefined>} */ (
    /** @type {unknown} */ (parent.type)
  )[attribute];
  const others = Object.keys(options ?? WRONG_CHOICES[attribute] ?? {}).filter((v) => v !== value);
  return others.length === 0 ? undefined : random.pick(others);
}

/** @type {Record<string, Record<string, number>>} */
const WRONG_CHOICES = {
  pattern: { Solid: 1, Striped: 1, Checked: 1, Floral: 1, Geometric: 1 },
  care: { 'Machine wash': 1, 'Hand wash': 1 },
};
