/**
 * What is true of a product, before anyone writes about it. A parent is a function of (seed, its number): variants
 * share everything but colour and size.
 */

import { Random } from './random.mjs';
import { pickBrand, pickModel } from './world/brands.mjs';
import { applies, CATEGORIES } from './world/categories.mjs';
import { COLORS, RARE_COLORS } from './world/colors.mjs';
import { SUPPLIERS } from './world/suppliers.mjs';

/**
 * @typedef {object} Part one material of a product and how this supplier writes it
 * @property {string} material
 * @property {number} wording in [0, 1): picks the word, plain ones first
 */

/**
 * @typedef {object} Parent
 * @property {number} number
 * @property {string} sku
 * @property {string} supplier
 * @property {string} category
 * @property {import('./world/type-of.mjs').Type} type
 * @property {string} brand '' when the maker has none
 * @property {string} model
 * @property {readonly Part[]} parts
 * @property {readonly string[]} features
 * @property {Readonly<Record<string, string>>} choices pattern, audience, occasion, season, care, power, sound
 * @property {number | null} grams
 * @property {number} price EUR, list price
 * @property {number} quality standard normal: what reviews are about
 * @property {number} popularity log scale
 * @property {number} variants how many rows it has
 */

/**
 * @typedef {object} Variant
 * @property {number} number from 0
 * @property {string} sku
 * @property {string} color family
 * @property {number} shade index into the family's shades
 * @property {string} size canonical size, '' when sizes do not apply
 */

const PATTERNS = {
  Shoes: { Solid: 30, Striped: 1, Animal: 2, Floral: 1, Checked: 1 },
  Dresses: { Solid: 9, Floral: 9, Striped: 5, 'Polka dot': 5, Checked: 3, Animal: 2 },
  Knitwear: { Solid: 10, Striped: 6, 'Fair Isle': 5, Checked: 1 },
  Bags: { Solid: 18, Checked: 3, Animal: 3, Floral: 2, Striped: 2 },
  Mugs: { Solid: 9, Floral: 5, Striped: 4, 'Polka dot': 4, Geometric: 2 },
  Rugs: { Solid: 6, Geometric: 8, Striped: 5, Floral: 3, Checked: 2 },
};

const CLOTHING_SIZES = ['XS', 'S', 'M', 'L', 'XL', 'XXL'];

/** @param {number} seed @param {number} number @returns {Parent} */
export function parentOf(seed, number) {
  const random = new Random(seed, 'parent', number);
  const supplierName = random.weighted(
    Object.fromEntries(Object.entries(SUPPLIERS).map(([k, s]) => [k, s.weight])),
  );
  const supplier = SUPPLIERS[supplierName];
  const category = random.weighted(
    Object.fromEntries(supplier.categories.map((c) => [c, CATEGORIES[c].weight])),
  );
  const profile = CATEGORIES[category];
  const typeName = random.weighted(Object.fromEntries(profile.types.map((t) => [t.name, t.weight])));
  const type = /** @type {import('./world/type-of.mjs').Type} */ (
    profile.types.find((t) => t.name === typeName)
  );
  const parts = type.parts
    .map((weights) => ({ material: random.weighted(weights), wording: random.uniform() ** 3.6 }))
    .filter(
      (part, i, all) => part.material !== '' && all.findIndex((p) => p.material === part.material) === i,
    );
  const blend = ['Dresses', 'Knitwear'].includes(category) && random.chance(0.4);
  if (blend) {
    const second = random.pick(
      category === 'Knitwear'
        ? ['Nylon', 'Acrylic', 'Wool', 'Polyester']
        : ['Polyester', 'Viscose', 'Cotton', 'Nylon'],
    );
    if (!parts.some((p) => p.material === second)) parts.push({ material: second, wording: 0 });
  }
  const materials = parts.map((p) => p.material);
  const features = pickFeatures(type, materials, random);
  const choices = pickChoices(category, type, materials, random);
  const handmade = features.includes('Handmade');
  const brand = random.chance(supplier.style === 'artisan' ? 0.45 : 0.08)
    ? ''
    : pickBrand(category, supplier.language, random);
  const grams = applies('weight', category)
    ? Math.max(12, roundTo(type.grams * Math.exp(0.22 * random.normal()), type.grams > 1000 ? 50 : 5))
    : null;
  const luxury = materials.filter((m) =>
    [
      'Leather',
      'Silk',
      'Cashmere',
      'Wool',
      'Titanium',
      'Brass',
      'Marble',
      'Porcelain',
      'Beeswax',
      'Suede',
    ].includes(m),
  ).length;
  const price =
    type.price *
    Math.exp(
      0.22 * luxury -
        0.2 +
        (handmade ? 0.2 : 0) +
        0.06 * features.length +
        brandTier(brand) +
        0.15 * random.normal(),
    );
  return {
    number,
    sku: `${supplier.code}-${100000 + ((number * 7919 + seed * 131) % 899981)}`,
    supplier: supplierName,
    category,
    type,
    brand,
    model: brand === '' && random.chance(0.6) ? '' : pickModel(category, random),
    parts,
    features,
    choices,
    grams,
    price: Math.round(price) - 0.05,
    quality: random.normal(),
    popularity: 0.9 * random.normal(),
    variants: variantCount(seed, number),
  };
}

/** How many rows a parent has; cheap, so that a catalog can be laid out without making it.
 * @param {number} seed @param {number} number */
export function variantCount(seed, number) {
  const random = new Random(seed, 'variants', number);
  return random.chance(0.76) ? 1 : random.int(2, 4);
}

/** @param {number} seed @param {Parent} parent @returns {Variant[]} */
export function variantsOf(seed, parent) {
  const random = new Random(seed, 'colours', parent.number);
  const rare = /** @type {Record<string, string[]>} */ (RARE_COLORS)[parent.category] ?? [];
  const weights = Object.fromEntries(
    Object.entries(COLORS).map(([name, c]) => [name, c.weight * (rare.includes(name) ? 0.05 : 1)]),
  );
  lean(weights, parent.parts[0]?.material ?? '');
  const sizes = sizesOf(parent, random);
  /** @type {Variant[]} */
  const result = [];
  let color = random.weighted(weights);
  const bySize = sizes.length > 1 && random.chance(0.35);
  for (let i = 0; i < parent.variants; i++) {
    if (i > 0 && !bySize) {
      weights[color] = 0;
      color = random.weighted(weights);
    }
    const shades = COLORS[color].shades.length;
    const shade = bySize && i > 0 ? result[0].shade : Math.floor(random.uniform() ** 7 * shades);
    const size = sizes.length === 0 ? '' : bySize ? sizes[i % sizes.length] : random.pick(sizes);
    result.push({
      number: i,
      sku: `${parent.sku}${parent.variants > 1 ? `-${i + 1}` : ''}`,
      color,
      shade,
      size,
    });
  }
  return result;
}

/** Leather is brown, jute is beige: a model may learn that. @param {Record<string, number>} weights @param {string} material */
function lean(weights, material) {
  const boosts = {
    Leather: { Brown: 3, Black: 2 },
    Suede: { Brown: 2.5, Beige: 2 },
    Jute: { Beige: 10, Brown: 2 },
    Coir: { Brown: 8, Beige: 2 },
    Rattan: { Beige: 6, Brown: 3 },
    Wood: { Brown: 4, Beige: 3 },
    Bamboo: { Beige: 6, Brown: 2 },
    Brass: { Gold: 16 },
    Steel: { Silver: 10, Black: 1.5 },
    Titanium: { Silver: 10, Grey: 2 },
    Aluminium: { Silver: 8, Black: 2 },
    Porcelain: { White: 5 },
    Beeswax: { Yellow: 8, Beige: 3 },
    Marble: { White: 6, Black: 1.5 },
    Paper: { White: 6 },
    Sheepskin: { White: 4, Beige: 4 },
    Linen: { Beige: 3, White: 2 },
  };
  const boost = /** @type {Record<string, Record<string, number>>} */ (boosts)[material] ?? {};
  for (const [color, by] of Object.entries(boost)) weights[color] = (weights[color] ?? 0) * by;
}

/** @param {import('./world/type-of.mjs').Type} type @param {readonly string[]} materials @param {Random} random */
function pickFeatures(type, materials, random) {
  const animal = materials.some((m) =>
    ['Leather', 'Suede', 'Wool', 'Sheepskin', 'Silk', 'Cashmere', 'Beeswax', 'Alpaca'].includes(m),
  );
  const natural = materials.some((m) =>
    ['Cotton', 'Linen', 'Wool', 'Soy wax', 'Wood', 'Jute', 'Bamboo'].includes(m),
  );
  return Object.entries(type.features)
    .filter(([feature, chance]) => {
      const drawn = random.chance(Math.min(0.95, chance * 1.15));
      return drawn && !(feature === 'Vegan' && animal) && !(feature === 'Organic' && !natural);
    })
    .map(([feature]) => feature);
}

/** @param {string} category @param {import('./world/type-of.mjs').Type} type @param {readonly string[]} materials @param {Random} random */
function pickChoices(category, type, materials, random) {
  /** @type {Record<string, string>} */
  const choices = {};
  const patterns = /** @type {Record<string, Record<string, number>>} */ (PATTERNS)[category];
  if (patterns) choices.pattern = random.weighted(patterns);
  if (type.audience) choices.audience = random.weighted(type.audience);
  if (type.occasion) choices.occasion = random.weighted(type.occasion);
  if (type.season) choices.season = random.weighted(bySeason(type.season, materials));
  if (applies('care', category)) choices.care = random.weighted(type.care ?? careOf(materials));
  if (type.power) choices.power = random.weighted(type.power);
  if (type.sound) choices.sound = random.weighted(type.sound);
  return choices;
}

/** @param {import('./world/type-of.mjs').Weights} season @param {readonly string[]} materials */
function bySeason(season, materials) {
  const warm = materials.some((m) => ['Wool', 'Cashmere', 'Alpaca', 'Sheepskin'].includes(m));
  const light = materials.some((m) => ['Linen', 'Silk', 'Cotton', 'Canvas'].includes(m));
  return Object.fromEntries(
    Object.entries(season).map(([s, w]) => [
      s,
      w * (s === 'Winter' && warm ? 2.5 : s === 'Summer' && light ? 2.2 : s === 'Summer' && warm ? 0.2 : 1),
    ]),
  );
}

/** Care follows from the most delicate material. @param {readonly string[]} materials @returns {Record<string, number>} */
function careOf(materials) {
  if (materials.includes('Silk')) return { 'Dry clean': 6, 'Hand wash': 4 };
  if (materials.some((m) => ['Cashmere', 'Alpaca', 'Wool'].includes(m)))
    return { 'Hand wash': 6, 'Dry clean': 2, 'Machine wash': 2 };
  if (materials.includes('Viscose')) return { 'Hand wash': 5, 'Machine wash': 5 };
  return { 'Machine wash': 9, 'Hand wash': 1 };
}

/** @param {Parent} parent @param {Random} random @returns {string[]} sizes on offer, in random order */
function sizesOf(parent, random) {
  const { category } = parent;
  const kids = parent.choices.audience === 'Kids';
  if (category === 'Shoes') {
    const [low, high] = kids
      ? [26, 35]
      : parent.choices.audience === 'Men'
        ? [40, 46]
        : parent.choices.audience === 'Women'
          ? [36, 41]
          : [37, 45];
    return random.shuffled(Array.from({ length: high - low + 1 }, (_, i) => `EU ${low + i}`));
  }
  if (category === 'Dresses' || category === 'Knitwear') {
    return random.shuffled(kids ? ['98', '104', '110', '116', '122', '128', '134', '140'] : CLOTHING_SIZES);
  }
  if (category === 'Rugs') {
    const sizes = {
      'Area rug': [
        '120 x 170 cm',
        '160 x 230 cm',
        '200 x 290 cm',
        '80 x 150 cm',
        '240 x 340 cm',
        '140 x 200 cm',
      ],
      Runner: ['60 x 180 cm', '70 x 240 cm', '80 x 300 cm', '66 x 200 cm'],
      'Bath mat': ['50 x 80 cm', '60 x 90 cm', '60 x 60 cm', '70 x 120 cm'],
      Doormat: ['40 x 60 cm', '45 x 75 cm', '50 x 80 cm', '60 x 90 cm'],
    };
    return random.shuffled(/** @type {Record<string, string[]>} */ (sizes)[parent.type.name]);
  }
  return [];
}

/** A brand's mark-up in log price: a fixed property of its name. @param {string} brand */
export function brandTier(brand) {
  return brand === '' ? -0.12 : 0.22 * new Random('tier', brand).normal();
}

/** @param {number} value @param {number} step */
function roundTo(value, step) {
  return Math.round(value / step) * step;
}
