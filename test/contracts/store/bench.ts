/** What a suite works on. */
import type { PredictionWrite } from '../../../src/store/predictions.ts';
import type { Store } from '../../../src/store/store.ts';
import type { OpenedStore } from './backends.ts';

export type Bench = {
  readonly store: Store;
  readonly address: OpenedStore['address'];
  now(): Date;
  /** Lets the store's time go on. */
  pass(seconds: number): void;
};

/** Takes all products away, and with them all that hangs on them. */
export async function emptied(store: Store): Promise<void> {
  for (;;) {
    const { products } = await store.products.page({ limit: 1000 });
    if (products.length === 0) return;
    await store.products.remove(products.map(({ id }) => id));
  }
}

/** Shirts with ids of the form `a-00`, in ascending order. */
export const shirts = (count: number, prefix = 'a') =>
  Array.from({ length: count }, (_, i) => ({
    id: `${prefix}-${String(i).padStart(2, '0')}`,
    supplier: ['Acme', 'Bolt'][i % 2]!,
    category: ['Shirts', 'Shoes', 'Bags'][i % 3]!,
    fields: { title: `Shirt number ${i}` },
  }));

/** A prediction of a color, sure enough to be taken. */
export const predicted = (productId: string, other: Partial<PredictionWrite> = {}): PredictionWrite => ({
  productId,
  attribute: 'color',
  model: 'attune-model',
  version: '1',
  value: 'Red',
  notApplicable: false,
  confidence: 0.95,
  status: 'auto',
  source: 'model',
  evidence: [],
  alternatives: [],
  ...other,
});
