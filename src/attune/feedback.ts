/** `attune feedback`: what shoppers return, and what they search for, raises what people review first. */
import { type RaisedReviews, raiseReviews } from '../monitoring/behaviour/raise-reviews.ts';
import { inStore } from './store.ts';

/** @param options - the store is DATABASE_URL, else the folder `attune-store`, when left out @throws store/... */
export const feedback = ({
  store,
  days,
}: {
  readonly store?: string;
  /** Before the last event; 90 when left out. */
  readonly days?: number;
}): Promise<RaisedReviews> =>
  inStore(store, (opened) => raiseReviews(opened, days === undefined ? {} : { days }));
