/**
 * Writes a product's title and description as its supplier would: the truth goes in, noisy text comes out, with what
 * was said literally (the brand's and the size's wording) so that labels can quote it.
 */

import { abbreviateAndMistype, breakAccents, cut, markUp } from './noise.mjs';
import { Random } from './random.mjs';
import { capital, pickEarly, say, sayPlainly, slotsOf } from './template.mjs';
import { CHINESE } from './words/chinese.mjs';
import { ENGLISH } from './words/english/index.mjs';
import { FRENCH } from './words/french.mjs';
import { GERMAN } from './words/german.mjs';
import { JAPANESE } from './words/japanese.mjs';
import { sizeText, weightText } from './words/measures.mjs';
import { ATTRIBUTES } from './world/categories.mjs';
import { COLORS } from './world/colors.mjs';
import { materialWords } from './world/materials.mjs';
import { SUPPLIERS } from './world/suppliers.mjs';

const BOOKS = { en: ENGLISH, de: GERMAN, fr: FRENCH, ja: JAPANESE, zh: CHINESE };

/** Chance that a description says an attribute, where the title did not. */
const SAID = {
  pattern: 0.88,
  audience: 0.95,
  occasion: 0.95,
  season: 0.94,
  care: 0.97,
  power: 0.97,
  sound: 0.5,
  features: 0.96,
  weight: 0.78,
  size: 0.72,
  brand: 0.7,
  material: 0.98,
};
/** Chance that a title is offered an attribute (it needs a template with room for it, too). */
const OFFERED = {
  color: 0.86,
  material: 0.62,
  feature: 0.6,
  audience: 0.72,
  occasion: 0.55,
  season: 0.55,
  pattern: 0.85,
  power: 0.5,
  size: 0.66,
  brand: 0.93,
  model: 0.8,
};

/**
 * @typedef {object} Written
 * @property {string} title
 * @property {string} description
 * @property {string} brandText @property {string} sizeText wordings to look for in the text
 * @property {readonly string[]} told attributes of which the text says something, outright or by implication
 */

/**
 * @param {number} seed
 * @param {import('./product.mjs').Parent} parent
 * @param {import('./product.mjs').Variant} variant
 * @param {string} supplierName who writes: a cross-listed product is written by another supplier
 * @returns {Written}
 */
export function write(seed, parent, variant, supplierName = parent.supplier) {
  const supplier = SUPPLIERS[supplierName];
  const { language, style } = supplier;
  const book = BOOKS[language];
  // One stream for a parent's variants: they share their wording and differ in colour and size only.
  const random = new Random(seed, 'text', parent.number, supplierName);
  const silentColor = random.chance(supplier.noColor);
  const slots = surfaces(parent, variant, supplier, book, random);
  const said = new Set();
  const bare = titleOf(parent, slots, supplier, book, silentColor, said, random);
  const shared = supplier.sharedText && parent.variants > 1;
  const title = shared ? withOptions(bare, slots, said, random) : bare;
  const empty = random.chance(supplier.empty) || (shared && variant.number > 0);
  const { text: sentences, names } = describe(
    parent,
    slots,
    supplier,
    book,
    { silentColor: silentColor || shared, said },
    random,
  );
  const kept = new Set([
    ...`${slots.brand ?? ''} ${slots.size ?? ''} ${slots.weight ?? ''}`.toLowerCase().split(/[^\p{L}'’]+/u),
  ]);
  const noisy = (/** @type {string} */ text) => abbreviateAndMistype(text, supplier, kept, random);
  const broken = random.chance(supplier.mojibake);
  let cleanTitle = noisy(dress(title, supplier, random));
  let description = empty ? '' : noisy(sentences);
  if (description !== '' && random.chance(supplier.html)) description = markUp(description, random);
  if (supplier.cut !== null) description = cut(description, supplier.cut);
  if (broken) {
    cleanTitle = breakAccents(cleanTitle);
    description = breakAccents(description);
  }
  if (random.chance(supplier.emoji)) {
    const emoji = random.pick(['🔥', '✨', '❤️', '🎁', '⭐', '🌿', '😍', '🎄', '🧸']);
    if (style === 'seo' && random.chance(0.5)) cleanTitle = `${emoji}${cleanTitle}`;
    else description = description === '' ? '' : `${description} ${emoji}`;
  }
  const told = new Set([...said].map((name) => (name.startsWith('feature:') ? 'features' : name)));
  if (!empty) for (const name of names) told.add(name);
  return {
    title: cleanTitle,
    description,
    brandText: slots.brand ?? '',
    sizeText: slots.size ?? '',
    told: ATTRIBUTES.filter((a) => told.has(a)),
  };
}

/** The words for everything, chosen once. @returns {Record<string, string>}
 * @param {import('./product.mjs').Parent} parent @param {import('./product.mjs').Variant} variant
 * @param {import('./world/suppliers.mjs').Supplier} supplier @param {import('./words/book.mjs').Book} book @param {Random} random */
function surfaces(parent, variant, supplier, book, random) {
  const { language, style } = supplier;
  const words = parent.type.words[language];
  const type = /** @type {string} */ (words[Math.floor(random.uniform() ** 3.5 * words.length)]);
  const materials = parent.parts.map((part) => {
    const names = materialWords(part.material, language, parent.category);
    return /** @type {string} */ (names[Math.floor(part.wording * names.length)]);
  });
  const shade = COLORS[variant.color].shades[variant.shade];
  const american = random.chance(style === 'seo' ? 0.8 : 0.25);
  const color =
    language === 'en' && american
      ? shade.en.replace('grey', 'gray').replace('multicolour', 'multicolor')
      : shade[language];
  const others = ['black', 'white', 'navy', 'red', 'green', 'grey', 'brown', 'cream'].filter(
    (c) => !shade.en.includes(c),
  );
  const other = otherColor(random.pick(others), language);
  const share = random.int(11, 19) * 5;
  const percent = language === 'fr' ? ' %' : '%';
  const weight =
    parent.grams === null ? undefined : weightText(parent.grams, language, style === 'terse', random);
  const size =
    variant.size === ''
      ? undefined
      : sizeText(variant.size, parent.category, parent.choices.audience, language, random);
  const many = parent.type.plural && (type.endsWith('s') || type.includes('headphones'));
  /** @type {Record<string, string | undefined>} */
  const slots = {
    type,
    color,
    other,
    weight,
    size,
    brand: parent.brand || undefined,
    model: parent.model || undefined,
    m1: materials[0],
    m2: materials[1],
    material: materials[0],
    blend:
      materials[1] === undefined
        ? `100${percent} ${materials[0]}`
        : `${share}${percent} ${materials[0]}, ${100 - share}${percent} ${materials[1]}`,
    they: many ? 'they' : 'it',
    this: many ? 'these' : 'this',
    is: many ? 'are' : 'is',
    has: many ? 'have' : 'has',
    s: many ? '' : 's',
    them: many ? 'them' : 'it',
    its: many ? 'their' : 'its',
  };
  const ml = { Mug: 330, 'Travel mug': 400, 'Espresso cup': 80, Teacup: 200 }[parent.type.name];
  if (ml !== undefined) slots.ml = `${ml + 10 * random.int(-4, 4)}`;
  if (['Heels', 'Ankle boots', 'Sandals'].includes(parent.type.name))
    slots.heel = `${random.int(2, parent.type.name === 'Heels' ? 10 : 5)}`;
  const { name } = parent.type;
  if (['Tote bag', 'Backpack', 'Weekender'].includes(name)) {
    slots.litres = `${random.int(6, 20) * 2}`;
    slots.inch = `${random.int(13, 16)}`;
    slots.load = `${random.int(4, 15)}`;
  }
  if (['Sneakers', 'Ankle boots', 'Hiking boots'].includes(name)) slots.laced = name.toLowerCase();
  if (!many) slots.one = type;
  slots.hours = `${random.int(5, 12) * 5}`;
  slots.driver = parent.type.name === 'Earbuds' ? '10' : '40';
  if (parent.choices.pattern) slots.pattern = pickEarly(book.patternWords[parent.choices.pattern], random);
  return /** @type {Record<string, string>} */ (
    Object.fromEntries(Object.entries(slots).filter(([, v]) => v !== undefined))
  );
}

/** @param {string} en @param {import('./world/type-of.mjs').Language} language */
function otherColor(en, language) {
  for (const { shades } of Object.values(COLORS)) {
    const found = shades.find((s) => s.en === en);
    if (found) return found[language];
  }
  return { en: 'cream', de: 'Creme', fr: 'crème', ja: 'クリーム', zh: '奶油色' }[language];
}

/** @param {import('./product.mjs').Parent} parent @param {Record<string, string>} slots @param {import('./world/suppliers.mjs').Supplier} supplier
 * @param {import('./words/book.mjs').Book} book @param {boolean} silentColor @param {Set<string>} said what the title says is added @param {Random} random */
function titleOf(parent, slots, supplier, book, silentColor, said, random) {
  /** @type {Record<string, string>} */
  const offered = { type: slots.type };
  const offer = (/** @type {string} */ name, /** @type {string | undefined} */ value) => {
    const chosen = random.chance(/** @type {Record<string, number>} */ (OFFERED)[name] ?? 1);
    if (value !== undefined && chosen) offered[name] = value;
  };
  offer('brand', slots.brand);
  offer('model', slots.model);
  offer('size', slots.size);
  offer('material', slots.material);
  offer('color', silentColor ? undefined : slots.color);
  for (const name of ['audience', 'occasion', 'season', 'power'])
    offer(name, short(book, name, parent.choices[name], random));
  const { pattern } = parent.choices;
  offer(
    'pattern',
    pattern === undefined || pattern === 'Solid' ? undefined : short(book, 'pattern', pattern, random),
  );
  const feature = parent.features.length === 0 ? undefined : random.pick(parent.features);
  offer('feature', short(book, 'features', feature, random));
  const templates = book.titles[supplier.style] ?? Object.values(book.titles)[0];
  const usable = templates.filter((t) => slotsOf(t).every((name) => offered[name] !== undefined));
  // Of three usable templates the one that says most, colour above all: suppliers like full titles.
  const tries =
    usable.length === 0 ? ['$type'] : [random.pick(usable), random.pick(usable), random.pick(usable)];
  const worth = (/** @type {string} */ t) => slotsOf(t).length + (/\$color/i.test(t) ? 3 : 0);
  const chosen = tries.reduce((best, t) => (worth(t) > worth(best) ? t : best));
  for (const name of slotsOf(chosen)) said.add(name === 'feature' ? `feature:${feature}` : name);
  const title = say([chosen], offered, random) ?? slots.type;
  if (offered.color === undefined || said.has('color') || !random.chance(0.85)) return title;
  said.add('color');
  return `${title}${book.space === '' ? ' ' : random.pick([', ', ' - ', ' '])}${offered.color}`;
}

/** Where variants share a text, the title ends in the variant's options, as shop systems write them: "Navy / M".
 * @param {string} title @param {Record<string, string>} slots @param {Set<string>} said @param {Random} random */
function withOptions(title, slots, said, random) {
  const options = ['color', 'size'].filter((name) => slots[name] !== undefined && !said.has(name));
  for (const name of options) said.add(name);
  const glue = random.pick([' – ', ', ', ' | ']);
  return options.length === 0
    ? title
    : `${title}${glue}${options.map((name) => capital(/** @type {string} */ (slots[name]))).join(' / ')}`;
}

/** @param {import('./words/book.mjs').Book} book @param {string} attribute @param {string | undefined} value @param {Random} random */
function short(book, attribute, value, random) {
  const words = value === undefined ? undefined : book.short[attribute]?.[value];
  return words === undefined ? undefined : pickEarly(words, random);
}

/** Capital letters as the style has them. @param {string} title @param {import('./world/suppliers.mjs').Supplier} supplier @param {Random} random */
function dress(title, supplier, random) {
  if (random.chance(supplier.caps)) return title.toUpperCase();
  if (supplier.language !== 'en') return capital(title);
  if (supplier.style === 'seo' || supplier.style === 'spec')
    return title.replace(/(^|[\s(/-])(\p{Ll})/gu, (_, gap, c) => gap + c.toUpperCase());
  return capital(title);
}

/** The description, by style. @param {import('./product.mjs').Parent} parent @param {Record<string, string>} slots @param {import('./world/suppliers.mjs').Supplier} supplier
 * @param {import('./words/book.mjs').Book} book @param {{silentColor: boolean, said: Set<string>}} state @param {Random} random */
function describe(parent, slots, supplier, book, state, random) {
  const { style } = supplier;
  const { said, silentColor } = state;
  const asFacts = style === 'spec' || style === 'terse';
  const will = (/** @type {string} */ name) =>
    random.chance(/** @type {Record<string, number>} */ (SAID)[name] * (said.has(name) ? 0.35 : 1));
  /** @type {[string, string][]} name and value or sentence */
  const facts = [];
  const tell = (/** @type {string} */ name, /** @type {string | undefined} */ text) => {
    if (text !== undefined && text !== '') facts.push([name, text]);
  };
  if (will('material')) {
    const all = book.material(parent.category);
    const both = all.filter((t) => /\$m2|\$blend/i.test(t));
    const templates = slots.m2 !== undefined && both.length > 0 && random.chance(0.88) ? both : all;
    tell(
      'material',
      asFacts
        ? [slots.m1, slots.m2].filter(Boolean).join(random.pick([', ', ' / ', ' + ']))
        : say(templates, slots, random),
    );
  }
  if (!silentColor && random.chance(said.has('color') ? 0.3 : 0.96))
    tell('color', asFacts ? slots.color : say(book.color, slots, random));
  const { pattern } = parent.choices;
  if (pattern !== undefined && will('pattern') && (pattern !== 'Solid' || random.chance(0.5))) {
    tell(
      'pattern',
      asFacts
        ? short(book, 'pattern', pattern, random)
        : say(pattern === 'Solid' ? book.patternSolid : book.pattern, slots, random),
    );
  }
  for (const name of ['audience', 'occasion', 'season', 'care', 'power', 'sound']) {
    const value = parent.choices[name];
    if (value === undefined || !will(name)) continue;
    const implied = sayPlainly(sentencesFor(book, name, value, parent.category), slots, random);
    tell(name, asFacts && random.chance(0.75) ? (short(book, name, value, random) ?? implied) : implied);
  }
  const features = parent.features.filter((f) => random.chance(SAID.features) && !said.has(`feature:${f}`));
  if (asFacts && features.length > 0)
    tell(
      'features',
      features
        .map(
          (f) =>
            (random.chance(0.75) ? short(book, 'features', f, random) : undefined) ??
            plainEnd(sayPlainly(sentencesFor(book, 'features', f, parent.category), slots, random)),
        )
        .join(', '),
    );
  else
    for (const f of features)
      tell('features', sayPlainly(sentencesFor(book, 'features', f, parent.category), slots, random));
  if (slots.weight !== undefined && will('weight'))
    tell('weight', asFacts ? slots.weight : say(book.weight, slots, random));
  if (slots.size !== undefined && will('size'))
    tell('size', asFacts ? slots.size : say(book.size(parent.category), slots, random));
  if (slots.brand !== undefined && will('brand'))
    tell('brand', asFacts ? slots.brand : say(book.brand, slots, random));
  const opening = random.chance(style === 'terse' ? 0.25 : 0.9)
    ? say(
        book.openings(style === 'spec' || style === 'terse' ? 'plain' : style, parent.category),
        slots,
        random,
      )
    : undefined;
  const asides = random
    .shuffled(book.asides(parent.category))
    .slice(0, Number(random.weighted({ 0: 45, 1: 40, 2: 15 })));
  const extra = asides.map((t) => say([t], slots, random) ?? '').filter((t) => t !== '');
  const closing = say(book.closings(style), slots, random) ?? '';
  return {
    text: layOut(
      style,
      book,
      { opening: opening ?? '', facts: random.shuffled(facts), extra, closing },
      random,
    ),
    names: facts.map(([name]) => name),
  };
}

/** What may be said of a value: everywhere, and in this category. @param {import('./words/book.mjs').Book} book @param {string} attribute @param {string} value @param {string} category */
function sentencesFor(book, attribute, value, category) {
  const all = book.implied[attribute] ?? {};
  return [...(all[value] ?? []), ...(all[`${value}@${category}`] ?? [])];
}

/** @param {string | undefined} sentence */
function plainEnd(sentence) {
  return (sentence ?? '').replace(/[.!?]$/, '');
}

/** @param {string} style @param {import('./words/book.mjs').Book} book
 * @param {{opening: string, facts: [string, string][], extra: string[], closing: string}} parts @param {Random} random */
function layOut(style, book, { opening, facts, extra, closing }, random) {
  const sentence = (/** @type {string} */ text) => (/[.!?。!?)]$/.test(text) ? text : `${text}.`);
  if (style === 'terse') {
    const glue = random.pick(['. ', ', ', ' - ', ' / ']);
    const named = facts.map(([name, text]) =>
      ['weight', 'size', 'brand'].includes(name)
        ? `${{ weight: 'weight', size: 'size', brand: 'brand' }[name]} ${text}`
        : plainEnd(text),
    );
    return [opening, named.join(glue), ...extra.slice(0, 1), closing].filter((t) => t !== '').join(' ');
  }
  if (style === 'spec') {
    const bullet = random.pick(['- ', '• ', '* ', '']);
    const lines = facts.map(
      ([name, text]) => `${bullet}${random.pick(book.keys[name] ?? [capital(name)])}: ${plainEnd(text)}`,
    );
    return [opening, ...lines, ...extra.map((e) => `${bullet}${plainEnd(e)}`), closing]
      .filter((t) => t !== '')
      .join(random.chance(0.6) ? '\n' : ' | ');
  }
  const sentences = [...facts.map(([, text]) => capital(text)), ...extra.map(capital)];
  const late = facts
    .filter(([name]) => ['care', 'size', 'weight'].includes(name))
    .map(([, text]) => capital(text));
  const ordered = [...random.shuffled(sentences.filter((s) => !late.includes(s))), ...late].map(
    book.space === '' ? (s) => s : sentence,
  );
  if (style === 'seo' && book.space !== '') {
    const mark = random.pick(['1', '★', '✔', '']);
    const listed = ordered.map((s, i) =>
      mark === '1' ? `${i + 1}. ${s}` : mark === '' ? s : `${mark} ${s}`,
    );
    return [opening, ...listed, closing].filter((t) => t !== '').join(' ');
  }
  return [capital(opening), ...ordered, closing].filter((t) => t !== '').join(book.space);
}
