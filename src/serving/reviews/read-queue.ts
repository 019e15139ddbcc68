/** A product of the queue as people see it: its fields, what a model says, and what is in force. */
import type { StoredPrediction } from '../../store/predictions.ts';
import type { ReviewProduct } from '../../store/reviews.ts';
import type { Store } from '../../store/store.ts';
import type { AttributeValue } from '../../store/values.ts';
import type { ReviewProductAnswer } from '../api/reviews.ts';
import { picturesOf } from '../records/pictures-of.ts';

type Item = ReviewProductAnswer['items'][number];

export async function describeQueued(
  store: Store,
  queued: readonly ReviewProduct[],
): Promise<ReviewProductAnswer[]> {
  const ids = queued.map(({ productId }) => productId);
  const [products, values, predictions, pictures] = await Promise.all([
    store.products.get(ids),
    store.values.of(ids),
    store.predictions.of(ids),
    store.pictures.of(ids),
  ]);
  return queued.flatMap(({ productId, leasedUntil, items }) => {
    const product = products.find(({ id }) => id === productId);
    // Removed since it was taken.
    if (product === undefined) return [];
    const { supplier, category, locale, fields } = product;
    return {
      productId,
      supplier,
      category,
      locale,
      fields: { ...fields },
      pictures: picturesOf(pictures, productId),
      leasedUntil: leasedUntil?.toISOString() ?? null,
      items: items.map(({ attribute, reason, priority, evidence }): Item => {
        const ofThis = (one: { productId: string; attribute: string }) =>
          one.productId === productId && one.attribute === attribute;
        return {
          attribute,
          reason,
          because: evidence === null ? null : { ...evidence },
          priority,
          suggestion: suggestionOf(predictions.find(ofThis)),
          inForce: inForceOf(values.find(ofThis)),
        };
      }),
    };
  });
}

function suggestionOf(said: StoredPrediction | undefined): Item['suggestion'] {
  if (said === undefined) return null;
  const { value, unit, notApplicable, confidence, status, model, version, evidence, alternatives } = said;
  return {
    value: typeof value === 'object' && value !== null ? [...value] : value,
    unit,
    notApplicable,
    confidence,
    status,
    model,
    version,
    evidence: [...evidence],
    alternatives: [...alternatives],
  };
}

function inForceOf(value: AttributeValue | undefined): Item['inForce'] {
  return value === undefined
    ? null
    : { values: [...value.values], unit: value.unit, provenance: value.provenance };
}
