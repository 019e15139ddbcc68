/** The German phrase book. */

const OPENINGS = {
  Lamps: [
    '{Schlichte|Zeitlose} $type mit {warmem|blendfreiem} Licht.',
    'Unsere $type $model {sorgt für|schafft} gemütliche Stimmung {im Wohnzimmer|am Bett}.',
    'Gutes Licht muss nicht auffallen. Diese $type tut es trotzdem.',
    'Entworfen in Berlin, {gefertigt|montiert} in Sachsen.',
  ],
  Clocks: [
    '{Gut ablesbar|Klar gezeichnet}, leise und {zuverlässig|genau}.',
    '$type mit {großen Ziffern|geschwungenen Zeigern} für {Küche und Flur|den Nachttisch}.',
    'Wer pünktlich sein will, braucht {keine App|nicht viel}.',
  ],
  Candles: [
    '$type mit Noten von {Feige und Zeder|Orangenblüte|weißem Tee|Nadelwald}.',
    'Brennt {ruhig|gleichmäßig} und rußt kaum.',
    'Für lange Abende {in der Badewanne|am Esstisch}.',
  ],
  Mugs: [
    '{Liegt gut in der Hand|Ein treuer Begleiter} und {fasst|hält} rund $ml ml.',
    'Für den ersten Kaffee {am Morgen|im Büro}.',
    'Die Glasur fällt von Stück zu Stück {etwas|leicht} anders aus.',
  ],
  Shoes: [
    '{Bequem|Angenehm} vom ersten Schritt an.',
    '$type mit {herausnehmbarer Einlegesohle|gepolstertem Schaft}.',
    'Fällt normal aus, {bitte die gewohnte Größe wählen|im Zweifel eine Nummer größer}.',
  ],
  Knitwear: [
    '{Weich|Kuschelig} und formstabil.',
    '$type mit Rippbündchen und {Raglanärmeln|überschnittener Schulter}.',
    'Ein Lieblingsstück, das {jedes Jahr|immer} besser wird.',
  ],
};

const MATERIAL = {
  Shoes: [
    'Obermaterial: $m1, Sohle: $m2.',
    'Aus {weichem |}$m1 mit einer Sohle aus $m2.',
    'Oberteil aus $m1.',
  ],
  Knitwear: ['Gestrickt aus $m1.', '$blend.', 'Zusammensetzung: $blend.'],
  Candles: ['Gegossen aus $m1{, im Gefäß aus $m2|}.', 'Aus $m1, im Gefäß aus $m2.', 'Material: $m1.'],
  Lamps: ['Fuß aus $m1, Schirm aus $m2.', 'Aus $m1 gefertigt.', 'Korpus aus $m1, Schirm: $m2.'],
};

const IMPLIED = {
  audience: {
    Women: ['Für Damen.', 'Damenmodell.', 'Schmal geschnitten für Frauenfüße und -schultern.'],
    Men: ['Für Herren.', 'Herrenmodell.', 'Auch für große Männer.'],
    Unisex: ['Unisex.', 'Für sie und ihn.'],
    Kids: ['Für Kinder ab {3|4|5} Jahren.', 'Kindermodell mit Platz für den Namen.'],
  },
  occasion: {
    Everyday: ['Für jeden Tag.', 'Ein unkomplizierter Begleiter im Alltag.'],
    Work: ['Bürotauglich.', 'Passt zu Anzug und Besprechung.'],
    Evening: ['Für festliche Abende.', 'Glänzt auf jeder Hochzeit.'],
    Outdoor: ['Für Berg und Tal.', 'Macht auf jedem Wanderweg mit.'],
    Travel: ['Leicht im Koffer verstaut.', 'Ideal für Reisen.'],
  },
  season: {
    Summer: ['Luftig an heißen Tagen.', 'Für den Sommer.'],
    Winter: ['Wärmt bei Minusgraden.', 'Für den Winter.', 'Auch wenn es schneit.'],
    'Mid-season': ['Für die Übergangszeit.', 'Ideal im Frühling und Herbst.'],
    'All year': ['Ganzjährig tragbar.', 'Für alle vier Jahreszeiten.'],
  },
  care: {
    'Machine wash': ['Maschinenwäsche bei 30°.', 'Darf in die Waschmaschine.'],
    'Hand wash': [
      'Bitte von Hand waschen.',
      'Nur Handwäsche.',
      'Nicht für die Maschine geeignet, kurz von Hand spülen.',
    ],
    'Dry clean': ['Chemische Reinigung.', 'Nicht waschen, nur reinigen lassen.'],
    'Dishwasher safe': ['Spülmaschinenfest.', 'Darf in die Spülmaschine.'],
    'Spot clean': ['Flecken nur abtupfen.', 'Feucht abwischen.'],
  },
  power: {
    Battery: [
      'Benötigt {zwei|drei} AA-Batterien (nicht enthalten).',
      'Batteriebetrieben.',
      'Läuft mit einer Knopfzelle.',
    ],
    Rechargeable: ['Lädt über USB-C.', 'Mit fest verbautem Akku.', 'Nach zwei Stunden wieder voll geladen.'],
    Mains: ['Mit Netzstecker.', 'Für den Anschluss an 230 V.', 'Festanschluss durch eine Elektrofachkraft.'],
    Solar: ['Lädt tagsüber in der Sonne.', 'Mit Solarzelle.'],
    Mechanical: ['Wird von Hand aufgezogen.', 'Mechanisches Werk, ganz ohne Batterie.'],
    'No power': ['Ohne Strom und Batterien.', 'Kabelgebunden, kein Laden nötig.'],
  },
  features: {
    Waterproof: ['Wasserdicht.', 'Regen macht nichts aus.', 'Spritzwassergeschützt (IP44).'],
    Insulated: ['Doppelwandig, hält {sechs|acht} Stunden heiß.', 'Isoliert.', 'Gefüttert gegen Kälte.'],
    Handmade: ['Von Hand gefertigt.', 'Jedes Stück ein Unikat.'],
    Vegan: ['Vegan.', 'Ganz ohne tierische Bestandteile.'],
    Organic: ['Aus kontrolliert biologischem Anbau.', 'Bio-Qualität.'],
    Recycled: ['Aus recyceltem Material.', 'War einmal eine PET-Flasche.'],
    Dimmable: ['Dimmbar.', 'In {drei|fünf} Stufen regelbar.'],
    Adjustable: ['Verstellbar.', 'Höhe und Neigung lassen sich einstellen.'],
    Foldable: ['Faltbar.', 'Lässt sich flach zusammenklappen.'],
    Wireless: ['Kabellos.', 'Verbindet sich per Bluetooth.'],
    'Noise cancelling': ['Mit aktiver Geräuschunterdrückung.'],
    'Non-slip': ['Rutschfest.', 'Steht sicher, auch auf nassen Fliesen.'],
    Pockets: ['Mit zwei Taschen.', 'Mit Innenfach.'],
  },
  sound: {
    Bell: ['Mit Glockenwecker.'],
    Beep: ['Piepst, immer lauter.'],
    Birdsong: ['Weckt mit Vogelgezwitscher.', 'Der Kuckuck ruft zur vollen Stunde.'],
    Melody: ['Spielt eine Melodie.'],
    Chime: ['Mit Schlagwerk.'],
    Silent: ['Ohne Ticken.'],
  },
};

/** @type {import('./book.mjs').Book} */
export const GERMAN = {
  titles: {
    plain: [
      '$brand $type $model $color',
      '$brand $type aus $material, $color',
      '$type $model in $color',
      '$brand $model $type, $color, Gr. $size',
      '$type $brand $color $feature',
      '$type $pattern $color',
      '$brand $type $feature',
      '$brand $audience $type $color $size',
      '$type $model von $brand',
    ],
  },
  openings: (_style, category) => /** @type {Record<string, string[]>} */ (OPENINGS)[category] ?? [],
  asides: (category) =>
    ({
      Lamps: [
        'Leuchtmittel nicht enthalten.',
        'Textilkabel in $other, {2|1,5} m.',
        'Max. 40 W, Fassung E27.',
      ],
      Candles: ['Brenndauer ca. $hours Std.', 'Mit Schleife in $other.'],
      Mugs: ['Innen in $other glasiert.', 'Höhe 9 cm.'],
      Shoes: ['Ersatzsenkel in $other liegen bei.', 'Absatz $heel cm.'],
      Clocks: ['Durchmesser {25|30} cm.', 'Zeiger in $other.'],
      Knitwear: ['Passt gut zu $other.', 'Das Model ist 1,80 m groß und trägt M.'],
    })[category] ?? [],
  closings: () => [
    '',
    '',
    'Lieferung plastikfrei verpackt.',
    '2 Jahre Garantie.',
    'Farbabweichungen möglich.',
  ],
  material: (category) =>
    /** @type {Record<string, string[]>} */ (MATERIAL)[category] ?? [
      'Aus $m1{ und $m2|}.',
      'Gefertigt aus $m1.',
      'Material: $m1, $m2.',
    ],
  color: ['Farbe: $color.', 'In $color.', 'Hier in $color.'],
  patternWords: {
    Striped: ['Streifen', 'Ringeln'],
    Checked: ['Karomuster', 'Glencheck'],
    Floral: ['Blumenmuster', 'Mohnblüten'],
    'Polka dot': ['Punkten', 'Tupfen'],
    Animal: ['Leopardenmuster'],
    Geometric: ['Rautenmuster', 'Zickzack'],
    'Fair Isle': ['Norwegermuster'],
    Solid: ['glatter, einfarbiger Oberfläche'],
  },
  pattern: ['Mit $pattern.', 'Verziert mit $pattern.'],
  patternSolid: ['Einfarbig.', 'Unifarben, passt zu allem.'],
  implied: IMPLIED,
  weight: ['Gewicht: $weight.', 'Wiegt $weight.', 'Ca. $weight schwer.'],
  size: () => ['Größe $size.', 'Gr. $size.', 'Größe: $size.'],
  brand: ['Von $brand.', 'Marke: $brand.'],
  short: {
    audience: {
      Women: ['Damen', 'für Damen'],
      Men: ['Herren', 'für Herren'],
      Unisex: ['Unisex'],
      Kids: ['Kinder', 'Jungen & Mädchen'],
    },
    features: {
      Waterproof: ['wasserdicht', 'spritzwassergeschützt'],
      Insulated: ['isoliert', 'doppelwandig'],
      Handmade: ['handgefertigt', 'Handarbeit'],
      Vegan: ['vegan'],
      Organic: ['Bio'],
      Recycled: ['recycelt'],
      Dimmable: ['dimmbar'],
      Adjustable: ['verstellbar'],
      Foldable: ['faltbar', 'klappbar'],
      Wireless: ['kabellos'],
      'Noise cancelling': ['ANC'],
      'Non-slip': ['rutschfest'],
      Pockets: ['mit Taschen'],
    },
    pattern: {
      Striped: ['gestreift', 'Ringel'],
      Checked: ['kariert', 'Karo'],
      Floral: ['geblümt', 'Blumen'],
      'Polka dot': ['gepunktet'],
      Animal: ['Leo-Print'],
      Geometric: ['Rauten', 'geometrisch'],
      'Fair Isle': ['Norweger'],
      Solid: ['einfarbig', 'uni'],
    },
  },
  keys: {},
  and: ' und ',
  space: ' ',
};
