import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { historyContract } from '../../src/serving/api/history.ts';
import {
  alikeContract,
  answeredContract,
  disagreementsContract,
  reviewFiguresContract,
  takenContract,
} from '../../src/serving/api/reviews.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { emptied, predicted, shirts } from '../contracts/store/bench.ts';
import { type Json, post, serve } from './http.ts';

let folder: string;
let store: Store;
let url: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'attune-reviews-'));
  store = await openStore({ folder });
});
afterAll(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  ({ url } = await serve({ store }));
  await store.products.put(shirts(3));
  await store.predictions.record(
    shirts(3).map(({ id }, i) => predicted(id, { status: 'review', confidence: i / 10 })),
  );
});
afterEach(() => emptied(store));

const review = (action: string, body: Json) => post(`${url}/v1/reviews:${action}`, body);
const get = async (path: string): Promise<Json> => (await fetch(`${url}/v1/${path}`)).json();
const answer = (productId: string, values: readonly string[]) => ({ productId, attribute: 'color', values });
const inForce = async () => (await store.values.of(['a-00', 'a-01', 'a-02'])).map(({ values }) => values);

describe('the queue over HTTP', () => {
  it('gives each person products of their own, with what the model says', async () => {
    const first = takenContract.parse((await review('take', { who: 'ann' })).json);
    expect(first).toMatchObject({
      waiting: 3,
      products: [
        {
          productId: 'a-00',
          category: 'Shirts',
          fields: { title: 'Shirt number 0' },
          items: [
            {
              attribute: 'color',
              reason: 'unsure',
              suggestion: { value: 'Red', confidence: 0 },
              inForce: null,
            },
          ],
        },
      ],
    });
    const other = takenContract.parse((await review('take', { who: 'bob', limit: 5 })).json);
    expect(other.products.map(({ productId }) => productId)).toEqual(['a-01', 'a-02']);
    expect((await review('answer', { who: 'bob', answers: [answer('a-00', ['Red'])] })).json).toMatchObject({
      status: 409,
      code: 'store/conflict',
    });
    await review('release', { who: 'bob' });
    expect((await review('take', { who: 'cem', limit: 5 })).json.products).toHaveLength(2);
  });

  it('takes several answers whole or not at all, and takes them back together', async () => {
    const bad = await review('answer', {
      who: 'ann',
      answers: [answer('a-00', ['Blue']), answer('none', [])],
    });
    expect(bad.json).toMatchObject({ status: 404, code: 'store/not-found' });
    expect(await inForce()).toEqual([]);

    const answers = [answer('a-00', ['Blue']), answer('a-01', [])];
    const { ids } = answeredContract.parse((await review('answer', { who: 'ann', answers })).json);
    expect(await inForce()).toEqual([['Blue'], []]);
    expect((await review('undo', { who: 'bob', ids })).status).toBe(404);
    expect((await review('undo', { who: 'ann', ids })).status).toBe(200);
    expect(await inForce()).toEqual([]);
  });

  it('leaves a product that a person skips to others', async () => {
    await review('skip', { who: 'ann', productId: 'a-00' });
    const idsFor = async (who: string) =>
      (await review('take', { who })).json.products.map((one: Json) => one.productId);
    expect(await idsFor('ann')).toEqual(['a-01']);
    expect(await idsFor('bob')).toEqual(['a-00']);
  });

  it('finds what waits with the same suggestion, the most alike first', async () => {
    await store.products.put([
      { ...shirts(1)[0]!, id: 'z' },
      { ...shirts(1)[0]!, id: 'y' },
    ]);
    const unsure = { status: 'review', confidence: 0.5 } as const;
    await store.predictions.record([predicted('z', unsure), predicted('y', { ...unsure, value: 'Blue' })]);
    await review('take', { who: 'bob' });
    const { products } = alikeContract.parse(
      await get('reviews/alike?who=ann&productId=a-01&attribute=color'),
    );
    expect(products.map(({ productId }) => productId)).toEqual(['a-02', 'z']);
    const ofShirt = alikeContract.parse(await get('reviews/alike?who=bob&productId=a-00&attribute=color'));
    expect(ofShirt.products.map(({ productId }) => productId)).toEqual(['z', 'a-02', 'a-01']);
  });

  it('says how often people agree with the model, and what was said of a product', async () => {
    const answers = [answer('a-00', ['Red']), answer('a-01', ['Blue'])];
    await review('answer', { who: 'ann', answers });
    expect(reviewFiguresContract.parse(await get('reviews'))).toEqual({
      products: 1,
      leased: 0,
      attributes: [{ attribute: 'color', answers: 2, agreed: 1 }],
      people: [],
    });
    await store.predictions.record([
      predicted('a-00', { version: '2', alternatives: [{ value: 'Teal', confidence: 0.1 }] }),
    ]);
    expect(historyContract.parse(await get('products/a-00/history'))).toMatchObject({
      alternatives: { color: [{ value: 'Teal', confidence: 0.1 }] },
      predictions: [{ attribute: 'color', version: '1', value: 'Red', confidence: 0 }],
      answers: [{ attribute: 'color', values: ['Red'], who: 'ann' }],
    });
    expect(await get('products/none/history')).toMatchObject({
      status: 404,
      code: 'serving/product-not-found',
    });
  });

  it('says how often two people agree, and what is to be settled, a page at a time', async () => {
    const said = (who: string, values: readonly string[]) =>
      review('answer', { who, answers: [answer('a-00', values), answer('a-01', values)] });
    await said('ann', ['Red']);
    await said('bob', []);
    const { people } = reviewFiguresContract.parse(await get('reviews'));
    expect(people).toEqual([{ attribute: 'color', products: 2, pairs: 2, agreed: 0 }]);
    const first = disagreementsContract.parse(await get('reviews/disagreements?limit=1'));
    expect(first.disagreements).toMatchObject([
      {
        productId: 'a-01',
        attribute: 'color',
        answers: [
          { who: 'bob', values: [] },
          { who: 'ann', values: ['Red'] },
        ],
      },
    ]);
    const second = disagreementsContract.parse(
      await get(`reviews/disagreements?attribute=color&before=${first.next}`),
    );
    expect(second).toMatchObject({ disagreements: [{ productId: 'a-00' }], next: null });
    await review('answer', { who: 'ann', answers: [answer('a-00', []), answer('a-01', [])] });
    expect(await get('reviews/disagreements')).toEqual({ disagreements: [], next: null });
  });

  it('refuses what is no answer, and is not there without a store', async () => {
    expect((await review('answer', { who: 'ann', answers: [] })).json).toMatchObject({ status: 422 });
    expect((await review('answer', { answers: [{ productId: 'a-00', values: [1] }] })).json).toMatchObject({
      status: 422,
    });
    for (const body of [{ who: 'a\u0000' }, { attribute: '\u0000' }])
      expect((await review('take', body)).json).toMatchObject({ status: 422 });
    expect((await review('skip', { productId: '\u0000' })).json).toMatchObject({ status: 422 });
    expect((await review('undo', { ids: [Number.MAX_SAFE_INTEGER] })).json).toMatchObject({ status: 404 });
    const bare = await serve();
    expect((await post(`${bare.url}/v1/reviews:take`, {})).json).toMatchObject({ code: 'serving/not-found' });
  });
});
