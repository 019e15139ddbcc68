import { expect, it } from 'vitest';
import { reviewKey } from '../monitoring/retrain/learned-reviews.ts';
import { KnownIds } from '../monitoring/summary/known-ids.ts';
import { countedReviews } from './counted-reviews.ts';

it('people measure a model by what chance asked of them and it did not learn', () => {
  const answer = (product: string, chance: number | undefined) => ({
    ...{ product, attribute: 'color', values: ['Red'], reviewer: 'ann', time: 1, chance },
  });
  const [asked, learned, unasked] = [answer('a', 0.1), answer('b', 1), answer('c', undefined)];
  const known = KnownIds.sized(1);
  known.add(reviewKey(learned));
  const { reviews, notes } = countedReviews([asked, learned, unasked], known);
  expect(reviews).toEqual([asked]);
  expect(notes.map((note) => note.replace(/ and are.*/, ''))).toEqual([
    '1 answers of the store were not chosen by the queue,',
    '1 answers were known when the model was trained,',
  ]);
  expect(countedReviews([asked], KnownIds.sized(0))).toEqual({ reviews: [asked], notes: [] });
});
