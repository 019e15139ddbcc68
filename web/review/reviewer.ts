/** Who reviews. Without keys the service cannot tell people apart, so each says a name, which this browser keeps. */
const PLACE = 'attune-reviewer';

export const reviewerName = (): string => localStorage.getItem(PLACE) ?? '';

export function keepReviewerName(name: string): void {
  localStorage.setItem(PLACE, name);
}
