/** The key that the page calls with; kept while the tab is open. */
const PLACE = 'attune-key';

export const keptKey = (): string | undefined => sessionStorage.getItem(PLACE) ?? undefined;

export function keepKey(key: string): void {
  sessionStorage.setItem(PLACE, key);
}
