/** How English descriptions state a fact: material, colour, pattern, weight, size, brand. */

/** Material: `$m1` the main one, `$m2` the second where there is one, `$blend` as on a label. @type {Readonly<Record<string, readonly string[]>>} */
export const MATERIAL = {
  Shoes: [
    'The upper is $m1, the sole $m2.',
    '$M1 {uppers|upper} on a {flexible|grippy|stitched} $m2 sole.',
    'Made of {soft|supple|sturdy} $m1 with $m2 underfoot.',
    '{Cut from a single piece of|Built from} $m1{, with a $m2 outsole|, set on $m2}.',
    'The $m1 {softens|moulds to the foot} after a few days.',
    'Outside: $m1.',
  ],
  Dresses: [
    '{Cut from|Sewn in} {light|fluid|crisp|soft} $m1.',
    '$Blend.',
    'The {fabric|cloth} is $m1{, and it creases very little|}.',
    'Made of $blend.',
    'Woven from $m1, lined at the bodice.',
  ],
  Knitwear: [
    'Knitted from {pure |soft |}$m1.',
    '$Blend.',
    '{Spun|Made} from $m1 that {doesn’t itch|keeps its shape}.',
    'Composition: $blend.',
    'The yarn is $m1{ from a family mill|}.',
  ],
  Bags: [
    '{Made of|Cut from} {thick|smooth|sturdy} $m1{ with $m2 details|}.',
    '$M1 {outside|body}, $m2 {trim|fittings}.',
    'The $m1 {ages|wears in} beautifully.',
    'We use $m1 throughout.',
    '{Panels|Body} in $m1, {corners|hardware} in $m2.',
  ],
  Watches: [
    '$M1 case, $m2 strap.',
    'The case is {brushed|polished} $m1, the strap {soft |}$m2.',
    'A {brushed|bead-blasted} $m1 case on {a $m2 band|$m2}.',
    'Case made of $m1.',
  ],
  Headphones: [
    '{Housings|Shells} in $m1, {cushions|pads|tips} in $m2.',
    '$M2 {pads|tips} and a {light|sturdy} $m1 {body|frame}.',
    'The {body|frame} is $m1.',
  ],
  Mugs: [
    'Made of {fine|solid|thick|} $m1.',
    '{Cast|Formed} in $m1{ with a $m2 lid|}.',
    '$M1{, with a $m2 sleeve|}.',
    'The {body|cup} is $m1.',
    '$M1 body, $m2 lid.',
  ],
  Candles: [
    'Poured from $m1{ into a $m2 vessel|}.',
    '{Pure|Blended from} $m1 with a cotton wick.',
    'The wax is $m1; the {jar|holder} is $m2.',
    '$M1 in a {re-usable|lidded} $m2 {jar|pot}.',
    'Made with $m1.',
  ],
  Rugs: [
    'Woven from $m1.',
    '{Hand-knotted look, in|Tufted in} $m1.',
    'The pile is $m1{ on a $m2 backing|}.',
    'Made of {thick|durable} $m1.',
    '$M1, backed with $m2.',
  ],
  Lamps: [
    'The base is $m1, the shade $m2.',
    '{Turned|Formed|Made} from $m1{ with a $m2 shade|}.',
    '$M1 {body|stand} with a $m2 shade.',
    'Made of $m1.',
    '{A|The} $m1 {frame|body} {casts|gives} a soft shadow.',
  ],
  Toys: [
    'Made of {smooth|sturdy|soft} $m1.',
    '{Shaped|Cut} from $m1{ with $m2 wheels|}.',
    'The {outside|body} is $m1.',
    '$M1, {finished|coloured} with water-based paint.',
  ],
  Clocks: [
    'The {case|frame} is $m1.',
    'Housed in $m1.',
    'Made of $m1.',
    '{A|In a} {slim|solid} $m1 {case|frame}.',
  ],
};

/** @type {readonly string[]} */
export const COLOR = [
  'In $color.',
  '{Shown|Pictured} here in $color.',
  'Colour: $color.',
  'This one is $color.',
  'The {shade|colour} is {a deep|a soft|a warm|} $color.',
  '$Color {goes|works} with {almost everything|most things you own}.',
  'In a {lovely|restful|rich} $color.',
  'Finished in $color.',
];

/** Words for a pattern, as nouns with their article. @type {Readonly<Record<string, readonly string[]>>} */
export const PATTERN_WORDS = {
  Striped: [
    'stripes',
    'bold stripes',
    'Breton stripes',
    'a fine pinstripe',
    'ticking stripes',
    'a candy stripe',
    'horizontal bands',
  ],
  Checked: [
    'a check pattern',
    'a plaid',
    'a gingham check',
    'tartan',
    'houndstooth',
    'a windowpane check',
    'buffalo check',
  ],
  Floral: [
    'a floral print',
    'wildflowers',
    'a scatter of peonies',
    'a botanical print',
    'tiny daisies',
    'climbing roses',
    'poppies',
  ],
  'Polka dot': ['polka dots', 'pin dots', 'pea-sized spots', 'little dots', 'confetti spots'],
  Animal: ['leopard print', 'zebra stripes', 'a snakeskin effect', 'cheetah spots', 'a python look'],
  Geometric: [
    'a geometric pattern',
    'chevrons',
    'a Greek key',
    'interlocking diamonds',
    'a zigzag',
    'hexagons',
    'Bauhaus shapes',
    'a geometric motif',
  ],
  'Fair Isle': [
    'a Fair Isle pattern',
    'a Fair Isle yoke',
    'Nordic snowflakes',
    'an Icelandic yoke',
    'rows of reindeer',
    'a Norwegian star',
  ],
  Solid: ['a solid colour', 'one plain colour', 'no print and no logo', 'a plain finish'],
};
/** @type {readonly string[]} */
export const PATTERN = [
  '{Patterned|Decorated|Covered} with $pattern.',
  'The {design|motif}: $pattern.',
  '$Pattern, all the way round.',
  'Comes with $pattern.',
  'Look closely and you find $pattern.',
  'This one has $pattern.',
];
/** @type {readonly string[]} */
export const PATTERN_SOLID = ['$Pattern.', '$Pattern, so it goes with anything.', 'Just $pattern.'];

/** `$weight` with its unit. @type {readonly string[]} */
export const WEIGHT = [
  'Weighs $weight.',
  '{Weight|Net weight}: $weight.',
  'At $weight {it is|a} {lighter than it looks|pleasantly solid thing to hold}.',
  '$Weight on our scales.',
  '{Tips the scales at|Comes in at} $weight.',
  'A mere $weight.',
  'It weighs about $weight.',
];
/** @type {readonly string[]} */
export const SIZE = [
  '{This is|Listed here in} size $size.',
  'Size: $size.',
  'Size $size.',
  '$Size{, other sizes on request|}.',
];
/** @type {Readonly<Record<string, readonly string[]>>} */
export const SIZE_OF = {
  Rugs: [
    'Measures $size.',
    'Size: $size.',
    '{Dimensions|Approx. size} $size.',
    'At $size it {fits|suits} {most rooms|the usual places}.',
  ],
};
/** @type {readonly string[]} */
export const BRAND = [
  'By $brand.',
  'From {the house of |}$brand.',
  'Brand: $brand.',
  '$Brand has {made|been making} these for {years|decades}.',
  'A $brand {design|original}.',
];
