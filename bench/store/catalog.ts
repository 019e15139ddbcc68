/** A catalog as large as one likes, drawn from a seed: values of every frequency, a prediction each, one in ten to review. */
import { Random } from '../../src/base/random.ts';
import type { Store } from '../../src/store/store.ts';

const PIECE = 1000;
/** How many values the first attributes have; the others have 10. */
const VALUES = [1000, 10, 10, 100, 5];

/** Ids in ascending order. */
export const idOf = (number: number) => `SKU-${String(number).padStart(8, '0')}`;

/** @returns seconds that the writing took, by the store's own functions */
export async function fill(
  store: Store,
  products: number,
  values: number,
  progress: (done: number) => void,
): Promise<number> {
  const random = new Random(1);
  const begun = performance.now();
  for (let from = 0; from < products; from += PIECE) {
    const numbers = Array.from({ length: Math.min(PIECE, products - from) }, (_, i) => from + i);
    await store.atomically(async (inside) => {
      await inside.products.put(
        numbers.map((number) => ({
          id: idOf(number),
          supplier: `Supplier ${random.below(50)}`,
          category: `Category ${random.below(20)}`,
          locale: 'en',
          fields: { title: `Product number ${number} of a large catalog`, price: random.below(10_000) / 100 },
        })),
      );
      await inside.values.fromSupplier(
        numbers.flatMap((number) =>
          Array.from({ length: values }, (_, i) => ({
            productId: idOf(number),
            attribute: `attribute ${i}`,
            values: [`Value ${random.below(VALUES[i] ?? 10)}`],
          })),
        ),
      );
      await inside.predictions.record(
        numbers.map((number) => {
          const confidence = random.uniform();
          return {
            productId: idOf(number),
            attribute: 'color',
            model: 'bench',
            version: '1',
            value: `Color ${random.below(12)}`,
            notApplicable: false,
            confidence,
            status: confidence < 0.1 ? ('review' as const) : ('abstain' as const),
            source: 'model',
            evidence: [],
            alternatives: [],
          };
        }),
      );
    });
    if ((from + PIECE) % 50_000 === 0) progress(from + PIECE);
  }
  const seconds = (performance.now() - begun) / 1000;
  await store.retention.tidy();
  return seconds;
}
