/**
 * Units of measure as suppliers write them, in English, German and French.
 *
 * A value in a unit is `value * factor + offset` in the base unit of its dimension (the row with factor 1). One
 * spelling may belong to several units ("oz" is a weight, and on a bottle a volume): which is meant depends on the
 * dimension that is asked for, so a look-up returns all of them, the likeliest first.
 */
const DIMENSIONS = [
  'length',
  'area',
  'mass',
  'volume',
  'time',
  'temperature',
  'data',
  'power',
  'energy',
  'charge',
  'voltage',
  'current',
  'frequency',
  'pressure',
  'angle',
  'brightness',
  'pixels',
  'loudness',
  'rotation',
  'grammage',
  'share',
  'count',
] as const;
export type Dimension = (typeof DIMENSIONS)[number];

export type Unit = {
  /** How Attune writes the unit; unique. */
  readonly symbol: string;
  readonly dimension: Dimension;
  readonly factor: number;
  readonly offset: number;
};

type Row = readonly [symbol: string, factor: number, spellings: string, offset?: number];

/** Spellings are separated by `|`; the symbol itself always counts as one. */
const TABLE: Readonly<Record<Dimension, readonly Row[]>> = {
  length: [
    ['mm', 0.001, 'millimeter|millimeters|millimetre|millimetres|millimètre|millimètres|mms'],
    ['cm', 0.01, 'centimeter|centimeters|centimetre|centimetres|zentimeter|centimètre|centimètres|cms'],
    ['dm', 0.1, 'decimeter|decimetre|dezimeter|décimètre'],
    ['m', 1, 'meter|meters|metre|metres|mètre|mètres|mtr|mtrs'],
    ['km', 1000, 'kilometer|kilometers|kilometre|kilometres|kilomètre|kilomètres'],
    ['µm', 1e-6, 'um|micron|microns|micrometer|micrometre|mikrometer'],
    ['nm', 1e-9, 'nanometer|nanometers|nanometre|nanometres'],
    ['in', 0.0254, "inch|inches|inchs|\"|″|”|“|''|zoll|pouce|pouces|ins"],
    ['ft', 0.3048, "foot|feet|'|′|’|fuß|fuss|pied|pieds"],
    ['yd', 0.9144, 'yard|yards|yds'],
    ['mi', 1609.344, 'mile|miles|meile|meilen'],
  ],
  area: [
    ['mm²', 1e-6, 'mm2|sq mm|square millimeters|square millimetres'],
    ['cm²', 1e-4, 'cm2|sq cm|square centimeters|square centimetres|quadratzentimeter'],
    [
      'm²',
      1,
      'm2|sqm|sq m|square meter|square meters|square metre|square metres|quadratmeter|mètres carrés|qm',
    ],
    ['in²', 0.00064516, 'in2|sq in|square inch|square inches'],
    ['ft²', 0.09290304, 'ft2|sq ft|sqft|square foot|square feet'],
    ['ha', 10_000, 'hectare|hectares|hektar'],
    ['acre', 4046.8564224, 'acres|ac'],
  ],
  mass: [
    ['mg', 0.001, 'milligram|milligrams|milligramm|milligramme|milligrammes'],
    ['g', 1, 'gram|grams|gramm|gramme|grammes|gr|grm|gms|gm'],
    ['kg', 1000, 'kilogram|kilograms|kilogramm|kilogramme|kilogrammes|kilo|kilos|kgs|kilogr'],
    ['t', 1e6, 'tonne|tonnes|metric ton|metric tons'],
    ['µg', 1e-6, 'ug|mcg|microgram|micrograms|mikrogramm'],
    ['oz', 28.349523125, 'ounce|ounces|unze|unzen|once|onces|ozs'],
    ['lb', 453.59237, 'lbs|pound|pounds|pfund|livre|livres|#'],
    ['st', 6350.29318, 'stone|stones'],
    ['carat', 0.2, 'carats|ct|cts|ctw|karat'],
  ],
  volume: [
    [
      'ml',
      0.001,
      'milliliter|milliliters|millilitre|millilitres|mls|cc|cm3|cm³|cubic centimeters|cubic centimetres',
    ],
    ['cl', 0.01, 'centiliter|centilitre|zentiliter|centilitres'],
    ['dl', 0.1, 'deciliter|decilitre|deziliter'],
    ['l', 1, 'liter|liters|litre|litres|ltr|ltrs|lt'],
    ['m³', 1000, 'm3|cbm|cubic meter|cubic meters|cubic metre|cubic metres|kubikmeter'],
    ['fl oz', 0.0295735295625, 'floz|fl.oz|fl. oz|fl.oz.|fluid ounce|fluid ounces|us fl oz|oz|ounce|ounces'],
    ['cup', 0.2365882365, 'cups|tasse|tassen'],
    ['pt', 0.473176473, 'pint|pints'],
    ['qt', 0.946352946, 'quart|quarts'],
    ['gal', 3.785411784, 'gallon|gallons|gals'],
    ['in³', 0.016387064, 'in3|cu in|cubic inch|cubic inches'],
    ['ft³', 28.316846592, 'ft3|cu ft|cu. ft|cubic foot|cubic feet'],
  ],
  time: [
    ['ms', 0.001, 'millisecond|milliseconds|millisekunde|millisekunden'],
    ['s', 1, 'sec|secs|second|seconds|sekunde|sekunden|sek|seconde|secondes'],
    ['min', 60, 'mins|minute|minutes|minuten'],
    ['h', 3600, 'hr|hrs|hour|hours|std|stunde|stunden|heure|heures'],
    ['d', 86_400, 'day|days|tag|tage|jour|jours'],
    ['week', 604_800, 'weeks|wk|wks|woche|wochen|semaine|semaines'],
    ['month', 2_629_746, 'months|mo|mos|mth|mths|monat|monate|mois|m'],
    ['year', 31_556_952, 'years|yr|yrs|y|jahr|jahre|an|ans|année|années'],
  ],
  temperature: [
    ['°C', 1, 'c|celsius|deg c|degree celsius|degrees celsius|degrees c|grad celsius|degrés celsius|grad'],
    ['°F', 5 / 9, 'f|fahrenheit|deg f|degree fahrenheit|degrees fahrenheit|degrees f', -160 / 9],
    ['K', 1, 'kelvin', -273.15],
  ],
  data: [
    ['B', 1, 'byte|bytes'],
    ['kB', 1e3, 'kilobyte|kilobytes|kbyte|ko'],
    ['MB', 1e6, 'megabyte|megabytes|mbyte|mo|meg|m'],
    ['GB', 1e9, 'gigabyte|gigabytes|gbyte|gig|gigs|go|g'],
    ['TB', 1e12, 'terabyte|terabytes|tbyte|to|t'],
    ['KiB', 1024, 'kibibyte'],
    ['MiB', 1_048_576, 'mebibyte'],
    ['GiB', 1_073_741_824, 'gibibyte'],
    ['TiB', 1_099_511_627_776, 'tebibyte'],
  ],
  power: [
    ['mW', 0.001, 'milliwatt|milliwatts'],
    ['W', 1, 'watt|watts|wt'],
    ['kW', 1000, 'kilowatt|kilowatts'],
    ['MW', 1e6, 'megawatt|megawatts'],
    ['hp', 745.6998715822702, 'horsepower|bhp'],
    ['PS', 735.49875, 'pferdestärke|pferdestärken|ch|chevaux'],
    ['BTU/h', 0.29307107017222, 'btu|btus|btu/hr'],
  ],
  energy: [
    ['J', 1, 'joule|joules'],
    ['kJ', 1000, 'kilojoule|kilojoules'],
    ['Wh', 3600, 'watt hour|watt hours|watt-hour|watt-hours|wattstunden'],
    ['kWh', 3.6e6, 'kilowatt hour|kilowatt hours|kilowattstunden'],
    ['cal', 4.184, 'calorie'],
    ['kcal', 4184, 'kilocalorie|kilocalories|calories'],
  ],
  charge: [
    ['mAh', 0.001, 'ma h|milliamp hour|milliamp hours'],
    ['Ah', 1, 'amp hour|amp hours|amperestunden'],
  ],
  voltage: [
    ['mV', 0.001, 'millivolt|millivolts'],
    ['V', 1, 'volt|volts|vdc|vac|v dc|v ac'],
    ['kV', 1000, 'kilovolt|kilovolts'],
  ],
  current: [
    ['mA', 0.001, 'milliamp|milliamps|milliampere'],
    ['A', 1, 'amp|amps|ampere|amperes|ampère|ampères'],
  ],
  frequency: [
    ['Hz', 1, 'hertz'],
    ['kHz', 1e3, 'kilohertz'],
    ['MHz', 1e6, 'megahertz'],
    ['GHz', 1e9, 'gigahertz'],
  ],
  pressure: [
    ['Pa', 1, 'pascal'],
    ['kPa', 1000, 'kilopascal'],
    ['bar', 1e5, 'bars'],
    ['psi', 6894.757293168, 'pounds per square inch'],
  ],
  angle: [['°', 1, 'deg|degs|degree|degrees|grad|degré|degrés']],
  brightness: [['lm', 1, 'lumen|lumens']],
  pixels: [
    ['px', 1, 'pixel|pixels'],
    ['MP', 1e6, 'mpx|mpix|megapixel|megapixels|mp|m'],
  ],
  loudness: [['dB', 1, 'decibel|decibels|dba|db(a)|dezibel|décibels']],
  rotation: [['rpm', 1, 'r/min|u/min|tr/min|revolutions per minute']],
  grammage: [['g/m²', 1, 'g/m2|gsm|gm2|g/qm']],
  share: [['%', 1, 'percent|per cent|pct|prozent|pourcent']],
  count: [
    [
      'pcs',
      1,
      'pc|pce|pces|piece|pieces|pièce|pièces|stück|stk|st|stücke|count|ct|cnt|ea|each|unit|units|unité|unités|item|' +
        'items|sheet|sheets|blatt|feuilles|tablets|tabletten|comprimés|capsules|kapseln|gélules|bags|beutel|sachets|' +
        'rolls|rollen|rouleaux|bottles|flaschen|bouteilles|cans|dosen|boîtes|pods|cards|er|er-pack|x',
    ],
    [
      'packs',
      1,
      'pack|pk|pks|pkt|packet|packets|packung|packungen|paquet|paquets|set|sets|box|boxes|case|cases|lot',
    ],
    ['pairs', 2, 'pair|pr|prs|paar|paire|paires'],
    ['dozen', 12, 'doz|dz|dozens|dutzend|douzaine|douzaines'],
  ],
};

export const UNITS: readonly Unit[] = DIMENSIONS.flatMap((dimension) =>
  TABLE[dimension].map(([symbol, factor, , offset = 0]): Unit => ({ symbol, dimension, factor, offset })),
);

/** What the config accepts as a unit. */
export const UNIT_SYMBOLS: readonly string[] = UNITS.map((unit) => unit.symbol);

/** Every spelling with the units it may mean. `exact` keeps the case ("mW" is not "MW"), `folded` is the fallback. */
export const SPELLINGS: {
  readonly exact: ReadonlyMap<string, readonly Unit[]>;
  readonly folded: ReadonlyMap<string, readonly Unit[]>;
} = index();

function index() {
  const exact = new Map<string, Unit[]>();
  const folded = new Map<string, Unit[]>();
  const add = (map: Map<string, Unit[]>, key: string, unit: Unit) => {
    const units = map.get(key) ?? [];
    if (!units.includes(unit)) units.push(unit);
    map.set(key, units);
  };
  for (const unit of UNITS) {
    const row = TABLE[unit.dimension].find(([symbol]) => symbol === unit.symbol)!;
    for (const spelling of [unit.symbol, ...row[2].split('|')]) {
      const text = spelling.normalize('NFKC');
      add(exact, text, unit);
      add(folded, text.toLowerCase(), unit);
    }
  }
  return { exact, folded };
}
