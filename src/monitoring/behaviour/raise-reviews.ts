/** Puts products into the review queue that shoppers' behaviour speaks against, before what a model is unsure of. */
import type { QueueWrite } from '../../store/queue.ts';
import type { Store } from '../../store/store.ts';
import { type FruitlessSearches, fruitlessSearches } from './fruitless.ts';
import { unusualReturns } from './returns.ts';
import { unexpectedSearches } from './searches.ts';

export type RaisedReviews = {
  /** Items that were put into the queue, or were there and have more to say for them now. */
  readonly returns: number;
  readonly searches: number;
  /** Searches that led to no product, which nobody can review. */
  readonly unfound: FruitlessSearches;
};

/** Attributes of a product that are asked for where the reasons of returns name none: those that the model is least sure of. */
const MOST_ATTRIBUTES = 3;
const PIECE = 1000;

/**
 * Values that a person gave are left alone. What is found here is chosen for being wrong rather than by chance, so it says nothing of how often
 * the model is right.
 * @param days - before the last event
 */
export async function raiseReviews(
  store: Pick<Store, 'shopping' | 'values' | 'predictions' | 'reviews'>,
  { days = 90 }: { readonly days?: number } = {},
): Promise<RaisedReviews> {
  const [bought, found, outcomes, words, counts] = [
    await store.shopping.returns(days),
    await store.shopping.found(days),
    await store.shopping.outcomes(days),
    await store.shopping.words(),
    await store.predictions.counts(),
  ];
  const attributes = [...new Set([...counts, ...words].map(({ attribute }) => attribute))];
  const returns = unusualReturns(bought, attributes);
  const ids = [...new Set([...found, ...returns].map(({ productId }) => productId))];
  const values = await inForce(store, ids);
  const isModels = (productId: string, attribute: string) =>
    !(values.get(productId)?.get(attribute)?.provenance ?? 'model').startsWith('person');
  const asked = await attributesOf(
    store,
    returns.map(({ productId }) => productId),
  );
  const items: QueueWrite[] = [
    ...unexpectedSearches(
      found,
      words,
      (productId, attribute) => values.get(productId)?.get(attribute)?.values ?? [],
    ).map(({ productId, attribute, excess, evidence }) => ({
      ...{ productId, attribute, reason: 'searches', priority: 1 + excess, evidence },
    })),
    ...returns.flatMap(({ productId, attributes: named, excess, evidence }) =>
      (named.length > 0 ? named : (asked.get(productId) ?? []))
        .filter((attribute) => isModels(productId, attribute))
        .slice(0, named.length > 0 ? named.length : MOST_ATTRIBUTES)
        .map((attribute) => ({
          ...{ productId, attribute, reason: 'returns', priority: 1 + excess, evidence },
        })),
    ),
  ];
  const open = items.filter(({ productId, attribute }) => isModels(productId, attribute));
  await store.reviews.add(open);
  const count = (reason: string) => open.filter((item) => item.reason === reason).length;
  return {
    returns: count('returns'),
    searches: count('searches'),
    unfound: fruitlessSearches(outcomes, words),
  };
}

async function inForce({ values }: Pick<Store, 'values'>, ids: readonly string[]) {
  type Value = Awaited<ReturnType<Store['values']['of']>>[number];
  const found = new Map<string, Map<string, Value>>();
  for (let from = 0; from < ids.length; from += PIECE)
    for (const value of await values.of(ids.slice(from, from + PIECE))) {
      const own = found.get(value.productId) ?? new Map<string, Value>();
      found.set(value.productId, own.set(value.attribute, value));
    }
  return found;
}

/** What a model has said of, least sure first. */
async function attributesOf({ predictions }: Pick<Store, 'predictions'>, ids: readonly string[]) {
  const found = new Map<string, string[]>();
  for (let from = 0; from < ids.length; from += PIECE) {
    const said = [...(await predictions.of(ids.slice(from, from + PIECE)))];
    for (const { productId, attribute } of said.sort((a, b) => a.confidence - b.confidence))
      found.set(productId, [...(found.get(productId) ?? []), attribute]);
  }
  return found;
}
