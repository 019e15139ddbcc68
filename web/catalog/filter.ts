/** Which products the table shows: the query of the address, so that a view can be kept and sent. */
export const FILTERS = [
  'category',
  'supplier',
  'attribute',
  'value',
  'provenance',
  'status',
  'minConfidence',
  'maxConfidence',
] as const;

export type FilterName = (typeof FILTERS)[number];

export const PROVENANCE_WORDS = {
  supplier: 'the supplier',
  model: 'a model',
  'person-created': 'a person, anew',
  'person-changed': 'a person, changed',
} as const;

/** What the service is asked; filters of an attribute count only where one is chosen. */
export function queryOf(filter: URLSearchParams, after: string | undefined): URLSearchParams {
  const query = new URLSearchParams({ limit: '100' });
  for (const name of FILTERS) {
    const value = filter.get(name) ?? '';
    const ofAttribute = !['category', 'supplier'].includes(name);
    if (value !== '' && (!ofAttribute || filter.get('attribute'))) query.set(name, value);
  }
  if (after !== undefined) query.set('after', after);
  return query;
}
