/** `attune reviewers`: people's answers measured against a gold set and against each other. */
import { measureReviewers, type Review, type ReviewerReport } from '../monitoring/people/reviewers.ts';
import { type ReviewRecord, readReviews } from '../monitoring/people/reviews-file.ts';
import { NOBODY } from '../store/forget-json.ts';
import { type ReviewSources, readAllReviews, withStore } from './read-reviews.ts';

export type ReviewersOptions = ReviewSources & {
  /** Files of answers that are known to be right: columns product, attribute, value. */
  readonly gold?: readonly string[];
};

const NOT_APPLICABLE = '(not applicable)';

/** @throws catalog/column-missing, store/... */
export async function reviewers({
  gold: goldFiles,
  reviews: files,
  store: address,
}: ReviewersOptions): Promise<ReviewerReport & { readonly notes: readonly string[] }> {
  const { reviews, notes } = await withStore(address, (store) => readAllReviews(files, store));
  const known = goldFiles === undefined ? undefined : await readReviews(goldFiles);
  const gold = new Map<string, Map<string, string>>();
  for (const answer of known?.reviews ?? []) {
    const products = gold.get(answer.attribute) ?? new Map<string, string>();
    products.set(answer.product, answerText(answer));
    gold.set(answer.attribute, products);
  }
  const unread =
    known === undefined || known.unreadCount === 0
      ? []
      : [`${known.unreadCount} rows of the gold set could not be read. ${known.unread.join(' ')}`];
  // Several people may have been forgotten: together they are nobody to measure.
  const named = reviews.filter(({ reviewer }) => reviewer !== NOBODY);
  return { ...measureReviewers(named.map(reviewOf), gold), notes: [...notes, ...unread] };
}

function reviewOf(record: ReviewRecord): Review {
  const { reviewer, product, attribute } = record;
  return { reviewer: reviewer === '' ? '(nobody)' : reviewer, product, attribute, value: answerText(record) };
}

function answerText({ values }: ReviewRecord): string {
  return values === undefined ? NOT_APPLICABLE : [...values].sort().join('\n');
}
