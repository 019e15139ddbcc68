/** What happens to a text between a supplier's desk and a shop: shortened words, typing errors, capitals, markup. */

const ABBREVIATIONS = {
  leather: 'lthr',
  black: 'blk',
  white: 'wht',
  brown: 'brn',
  navy: 'nvy',
  grey: 'gry',
  green: 'grn',
  blue: 'blu',
  silver: 'slvr',
  burgundy: 'burg',
  charcoal: 'char',
  "women's": 'wmns',
  womens: 'wmns',
  "men's": 'mns',
  mens: 'mns',
  with: 'w/',
  stainless: 's/s',
  steel: 'stl',
  approximately: 'approx',
  size: 'sz',
  weight: 'wt',
  waterproof: 'wtrprf',
  adjustable: 'adj',
  rechargeable: 'rechg',
  cotton: 'ctn',
  polyester: 'poly',
  wool: 'wl',
  ceramic: 'cer',
  backpack: 'bkpk',
  headphones: 'hdphns',
  natural: 'nat',
  handmade: 'h/made',
  quality: 'qlty',
  pieces: 'pcs',
  large: 'lge',
  small: 'sm',
  medium: 'med',
  without: 'w/o',
  and: '&',
  Größe: 'Gr.',
  für: 'f.',
  inklusive: 'inkl.',
  circa: 'ca.',
  beige: 'bge',
  aluminium: 'alu',
  dishwasher: 'dishw.',
  machine: 'mach.',
};

/** @param {string} text @param {import('./world/suppliers.mjs').Supplier} supplier @param {ReadonlySet<string>} kept words to leave alone @param {import('./random.mjs').Random} random */
export function abbreviateAndMistype(text, supplier, kept, random) {
  if (supplier.abbreviations === 0 && supplier.typos === 0) return text;
  return text.replace(/[\p{L}'’]+/gu, (word) => {
    if (kept.has(word.toLowerCase())) return word;
    const short = /** @type {Record<string, string>} */ (ABBREVIATIONS)[word.toLowerCase()];
    if (short !== undefined && random.chance(supplier.abbreviations))
      return word === word.toUpperCase() ? short.toUpperCase() : short;
    return word.length > 3 && random.chance(supplier.typos) ? mistype(word, random) : word;
  });
}

/** Swaps, drops or doubles one letter. @param {string} word @param {import('./random.mjs').Random} random */
function mistype(word, random) {
  const at = random.int(1, word.length - 2);
  switch (random.below(3)) {
    case 0:
      return word.slice(0, at) + word.charAt(at + 1) + word.charAt(at) + word.slice(at + 2);
    case 1:
      return word.slice(0, at) + word.slice(at + 1);
    default:
      return word.slice(0, at) + word.charAt(at) + word.slice(at);
  }
}

/** Remnants of markup: tags, entities, hard spaces. @param {string} text @param {import('./random.mjs').Random} random */
export function markUp(text, random) {
  switch (random.below(5)) {
    case 0:
      return `<p>${text}</p>`;
    case 1:
      return text.replace(/([.!?。]) /g, '$1<br>').replace(/\n/g, '<br/>');
    case 2:
      return text.replace(/ (?=\d)/g, '&nbsp;').replace(/\n/g, '<br />\n');
    case 3:
      return `${text.replace(/'/g, '&#39;')}</div>`;
    default:
      return text.replace(/^(\S+ \S+)/, '<b>$1</b>');
  }
}

/** UTF-8 read as Windows-1252, as half the spreadsheets of the world do it. @param {string} text */
export function breakAccents(text) {
  return text.replace(
    /[äöüßéèêàçîôûñÄÖÜÉ’–—“”œ]/g,
    (c) => /** @type {Record<string, string>} */ (BROKEN)[c] ?? c,
  );
}
const BROKEN = {
  ä: 'Ã¤',
  ö: 'Ã¶',
  ü: 'Ã¼',
  ß: 'ÃŸ',
  é: 'Ã©',
  è: 'Ã¨',
  ê: 'Ãª',
  à: 'Ã\u00a0',
  ç: 'Ã§',
  î: 'Ã®',
  ô: 'Ã´',
  û: 'Ã»',
  ñ: 'Ã±',
  Ä: 'Ã„',
  Ö: 'Ã–',
  Ü: 'Ãœ',
  É: 'Ã‰',
  '’': 'â€™',
  '–': 'â€“',
  '—': 'â€”',
  '“': 'â€œ',
  œ: 'Å“',
};

/** @param {string} text @param {number} length characters, cut at a word where there are words */
export function cut(text, length) {
  if (text.length <= length) return text;
  const part = text.slice(0, length);
  const space = part.lastIndexOf(' ');
  return `${space > length * 0.7 ? part.slice(0, space) : part}...`;
}
