/** What a phrase book holds; one for each language. */

/**
 * @typedef {object} Book
 * @property {Readonly<Record<string, readonly string[]>>} titles by style
 * @property {(style: string, category: string) => readonly string[]} openings
 * @property {(category: string) => readonly string[]} asides what is said besides facts: other colours, other numbers
 * @property {(style: string) => readonly string[]} closings
 * @property {(category: string) => readonly string[]} material sentences with $m1, $m2 or $blend
 * @property {readonly string[]} color
 * @property {Readonly<Record<string, readonly string[]>>} patternWords
 * @property {readonly string[]} pattern
 * @property {readonly string[]} patternSolid
 * @property {Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>} implied attribute -> value -> sentences
 * @property {readonly string[]} weight
 * @property {(category: string) => readonly string[]} size
 * @property {readonly string[]} brand
 * @property {Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>} short attribute -> value -> words
 * @property {Readonly<Record<string, readonly string[]>>} keys names of fields in lists
 * @property {string} and joins two materials
 * @property {string} space stands between sentences
 */

export {};
