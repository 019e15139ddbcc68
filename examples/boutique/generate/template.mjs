/**
 * The little grammar in which the phrase books are written:
 *   {a|b|c}   one of them (nests; an empty choice is allowed)
 *   $name     a slot; $Name is the slot with a capital letter
 *   a~        "a" or "an", by the word that follows
 */

/** Names of the slots that a template needs. @param {string} template */
export function slotsOf(template) {
  return [...template.matchAll(/\$([A-Za-z]\w*)/g)].map((m) => lower(/** @type {string} */ (m[1])));
}

/**
 * @param {string} template
 * @param {Readonly<Record<string, string>>} slots
 * @param {import('./random.mjs').Random} random
 */
export function expand(template, slots, random) {
  const chosen = choose(template, random);
  const filled = chosen.replace(/\$([A-Za-z]\w*)/g, (_, name) => {
    const value = slots[lower(name)];
    if (value === undefined) throw new Error(`The template "${template}" needs the slot "${name}".`);
    return name === lower(name) ? value : capital(value);
  });
  return filled
    .replace(/\b([Aa])~ (?=(\W*)(\w))/g, (_, a, _gap, next) => (/[aeiou8]/i.test(next) ? `${a}n ` : `${a} `))
    .replace(/ {2,}/g, ' ')
    .trim();
}

/** A random one of the templates whose slots are all there, expanded; undefined when there is none.
 * @param {readonly string[] | undefined} templates
 * @param {Readonly<Record<string, string>>} slots
 * @param {import('./random.mjs').Random} random
 */
export function say(templates, slots, random) {
  const usable = (templates ?? []).filter((t) => slotsOf(t).every((name) => slots[name] !== undefined));
  return usable.length === 0 ? undefined : expand(random.pick(usable), slots, random);
}

/** As `say`, but the first templates are the likeliest: books list the plain ways to say a thing first.
 * @param {readonly string[] | undefined} templates
 * @param {Readonly<Record<string, string>>} slots
 * @param {import('./random.mjs').Random} random
 */
export function sayPlainly(templates, slots, random) {
  const usable = (templates ?? []).filter((t) => slotsOf(t).every((name) => slots[name] !== undefined));
  return usable.length === 0 ? undefined : expand(pickEarly(usable, random), slots, random);
}

/** One of the items, the first ones likelier. @template T @param {readonly T[]} items @param {import('./random.mjs').Random} random @returns {T} */
export function pickEarly(items, random) {
  return /** @type {T} */ (items[Math.floor(random.uniform() ** 3.2 * items.length)]);
}

/** Resolves the innermost choices first. @param {string} text @param {import('./random.mjs').Random} random */
function choose(text, random) {
  let result = text;
  while (result.includes('{')) {
    result = result.replace(/\{([^{}]*)\}/g, (_, options) => random.pick(options.split('|')));
  }
  return result;
}

/** @param {string} text */
export function capital(text) {
  return text.replace(/^\p{L}/u, (c) => c.toUpperCase());
}

/** @param {string} name */
function lower(name) {
  return name.charAt(0).toLowerCase() + name.slice(1);
}
