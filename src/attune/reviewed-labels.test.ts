import { describe, expect, it } from 'vitest';
import type { Product } from '../catalog/product.ts';
import { reviewKey } from '../monitoring/retrain/learned-reviews.ts';
import { KnownIds } from '../monitoring/summary/known-ids.ts';
import { contentKey } from './observe-files.ts';
import { ReviewedLabels } from './reviewed-labels.ts';

const product = (id: string, color?: string, group?: string): Product => ({
  ...{ id: id as Product['id'], group, category: undefined, texts: { title: `Shirt ${id}` } },
  labels: color === undefined ? {} : { color: { state: 'value', values: [color] } },
  source: { file: 'products.csv', row: 1 },
});
const review = (id: string) => ({
  ...{ product: id, attribute: 'color', values: ['Navy'], reviewer: 'ann', time: 1, chance: 1 },
});
const known = (keys: readonly string[]) => {
  const ids = KnownIds.sized(keys.length);
  for (const key of keys) ids.add(key);
  return ids;
};
const colorOf = ({ labels }: Product) =>
  labels.color?.state === 'value' ? labels.color.values[0] : undefined;

const ids = Array.from({ length: 300 }, (_, i) => `p${i}`);

/** Which products train with what people said, and which judge. */
async function dealt(
  products: readonly Product[],
  trainedOn: readonly Product[],
  learned: readonly string[] = [],
) {
  const labels = new ReviewedLabels(
    products.map(({ id }) => review(id)),
    {
      products: known(trainedOn.map(contentKey)),
      reviews: known(learned.map((id) => reviewKey(review(id)))),
    },
  );
  const training = await labels.forTraining([...products]);
  const judging = labels.heldOut(await labels.forJudging([...products]));
  return {
    trains: training.filter((one) => colorOf(one) === 'Navy').map(({ id }) => id),
    hidden: training.filter((one) => colorOf(one) === undefined).map(({ id }) => id),
    judges: judging.map(({ id }) => id),
  };
}

describe('what a product says', () => {
  it('differs where only its picture differs, by name or by bytes', () => {
    const keys = ['a.jpg', 'b.jpg', Uint8Array.of(1), Uint8Array.of(2)].map((cell) =>
      contentKey({ ...product('p'), media: { photo: [cell] } }),
    );
    expect(new Set([...keys, contentKey(product('p'))]).size).toBe(5);
    expect(contentKey({ ...product('p'), media: { photo: [Uint8Array.of(1)] } })).toBe(keys[2]);
  });
});

describe('reviewed products', () => {
  it('that the champion never saw judge in one case of three, and train in the others', async () => {
    const { trains, hidden, judges } = await dealt(
      ids.map((id) => product(id, 'Blue')),
      [],
    );
    expect(judges).toEqual(hidden);
    expect(judges.length).toBeGreaterThan(70);
    expect(judges.length).toBeLessThan(130);
    expect([...trains, ...judges].sort()).toEqual([...ids].sort());
  });

  it('whose old labels the champion learned all train, and none judges', async () => {
    const products = ids.map((id) => product(id, 'Blue'));
    expect(await dealt(products, products)).toMatchObject({ hidden: [], judges: [] });
  });

  it('whose label nobody had said judge, though the champion read the product; not once it learned the answer', async () => {
    const products = ids.map((id) => product(id));
    const { judges } = await dealt(products, products);
    expect(judges.length).toBeGreaterThan(70);
    expect((await dealt(products, products, ids)).judges).toEqual([]);
  });

  it('of one group are held out together, or none of them is', async () => {
    const products = ids.map((id, i) => product(id, 'Blue', `g${i % 30}`));
    const { hidden, judges } = await dealt(products, products.slice(0, 150));
    const groups = new Set(hidden.map((id) => Number(id.slice(1)) % 30));
    expect(hidden.length).toBe(10 * groups.size);
    // About one in a hundred is taken for learned.
    const unseen = hidden.filter((id) => Number(id.slice(1)) >= 150);
    expect(unseen).toEqual(expect.arrayContaining(judges));
    expect(judges.length).toBeGreaterThan(0.9 * unseen.length);
  });
});
