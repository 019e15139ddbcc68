/** Which reviews a model was trained on, so that only new ones speak for the next training. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ReviewRecord } from '../people/reviews-file.ts';
import { KnownIds, type KnownIdsData } from '../summary/known-ids.ts';

/** In a bundle; a model that was never trained on reviews lacks it. */
export const LEARNED_FILE = 'learned-reviews.json';

/** The same answer of another person, or at another time, says nothing new. */
export const reviewKey = ({ product, attribute, values }: ReviewRecord) =>
  JSON.stringify([product, attribute, values ?? null]);

export function writeLearned(reviews: readonly ReviewRecord[]): string {
  const known = KnownIds.sized(reviews.length);
  for (const review of reviews) known.add(reviewKey(review));
  return `${JSON.stringify(known.data())}\n`;
}

export async function learnedReviews(bundle: string): Promise<KnownIds> {
  const text = await readFile(join(bundle, LEARNED_FILE), 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return undefined;
    throw cause;
  });
  return text === undefined ? KnownIds.sized(0) : KnownIds.from(JSON.parse(text) as KnownIdsData);
}
