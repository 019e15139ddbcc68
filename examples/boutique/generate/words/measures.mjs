/** How suppliers write weights and sizes. */

/** @param {number} grams @param {import('../world/type-of.mjs').Language} language @param {boolean} terse @param {import('../random.mjs').Random} random */
export function weightText(grams, language, terse, random) {
  const kilos = (grams / 1000).toFixed(grams < 1000 ? 2 : 1);
  const form = random.below(10);
  if (language === 'de' || language === 'fr')
    return form < 6 ? `${grams} g` : `${kilos.replace('.', ',')} kg`;
  if (language === 'ja') return form < 7 ? `${grams}g` : `${kilos}kg`;
  if (language === 'zh') return form < 4 ? `${grams}克` : form < 8 ? `${grams}g` : `${kilos}kg`;
  if (terse && form < 3) return `${grams}`;
  if (form < 5) return grams >= 1000 ? `${kilos} kg` : `${grams} g`;
  if (form < 6) return `${grams}g`;
  if (form < 7) return `${kilos}kg`;
  if (form < 9)
    return grams < 900
      ? `${(grams / 28.3495).toFixed(1).replace('.0', '')} oz`
      : `${(grams / 453.592).toFixed(1)} lbs`;
  return grams < 900 ? `${(grams / 28.3495).toFixed(0)} ounces` : `${(grams / 453.592).toFixed(1)} pounds`;
}

const UK_CLOTHING = { XS: '6', S: '8', M: '12', L: '14', XL: '16', XXL: '18' };
const EU_CLOTHING = { XS: '34', S: '36', M: '38', L: '42', XL: '44', XXL: '46' };

/**
 * @param {string} size canonical ("EU 42", "M", "116", "160 x 230 cm")
 * @param {string} category @param {string | undefined} audience
 * @param {import('../world/type-of.mjs').Language} language @param {import('../random.mjs').Random} random
 */
export function sizeText(size, category, audience, language, random) {
  const form = random.below(10);
  if (category === 'Shoes') {
    const eu = Number(size.slice(3));
    if (language === 'zh') return `${eu}码`;
    if (language !== 'en' || audience === 'Kids') return `${eu}`;
    if (form < 4) return size;
    if (form < 6) return `${eu}`;
    if (form < 8) return `UK ${eu - 33}`;
    return audience === 'Women' ? `US ${eu - 31}` : `US ${eu - 33}`;
  }
  if (category === 'Rugs') {
    const [width = 0, length = 0] = size.split(' x ').map((s) => Number.parseInt(s, 10));
    if (form < 4) return size;
    if (form < 6) return `${width}x${length}cm`;
    if (form < 8) return `${width} × ${length} cm`;
    const feet = (/** @type {number} */ cm) =>
      `${Math.floor(cm / 30.48)}'${Math.round((cm % 30.48) / 2.54) % 12}"`;
    return `${feet(width)} x ${feet(length)}`;
  }
  if (/^\d+$/.test(size) || language === 'zh' || language === 'ja') return size;
  if (language !== 'en') return form < 6 ? size : /** @type {Record<string, string>} */ (EU_CLOTHING)[size];
  return form < 8 ? size : `UK ${/** @type {Record<string, string>} */ (UK_CLOTHING)[size]}`;
}
