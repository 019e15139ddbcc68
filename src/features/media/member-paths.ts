/** The order in which people number files: `2.jpg` before `10.jpg`. */
const NATURAL = new Intl.Collator('en', { numeric: true, sensitivity: 'variant' });

export function inNaturalOrder(names: Iterable<string>): string[] {
  return [...names].sort((a, b) => NATURAL.compare(a, b) || (a < b ? -1 : 1));
}

/** A member's name as it is asked for: slashes forward, no `./` before it. */
export function memberPath(name: string): string {
  return name.replaceAll('\\', '/').replace(/^(?:\.?\/)+/, '');
}
