/** Reviews: a few sentences on aspects, each with a sentiment that the truth file knows. */

import { Random } from '../random.mjs';
import { expand } from '../template.mjs';

export const REVIEW_COLUMNS = [
  'review_id',
  'sku',
  'shopper_id',
  'date',
  'rating',
  'title',
  'text',
  'helpful_votes',
];

/** Aspect -> sentences, good and bad. `$thing` is the product's kind. @type {Readonly<Record<string, {good: readonly string[], bad: readonly string[]}>>} */
const ASPECTS = {
  quality: {
    good: [
      '{Really|Very|Surprisingly} well made.',
      'Feels {solid|much dearer than it was}.',
      'Still like new after {two months|a dozen outings}.',
      'You can tell somebody cared.',
      'The finish is flawless.',
      'I was worried about the quality, needlessly so.',
    ],
    bad: [
      'Fell apart after {two weeks|three uses}.',
      'Feels {cheap|flimsy}.',
      'The {seams|edges|finish} could be much better.',
      'Not what I call well made.',
      'I expected more for a $thing of this brand.',
      'Started to {squeak|peel|fray} within days.',
    ],
  },
  looks: {
    good: [
      '{Looks|Even} prettier than in the pictures.',
      'Love the {colour|design|shape}.',
      'I get compliments all the time.',
      'Goes with everything I own.',
      'My {husband|wife|flatmate} wants one too.',
    ],
    bad: [
      '{Looks|Rather} dull in real life.',
      'The design is not for me.',
      'Smaller details look {printed on|careless}.',
      'Looks nothing special, I am afraid.',
    ],
  },
  asDescribed: {
    good: [
      'Exactly as described.',
      'The {colour|material} is just what the page says.',
      'What you see is what you get.',
    ],
    bad: [
      'Not as described: the {colour|material} is {quite|completely} different.',
      'The listing says one thing, the parcel another.',
      'Ordered by the description, got something else.',
      'Be careful, the details on the page are wrong.',
    ],
  },
  fit: {
    good: ['Fits {perfectly|like a glove}.', 'True to size.', 'My usual size was right.'],
    bad: [
      'Runs {small|large}, had to {send it back|swap it}.',
      'The size is off by {one|at least one}.',
      'Too tight {across the shoulders|at the toes}.',
      'Sizing is all over the place.',
    ],
  },
  value: {
    good: [
      '{Great|Good} value.',
      'Worth every penny.',
      'For the price you cannot go wrong.',
      'A bargain in the sale.',
    ],
    bad: ['Overpriced.', 'Not worth {the money|half of it}.', 'I have seen better for less.'],
  },
  delivery: {
    good: [
      'Arrived {next day|quickly} and {nicely|well} packed.',
      'Delivery was {quick|on time}.',
      'Came beautifully wrapped.',
    ],
    bad: [
      'Took {two|three} weeks to arrive.',
      'The box was {crushed|open} when it came.',
      'Delivery was a {nightmare|saga}.',
      'Arrived a day after the birthday it was meant for.',
    ],
  },
};

const TITLES = {
  good: [
    'Love it',
    'Very happy',
    'Five stars',
    'Perfect $thing',
    'Better than expected',
    'Would buy again',
    'A keeper',
    'Lovely',
    '',
  ],
  fair: ['OK', 'Not bad', 'Does the job', 'Mixed feelings', 'Decent $thing', ''],
  bad: ['Disappointed', 'Avoid', 'Sent it back', 'Not for me', 'Expected more', 'Hmm', ''],
};
const CLOSINGS = [
  '',
  '',
  '',
  'Thanks!',
  'Would recommend.',
  'We will see how it lasts.',
  'Bought as a gift.',
  'Second one I own.',
  'My {mum|dad|sister} loves hers too.',
];

/**
 * @param {{shop: import('./shop.mjs').Shop, shopper: import('./shoppers.mjs').Shopper, good: import('./shop.mjs').Good, variant: import('../product.mjs').Variant, misled: boolean, unfit: boolean, date: string}} about
 * @param {Random} outer its next draw names the review
 */
export function reviewOf({ shop, shopper, good, variant, misled, unfit, date }, outer) {
  const id = `R${outer.uint32().toString(36).toUpperCase().padStart(7, '0')}`;
  const random = new Random(shop.seed, 'review', id, shopper.id, variant.sku);
  const { quality, category } = good.parent;
  /** @type {Record<string, 'good' | 'bad'>} */
  const sentiment = {};
  const feel = (
    /** @type {string} */ aspect,
    /** @type {number} */ chance,
    /** @type {number} */ goodness,
  ) => {
    if (random.chance(chance)) sentiment[aspect] = random.chance(goodness) ? 'good' : 'bad';
  };
  feel('quality', 0.7, clamp(0.72 + 0.24 * quality));
  feel('looks', 0.5, clamp(0.82 + 0.1 * quality));
  feel('value', 0.35, clamp(0.68 + 0.15 * quality));
  feel('delivery', 0.3, 0.8);
  if (misled) sentiment.asDescribed = 'bad';
  else feel('asDescribed', 0.15, 0.97);
  if (unfit) sentiment.fit = 'bad';
  else if (['Shoes', 'Dresses', 'Knitwear'].includes(category)) feel('fit', 0.4, 0.95);
  const score = Object.values(sentiment).reduce((sum, s) => sum + (s === 'good' ? 1 : -1.5), 0);
  const rating = Math.max(1, Math.min(5, Math.round(3.6 + 0.75 * score + 0.5 * random.normal())));
  const thing = /** @type {string} */ (good.parent.type.words.en[0]).replace(
    /s$/,
    good.parent.type.plural ? 's' : '',
  );
  const slots = { thing };
  const sentences = Object.entries(sentiment).map(([aspect, s]) =>
    expand(random.pick(ASPECTS[aspect][s]), slots, random),
  );
  const tone = rating >= 4 ? 'good' : rating === 3 ? 'fair' : 'bad';
  const closing = rating <= 3 ? '' : random.pick(CLOSINGS);
  const text = [...random.shuffled(sentences), expand(closing, slots, random)]
    .filter((s) => s !== '')
    .join(random.chance(0.15) ? '\n' : ' ');
  const styled = random.chance(0.12) ? text.toLowerCase() : random.chance(0.03) ? text.toUpperCase() : text;
  return {
    review: {
      review_id: id,
      sku: variant.sku,
      shopper_id: shopper.id,
      date,
      rating,
      title: expand(random.pick(TITLES[tone]), slots, random),
      text: styled,
      helpful_votes: random.poisson(rating <= 2 ? 1.4 : 0.6),
    },
    truth: { review: id, aspects: sentiment },
  };
}

/** @param {number} p */
function clamp(p) {
  return Math.max(0.04, Math.min(0.97, p));
}
