/**
 * Invented brands. The first of each category are well known (many products each); a long tail is put together from
 * name parts, so a test side always holds brands that training has not seen.
 */

import { Random } from '../random.mjs';

/** @type {Readonly<Record<string, readonly string[]>>} */
const KNOWN = {
  Shoes: [
    'Halden & Finch',
    'Corvane',
    'Trailmark',
    'Sabot & Sons',
    'Ondera',
    'Pasolina',
    'Wrenfield',
    'Kestrel Run',
  ],
  Dresses: [
    'Maison Aubry',
    'Linnet',
    'Rosalind Grey',
    'Ode to June',
    'Verano Alto',
    'Solveig',
    'Petal & Pine',
  ],
  Knitwear: ['Fairlie Mills', 'Knutsen', 'Woolhaven', 'Linnet', 'Thistle & Oak', 'Aran House', 'Northmoor'],
  Bags: ['Corvane', 'Bellweather', 'Atelier Sorel', 'Packhorse', 'Ridgeline', 'Marlo Lane', 'Tannery 12'],
  Watches: ['Aldermann', 'Meridian 60', 'Tidewatch', 'Orrery', 'Vantor', 'Castellan'],
  Headphones: ['Sonarra', 'Quietude', 'Bassline Labs', 'Vantor', 'Auralis', 'Nimbus Audio'],
  Mugs: ['Kiln & Co.', 'Hearthware', 'Morning Ritual', 'Brackish', 'Tollgate Pottery', 'Emberly'],
  Candles: ['Wick & Willow', 'Fernhollow', 'Lumière du Sud', 'Emberly', 'Tallow House', 'Night Orchard'],
  Rugs: ['Loomstead', 'Kasbah Road', 'Weft & Warp', 'Northmoor', 'Anadol', 'Hearthware'],
  Lamps: ['Lichtwerk', 'Glowsmith', 'Nordlys', 'Halogen & Hart', 'Bright Harbour', 'Filamento'],
  Toys: ['Tumble & Oak', 'Bramble Bear', 'Wonderwerk', 'Pip & Poppet', 'Little Cartographer', 'Zoomlings'],
  Clocks: ['Aldermann', 'Tick & Tally', 'Kuckuck & Söhne', 'Hearthware', 'Orrery', 'Minutiae'],
};

const JAPANESE = ['青木硝子', '和泉窯', '星野時計', 'ことり工房', 'KAZE', '音羽', '山吹堂', 'MINATO WORKS'];
const CHINESE = ['声悦', '华明', '小熊童趣', 'LUMIBAO', '匠物', 'YOUTU', '云栖', 'Brightway'];

const FIRST = [
  'Alder',
  'Bram',
  'Calla',
  'Dover',
  'Elm',
  'Fenn',
  'Garr',
  'Holl',
  'Isen',
  'Jun',
  'Kell',
  'Lark',
  'Mont',
  'Nor',
  'Ost',
  'Pell',
  'Quill',
  'Rav',
  'Sten',
  'Tarn',
  'Ulm',
  'Vesp',
  'Wend',
  'Yar',
  'Zell',
];
const LAST = [
  'ston',
  'wick',
  'field',
  'by',
  'dale',
  'mere',
  'ova',
  'ini',
  'ette',
  'gaard',
  'er',
  'ara',
  'holm',
  'well',
  'mont',
  'sen',
  'ley',
  'quist',
];
const SECOND = [
  'Daughters',
  'Sons',
  'Oak',
  'Vale',
  'Reed',
  'Stone',
  'Moss',
  'Hale',
  'Crane',
  'Birch',
  'Salt',
  'Fox',
];
const KIND = ['Studio', 'Works', 'Supply', 'Atelier', 'Collective', 'Goods', 'Lab', 'Made'];

/** The n-th brand of the tail. @param {number} n */
export function tailBrand(n) {
  const random = new Random('brand', n);
  const name = random.pick(FIRST) + random.pick(LAST);
  switch (random.below(6)) {
    case 0:
      return `${name} & ${random.pick(SECOND)}`;
    case 1:
      return `${name} ${random.pick(KIND)}`;
    case 2:
      return `${random.pick(['Maison', 'Atelier', 'Casa', 'House of'])} ${name}`;
    case 3:
      return name.toUpperCase();
    default:
      return name;
  }
}

/** @param {string} category @param {import('./type-of.mjs').Language} language @param {Random} random */
export function pickBrand(category, language, random) {
  if (language === 'ja' && random.chance(0.8)) return random.pick(JAPANESE);
  if (language === 'zh' && random.chance(0.8)) return random.pick(CHINESE);
  if (random.chance(0.3)) return tailBrand(Math.floor(random.uniform() ** 2 * 160));
  const known = /** @type {readonly string[]} */ (KNOWN[category]);
  return /** @type {string} */ (known[Math.floor(random.uniform() ** 1.4 * known.length)]);
}

const MODELS = [
  'Hollis',
  'Aurora',
  'Tilde',
  'Marlowe',
  'Juno',
  'Ferris',
  'Odette',
  'Bergen',
  'Wick',
  'Sable',
  'Linden',
  'Ines',
  'Calder',
  'Nico',
  'Fjord',
  'Pia',
  'Rowan',
  'Theo',
  'Vela',
  'Basil',
  'Hedda',
  'Otto',
  'Mira',
  'Clement',
  'Soren',
  'Luz',
  'Amara',
  'Dune',
  'Isla',
  'Gus',
];

/** A model's name, or '' where the maker has none. @param {string} category @param {Random} random */
export function pickModel(category, random) {
  if (random.chance(0.3)) return '';
  const technical = category === 'Headphones' || category === 'Watches' || category === 'Clocks';
  if (technical && random.chance(0.6))
    return `${random.pick(['T', 'QX', 'S', 'M', 'NX', 'A', 'R'])}${random.pick(['-', ''])}${random.int(10, 990)}`;
  if (random.chance(0.12)) return `No. ${random.int(2, 98)}`;
  return random.pick(MODELS);
}
