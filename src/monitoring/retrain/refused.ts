/** What a model refused to give way to, so that the same training is not done again: kept beside the model, and gone with it. */
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ReviewRecord } from '../people/reviews-file.ts';
import { KnownIds, type KnownIdsData } from '../summary/known-ids.ts';
import { reviewKey } from './learned-reviews.ts';

const REFUSED_FILE = 'refused.json';

export type Refused = {
  /** Tells files and settings of the training apart from all others. */
  readonly data: string;
  readonly reviews: KnownIds;
  /** Why, in a sentence each. */
  readonly reasons: readonly string[];
};

type RefusedData = Omit<Refused, 'reviews'> & { readonly reviews: KnownIdsData };

/** @returns undefined where nothing was refused since the model is there */
export async function readRefused(bundle: string): Promise<Refused | undefined> {
  const text = await readFile(join(bundle, REFUSED_FILE), 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return undefined;
    throw cause;
  });
  if (text === undefined) return undefined;
  const { reviews, ...refused } = JSON.parse(text) as RefusedData;
  return { ...refused, reviews: KnownIds.from(reviews) };
}

export async function writeRefused(
  bundle: string,
  refused: Omit<Refused, 'reviews'>,
  reviews: readonly ReviewRecord[],
): Promise<void> {
  const known = KnownIds.sized(reviews.length);
  for (const review of reviews) known.add(reviewKey(review));
  const data: RefusedData = { ...refused, reviews: known.data() };
  const file = join(bundle, REFUSED_FILE);
  // Whole or not at all.
  await writeFile(`${file}.new`, `${JSON.stringify(data)}\n`);
  await rename(`${file}.new`, file);
}
