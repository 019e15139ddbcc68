/** Which answers of people measure how right a model is: those that chance chose, and that the model did not learn. */
import type { ReviewRecord } from '../monitoring/people/reviews-file.ts';
import { reviewKey } from '../monitoring/retrain/learned-reviews.ts';
import type { KnownIds } from '../monitoring/summary/known-ids.ts';

/** @param learned - answers that the model was trained with @returns those that count, and what does not, in a sentence each */
export function countedReviews(
  reviews: readonly ReviewRecord[],
  learned: Pick<KnownIds, 'has'>,
): { readonly reviews: readonly ReviewRecord[]; readonly notes: readonly string[] } {
  const chosen = reviews.filter(({ chance }) => chance !== undefined);
  const counted = chosen.filter((review) => !learned.has(reviewKey(review)));
  const [unchosen, known] = [reviews.length - chosen.length, chosen.length - counted.length];
  const notes = [
    // They tell of faults, not of how frequent these are.
    ...(unchosen === 0
      ? []
      : [
          `${unchosen} answers of the store were not chosen by the queue, and are not counted in the reviewed accuracy.`,
        ]),
    ...(known === 0
      ? []
      : [
          `${known} answers were known when the model was trained, and are not counted in the reviewed accuracy.`,
        ]),
  ];
  return { reviews: counted, notes };
}
