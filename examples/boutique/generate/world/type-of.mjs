/** The shape of a category and of a product type. */

/** @typedef {Readonly<Record<string, number>>} Weights value -> weight */

/**
 * @typedef {object} TypeProfile
 * @property {number} weight share in its category
 * @property {number} grams usual weight of one
 * @property {number} price usual price, EUR
 * @property {Weights} [audience]
 * @property {Weights} [occasion]
 * @property {Weights} [season]
 * @property {Weights} [care] where it does not follow from the materials
 * @property {Weights} [power]
 * @property {Weights} [sound] what is heard
 * @property {readonly Weights[]} parts one material is drawn for each part; '' is none
 * @property {Weights} features feature -> chance
 */

/** @typedef {'en' | 'de' | 'fr' | 'ja' | 'zh'} Language */
/** @typedef {TypeProfile & {name: string, plural: boolean, words: Readonly<Record<Language, readonly string[]>>}} Type */

/**
 * @typedef {object} Category
 * @property {string} path its place in the taxonomy
 * @property {number} weight share of the catalog
 * @property {number} elasticity of demand to price, its category's mean
 * @property {number} peakWeek the week of the year in which most is sold
 * @property {number} season amplitude of the year in log demand
 * @property {readonly Type[]} types
 */

/**
 * @param {string} name
 * @param {'' | 's'} number 's' for what comes in pairs or sets ("these boots are")
 * @param {string[]} en @param {string[]} de @param {string[]} fr @param {string[]} ja @param {string[]} zh
 * @param {TypeProfile} profile
 * @returns {Type}
 */
export function typeOf(name, number, en, de, fr, ja, zh, profile) {
  return { name, plural: number === 's', words: { en, de, fr, ja, zh }, ...profile };
}
