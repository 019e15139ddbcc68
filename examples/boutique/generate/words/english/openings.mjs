/** How English descriptions begin, and what they say besides facts: by category. */

/** Boutique prose. @type {Readonly<Record<string, readonly string[]>>} */
export const PROSE = {
  Shoes: [
    'There is a moment, usually around the third wear, when a {good |}pair of shoes becomes yours. $This $type reach$s it {early|by lunchtime}.',
    'We asked our shoemaker for $type that could be worn from the first coffee to the last train, and $they came back with these.',
    '{Clean lines|A neat shape}, a {low|quiet} profile and nothing that shouts: the $model $type {are|is} the pair we reach for without thinking.',
    "$Type with a little history in them: the last dates from {1962|1974|our founder's first workshop}, the comfort is new.",
    '{Easy|Light} on the foot and kind to the eye.',
    'Meet $model. {Unfussy|Grown-up|Sturdy but never clumsy}, with just enough {shape|character} to be noticed twice.',
    'The shape is borrowed from {an old photograph|a pair we found at a flea market in Lille}; the fit is entirely modern.',
  ],
  Dresses: [
    'Some dresses need a plan. This one needs {only a door to walk out of|a pair of sandals and nothing else}.',
    'Cut to {skim|follow|graze} rather than cling, the $model $type moves when you do.',
    'We first sketched this $type on the back of a {menu|boarding pass}, and hardly changed a line.',
    '{Soft|Fluid|Easy} through the body with a {defined|gathered} waist, this $type is the answer to {most|a good many} wardrobe questions.',
    'A $type for the days when you would rather not think about what to wear.',
    'From our {small|spring|archive} collection: a $type with a {gentle|deep} V neckline and sleeves that {stop|end} exactly where they should.',
    'Named after {our pattern cutter|a grandmother|a street in Lisbon}, the $model has a {tiered|bias-cut|softly pleated} skirt and a {hidden zip|row of covered buttons}.',
  ],
  Knitwear: [
    'A {proper|good} $type is a kind of furniture: you {live|sink} in it.',
    'Knitted {slowly|in small batches} on {old|vintage} machines in {the Borders|a family mill near Biella}, the $model $type {gets|only gets} better with time.',
    '{Relaxed|Slouchy|Neat} but never sloppy, with {ribbed cuffs|a ribbed hem} and a {dropped|set-in} shoulder.',
    'The $type you will steal from each other.',
    'Twelve {colours|drafts} and four {yarns|samples} later, this is the $type we wanted all along.',
    'Long walks, {open windows|old films}, {a second pot of tea|the last row of the bus}: this $type was made with such things in mind.',
  ],
  Bags: [
    'A $type that {carries more than it lets on|swallows a day whole and still looks tidy}.',
    'We {drew|designed} $model around the {five|six} things that everyone carries, and the one that they always lose.',
    '{Structured|Slouchy|Softly squared}, with {a magnetic closure|a zip that never snags} and room for {a paperback|keys, phone and a secret}.',
    'The {best|nicest} bags look better scratched. This $type is no exception.',
    'Quietly made, {quietly|well} priced, and the first thing people will ask you about.',
    'There is a pocket for your {keys|phone}, a loop for your {umbrella|scarf}, and a {small|hidden} one for secrets.',
  ],
  Watches: [
    'A watch should say one thing well. The $model says the time, and {leaves it at that|says it beautifully}.',
    'The dial was redrawn {eleven|nine} times until nothing was left to take away.',
    '{Slim|Balanced} on the wrist, {legible|easy to read} from across the table, and {unlikely|not likely} to date.',
    '$Brand began in a {garage|attic} with a lathe and a loan; the $model is the watch they meant to make then.',
    'Sword hands, a railway track and a crown that clicks like a {good door|safe}.',
  ],
  Mugs: [
    'The mug you reach for is never the one at the front. This one {soon will be|will be, though}.',
    'A {generous|rounded|comfortable} shape with a handle that takes {three fingers|a whole hand}.',
    'Monday mornings are easier with something {nice|well made} to hold.',
    'It began as a {present|birthday gift} for a friend who {breaks|loses} everything, so it is {thick-walled|sturdier than it looks}.',
    'One honest cup, for tea {drunk|taken} by the window and soup eaten on the sofa.',
    'Small enough for the {shelf|cupboard} of a first flat, {handsome|pretty} enough to leave on the table.',
  ],
  Candles: [
    'Light it when the {dishes are done|rain starts}. Within ten minutes the room smells of {fig leaf and cedar|orange blossom|black tea and smoke|wet stone and mint}.',
    'A {slow|steady}, clean flame and a scent of {white tea|lavender honey|pine needles after snow|pink pepper} that {never shouts|lingers the next day}.',
    "There's {a beach in Brittany|an orchard in Kent} in this one: {salt, gorse and driftwood|green apple, hay and a little rain}.",
    'For long {baths|suppers} and short {evenings|days}.',
    'Burns for about $hours hours, {which is|or} {most of a winter|a great many suppers}.',
  ],
  Rugs: [
    'A room without a rug is a room that echoes. This $type {fixes that|is our favourite cure}.',
    'The {design|drawing} comes from {a fragment|a border} we found in {Fez|Konya|an attic in Gotland}, {scaled up|redrawn by hand}.',
    '{Soft|Dense|Springy} underfoot and calm to look at, the $model {grounds|settles} a room {without closing it in|at once}.',
    'It {frays|fades} a little, like all good things, and looks better for it.',
    'Lay it {by the bed|in the hall}, under the {table|good chair}, or where the dog insists.',
  ],
  Lamps: [
    'Turn off the big light. {Always|Please}.',
    'A {warm|soft} pool of light for {reading|the corner that nobody uses}: the $model $type makes {evenings longer|small rooms feel kept}.',
    'The $model is half {lamp|light}, half {sculpture|companion}, and looks {good|at home} even when it is off.',
    'Inspired by {street lamps in Trieste|a fishing float|a paper boat}, drawn in {one line|an afternoon}, and made to be {lived with|handed down}.',
    'This little light has {read|watched over} a lot of bedtime stories.',
  ],
  Toys: [
    'Once upon a time there was a~ $one who {wanted|longed} to be {played with|taken on a trip to Grandma}.',
    '{Little|Small} hands, big plans: $model is {ready for both|up for anything}.',
    'No rules, no {score|winners}, just {a rainy afternoon|the living-room floor} and something {nice|good} to do.',
    'Say hello to $model! {Brave|Curious|A bit shy}, {very|always} huggable and {never|hardly ever} tired.',
    'The sort of toy that {survives|outlives} a childhood and turns up in the next one.',
  ],
  Clocks: [
    "Time doesn't {fly|hurry} here; it {strolls|keeps its manners}.",
    'A {round|calm} face, {clear|friendly} numerals and hands you can read {without glasses|half asleep}.',
    'The $model {hung|stood} in our own {kitchen|hallway} for a year before we {let anyone buy it|dared to sell it}.',
    'Waking up will never be {fun|easy}, but it can be {gentler|less of an insult}.',
  ],
  Headphones: [
    'Press play and the {bus|office|kitchen} goes away.',
    'Tuned by people who {still buy records|mix for a living}, the $model $type {let|lets} the quiet parts stay quiet.',
    'Deep without the boom, bright without the {hiss|sting}.',
  ],
};

/** Plain shop English. @type {Readonly<Record<string, readonly string[]>>} */
export const PLAIN = {
  Shoes: [
    'The $brand $model $type {are|offer} a {comfortable|reliable} choice for {long days|all-day wear}.',
    'Dependable $type with a {padded|cushioned} heel and a {removable|moulded} footbed.',
    'A {hard-wearing|well-fitting} pair of $laced with {reinforced toe caps|bar-tacked eyelets} and a secure fit.',
    'Built on a {medium|wide} last, these $type give your toes room {to move|where they need it}.',
    'New from $brand: $type with {a lower heel drop|better arch support} than last year.',
  ],
  Knitwear: [
    'A {mid-weight|fine-gauge|chunky} $type from $brand, made to {layer|be worn next to the skin}.',
    'This $type has {raglan sleeves|flatlock seams} and {won’t|does not} ride up under a pack.',
    'Our {best-selling|most asked-for} $type, now with a {longer|better} cut at the back.',
  ],
  Bags: [
    'The $model is a {roomy|compact} $type with {a padded sleeve|two side pockets} for $inch-inch laptops and {a long strap|a key clip}.',
    'A {no-nonsense|practical} $type from $brand with {YKK-type zips|storm flaps} and a $litres-litre main compartment.',
    '{Reliable|Simple}, repairable and comfortable to carry: that is the idea behind this $type.',
  ],
  Watches: [
    'A {straightforward|tough} $type with luminous hands and {a date window|a scratch-resistant crystal}.',
    'The $brand $model is {easy to read|easy to live with} and {keeps|holds} good time.',
  ],
  Mugs: [
    'A {classic|simple} $type with {a comfortable handle|a smooth rim}, {holding|for} about $ml ml.',
    'Part of the $brand range, this $type {stacks neatly|goes with any tableware}.',
    'This {well-proportioned|traditional} $type makes a {lovely|thoughtful} {housewarming|birthday} gift.',
    '{Sold singly|Supplied boxed}. The glaze varies slightly from piece to piece.',
  ],
  Candles: [
    'A {long-burning|clean-burning} $type with notes of {vanilla and sandalwood|sea salt and sage|black fig|white tea|rose and oud|orange peel and clove}.',
    'Gives {up to|around} $hours hours of {gentle|even} light. Trim the wick to 5 mm before each use.',
    '{Hand-poured look|A traditional shape} with a {lead-free|braided} wick.',
  ],
  Rugs: [
    'A {flat-woven|low-pile|deep-pile} $type from $brand that {suits|works in} {busy family rooms|hallways and bedrooms}.',
    'This $type adds {warmth|texture} to {hard floors|any room}. {Colours may vary slightly from screen to screen.|}',
    'The {bound|fringed} edges keep their shape, and the pile {is quick to vacuum|sheds very little}.',
  ],
  Lamps: [
    'A {compact|elegant|simple} $type giving a {warm|glare-free} light. {Bulb not included.|Takes an E27 bulb (max. 40 W).|LED module included.}',
    'The $brand $model $type {brings|adds} {soft light|a warm glow} to {desks and shelves|living rooms and bedrooms}.',
    'This $type {comes|arrives} {fully assembled|with a 2 m fabric cable} and {a switch on the cord|a toggle on the base}.',
  ],
  Clocks: [
    'A {clear|handsome} $type with {bold numerals|a brushed dial} and {a sweeping second hand|slim hands}.',
    'This $type from $brand is {easy to set|quick to set up} and {a good size for|suits} {kitchens and hallways|bedside tables}.',
  ],
  Dresses: [
    'A {flattering|simple} $type from $brand with {a round neck|three-quarter sleeves} and {a concealed zip|an elasticated waist}.',
  ],
  Headphones: ['The $brand $model $type {deliver|give} {balanced|detailed} sound with $driver mm drivers.'],
  Toys: ['A {well-made|sturdy} $type that {encourages|invites} imaginative play. {Tested to EN 71.|}'],
};

/** Makers who write themselves. @type {Readonly<Record<string, readonly string[]>>} */
export const ARTISAN = {
  Mugs: [
    'I {throw|make} these {on a kick wheel|in batches of twenty} in {a converted dairy|my garden studio} {in Devon|near Hay-on-Wye}, so no two are {quite|exactly} the same.',
    'This is the $type I use myself, {every morning|and have done for years}. The foot is left {raw|unglazed} so you can feel the clay.',
    "We've been making this shape since {2009|the studio opened}; {the handle is bigger than it was|people keep asking for it}.",
  ],
  Candles: [
    'We pour these {on Thursdays|a dozen at a time} in the back room of the {shop|bakery}, with the radio on.',
    'I wanted a candle that smells of {our garden after rain|woodsmoke and bergamot|beach roses}, not of perfume counters.',
  ],
  Lamps: [
    'Each $type takes me {two days|most of a week}, from {drawing|the first sketch} to wiring.',
    'I started making lamps because {I could not find one I liked|our kitchen was too dark}. This is number {three|five} in the series.',
  ],
  Bags: [
    'I cut and {stitch|sew} every $type at the {same bench|kitchen table} where my mother made {saddles|coats}.',
    'We only make {thirty|forty} of these a year{, so please allow two weeks|}.',
  ],
  Rugs: [
    'Woven on {a floor loom|the big loom by the window}, this $type {takes|took} {nine days|about two weeks}.',
    'I dye the yarn myself, with {madder, weld and walnut husks|whatever the season gives}.',
  ],
};

/** What search-engine writers put first. @type {readonly string[]} */
export const SEO = [
  '【$Brand】 {High quality|Top quality|Premium} $type for {daily life|every day|home & office}! {Hot sale|Best seller|New arrival} {2024|2025}.',
  'Are you looking for {a nice|the perfect} $type? {Look no further!|You are in the right place!} Our $type $is {very popular|loved by customers} {all over the world|in Europe and USA}.',
  '$Type - {fashion|simple} design, {good quality|exquisite workmanship}, {reasonable price|best price guarantee}.',
  '{Upgraded|Newest} version $type, {more durable and more comfortable|better than others on the market}.',
  'WHY CHOOSE OUR $type? Because we care about every detail.',
];

/** What is said besides: other colours, other stuffs, other numbers. `$other` is a colour that this product has not.
 * @type {Readonly<Record<string, readonly string[]>>} */
export const ASIDES = {
  Shoes: [
    'Pair $them with {$other jeans|$other socks|a $other coat}.',
    'Contrast stitching in $other.',
    'Comes with {a cotton dust bag|spare laces in $other}.',
    'Runs {slightly small|large}; if between sizes, {size up|size down}.',
    'Heel height $heel cm.',
    'Also available in $other.',
  ],
  Dresses: [
    'Looks {lovely|good} with a $other belt.',
    'The model is {173|175|178} cm tall and wears a size {S|36}.',
    'Available in $other too.',
    'Lined to the knee.',
    'Throw a {leather|denim|wool} jacket over it when it cools down.',
  ],
  Knitwear: [
    'We like it over a $other shirt.',
    'Also comes in $other.',
    'The model wears size {M|S} and is {181|176} cm tall.',
    'As soft as cashmere at a fraction of the price.',
    'Fits true to size.',
    'Worn here with {$other trousers|leather boots}.',
  ],
  Bags: [
    'Fits a $inch-inch laptop.',
    'Lined in $other {twill|cotton}.',
    'The $other stitching is a nice touch.',
    'Holds up to $load kg.',
    'Shipping weight 1.9 kg.',
    'Also in $other.',
    'Matching wallet sold separately.',
  ],
  Watches: [
    'The {dial|face} is $other.',
    'The strap can be swapped for a $other one in seconds.',
    'Two-year guarantee.',
    'Case diameter {36|38|40|42} mm.',
    'Comes in a wooden gift box.',
    'Lug width {18|20} mm.',
  ],
  Headphones: [
    'Plays for up to {20|28|35|40} hours.',
    'Bluetooth 5.3 with a range of 10 m.',
    'Driver size $driver mm.',
    'Carry case in $other included.',
    'Box weight incl. accessories 610 g.',
  ],
  Mugs: [
    'Holds $ml ml.',
    'The inside is glazed $other.',
    'Matching {teapot|saucers} in $other available.',
    'Packed in a recycled cardboard box.',
    'Height {9|10} cm.',
    'A gift for anyone who loves a good {flat white|cup of tea}.',
  ],
  Candles: [
    'Burn time $hours h.',
    'Keep away from draughts and children.',
    'Scent: {fig and cedar|orange blossom|white tea|lavender|black pepper}.',
    'Looks {lovely|good} on a brass holder (not included).',
    'Tied with a $other ribbon.',
  ],
  Rugs: [
    'Goes with $other {sofas|walls} surprisingly well.',
    'Pile height {4|8|12} mm.',
    'Please air for a day after unpacking.',
    'Suitable for underfloor heating.',
    'The reverse is $other.',
  ],
  Lamps: [
    'Cable length {1.5|2|2.5} m, in $other fabric.',
    'Takes an E{14|27} bulb.',
    'Shade diameter {20|25|32} cm.',
    'Looks good next to anything in $other.',
    'Max. 25 W.',
    '450 lumens, 2700 K.',
  ],
  Toys: [
    'Comes in a $other gift bag.',
    'Collect all {six|eight} friends!',
    'Small parts: mind the age advice.',
    'CE and UKCA tested.',
    'Box size 24 x 18 x 6 cm.',
  ],
  Clocks: [
    'Diameter {9|25|30|40} cm.',
    'The hands are $other.',
    'Nail and plug included.',
    'Snooze every 9 minutes.',
    'Also in $other.',
  ],
};

/** @type {Readonly<Record<string, readonly string[]>>} */
export const CLOSINGS = {
  prose: [
    '',
    '',
    '',
    'Wrapped in tissue, as always.',
    'Yours for a long time, we hope.',
    '{Free|Easy} returns within 30 days.',
    'Photographed in natural light.',
  ],
  plain: [
    '',
    '',
    '',
    'Two-year guarantee.',
    'Please see pictures for details.',
    'Free returns within 30 days.',
    'Item no. {48213|70934|66120}.',
  ],
  artisan: [
    '',
    '',
    'Write to me if you have questions!',
    'Thank you for supporting a small workshop.',
    'Please allow for small differences: that is the point.',
  ],
  seo: [
    '',
    '100% satisfaction guarantee! {Any question, contact us within 24 hours.|}',
    'Perfect gift for birthday, Christmas, {Valentine’s Day|Mother’s Day}, Thanksgiving.',
    'Package included: 1 x $type.',
    'Note: slight colour difference due to {light|different monitors}.',
    'Add to cart NOW!',
  ],
  spec: [
    '',
    '',
    'What’s in the box: $type, {quick start guide|manual}.',
    '24 months warranty.',
    'Specifications subject to change without notice.',
  ],
  terse: ['', '', '', 'NO RETURNS.', 'Carton qty 12.', 'As pictured.', 'MOQ 6.'],
};
