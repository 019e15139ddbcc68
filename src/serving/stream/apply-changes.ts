/** What a change does to the store, all of it or nothing, once however often it is told. */
import type { ProductPrediction } from '../../prediction/prediction.ts';
import { isNewer, type Position } from '../../store/positions.ts';
import type { PredictionWrite, StoredPrediction } from '../../store/predictions.ts';
import type { Store } from '../../store/store.ts';
import { type PrecisionTargets, withAudits } from '../records/audits.ts';
import { predictionWrites } from '../records/prediction-writes.ts';
import type { Change } from './change.ts';

export type ModelIdentity = {
  readonly name: string;
  readonly version: string;
  /** What its `auto` answers promise; 0.95 where left out. */
  readonly precisionTargets?: PrecisionTargets;
};

type Placed = Change & { readonly at: Position };

/** A change that is done with. */
export type Applied = {
  readonly id: string;
  readonly at: Position;
  /** The product is gone. */
  readonly removed: boolean;
  /** A newer change of the product was stored first, and this one had no effect. */
  readonly overtaken: boolean;
  readonly predictions: readonly PredictionWrite[];
  /** Pictures and sounds that could not be read; none where the product was predicted before. */
  readonly problems: NonNullable<ProductPrediction['problems']>;
};

/** A change whose product is to be predicted, or was already as it is now. */
export type Due = Placed & { readonly known: readonly PredictionWrite[] };

/**
 * Sorts changes by what is left to do of them.
 * @returns `due`: with the predictions that the store has of the same content by the same model, where it has; `overtaken`: products of
 *   which a newer change was stored
 */
export async function notOvertaken(
  store: Pick<Store, 'positions' | 'predictions'>,
  stream: string,
  model: ModelIdentity,
  changes: readonly Placed[],
): Promise<{ readonly due: readonly Due[]; readonly overtaken: readonly string[] }> {
  const ids = changes.map(({ id }) => id);
  const reached = await store.positions.of(stream, ids);
  const stored = new Map<string, StoredPrediction[]>();
  for (const one of await store.predictions.of(ids))
    stored.set(one.productId, [...(stored.get(one.productId) ?? []), one]);
  const isOvertaken = ({ id, at }: Placed) => {
    const position = reached.get(id);
    return position !== undefined && isNewer(position, at);
  };
  return {
    due: changes
      .filter((change) => !isOvertaken(change))
      .map((change) => ({
        ...change,
        known: (stored.get(change.id) ?? []).filter((one) => isOf(one, model, change.product?.contentHash)),
      })),
    overtaken: changes.filter(isOvertaken).map(({ id }) => id),
  };
}

function isOf(one: StoredPrediction, { name, version }: ModelIdentity, hash: string | undefined): boolean {
  return one.model === name && one.version === version && one.contentHash === hash;
}

/** `prediction` is undefined where the product is gone, or its predictions are known. */
export type Predicted = Due & { readonly prediction: ProductPrediction | undefined };

/**
 * Products, positions and predictions in one transaction, a share of the accepted ones drawn for people to look at. A change that was overtaken meanwhile changes nothing.
 * @returns every change
 */
export async function applyChanges(
  store: Pick<Store, 'atomically'>,
  stream: string,
  model: ModelIdentity,
  changes: readonly Predicted[],
): Promise<readonly Applied[]> {
  const writes = new Map(
    changes.map(({ id, product, known, prediction }) => [
      id,
      product === undefined || prediction === undefined
        ? known
        : predictionWrites(id, prediction, model, product.contentHash),
    ]),
  );
  const moved = await store.atomically(async (inside) => {
    const reached = await inside.positions.advance(
      stream,
      changes.map(({ id, at: { epoch, sequence } }) => ({ productId: id, epoch, sequence })),
    );
    const counting = changes.filter(({ id }) => reached.has(id));
    await inside.products.put(counting.flatMap(({ product }) => (product ? [product.write] : [])));
    await inside.products.remove(counting.filter(({ product }) => product === undefined).map(({ id }) => id));
    const recorded = counting.flatMap(({ id }) => writes.get(id)!);
    await inside.predictions.record(await withAudits(inside, recorded, () => model.precisionTargets));
    return reached;
  });
  return changes.map(({ id, at, product, prediction }) => ({
    id,
    at,
    removed: product === undefined,
    overtaken: !moved.has(id),
    predictions: writes.get(id)!,
    problems: prediction?.problems ?? [],
  }));
}
