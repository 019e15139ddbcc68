/** A shop whose shoppers know better than its labels: which products they put before people, and which not. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { takenContract } from '../../src/serving/api/reviews.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { predicted } from '../contracts/store/bench.ts';
import { post, serve } from './http.ts';

let folder: string;
let store: Store;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'attune-events-'));
  store = await openStore({ folder });
});
afterAll(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

const ids = Array.from({ length: 20 }, (_, i) => `p${String(i).padStart(2, '0')}`);
/**
 * All are said to be red or blue; p03 comes back as another colour, p04 because it is too small, p07 is found as blue, p09 by one
 * shopper who looks nine times. A clock of the shop is wrong.
 */
const color = (i: number) => (i % 2 === 0 ? 'Blue' : 'Red');

function log() {
  let second = 0;
  const at = () => new Date(Date.UTC(2026, 2, 1, 0, 0, second++)).toISOString();
  return ids.flatMap((productId, i) => {
    const each = (count: number, event: object) =>
      Array.from({ length: count }, () => ({ at: at(), productId, ...event }));
    const searches = (count: number, query: string) =>
      Array.from({ length: count }, (_, n) => {
        const session = `${productId} ${query} ${n}`;
        return [
          { at: at(), kind: 'search', query, session },
          { at: at(), kind: n === 0 ? 'purchase' : 'view', productId, session },
        ];
      }).flat();
    return [
      ...each(30, { kind: 'purchase' }),
      ...each(1, { kind: 'return', reason: 'colour not as described' }),
      ...(i === 3 ? each(9, { kind: 'return', reason: 'Color is NOT as described!' }) : []),
      ...(i === 4 ? each(12, { kind: 'return', reason: 'too small' }) : []),
      ...(i === 5 ? each(8, { kind: 'return', reason: 'not as pictured' }) : []),
      ...searches(8, `${color(i)} shirt`),
      ...searches(1, 'blue shirt'),
      ...searches(5, 'shirt'),
      ...(i === 7 ? searches(10, 'navy and blue shirt') : []),
      ...(i === 9 ? [{ at: at(), kind: 'search', query: 'blue shirt', session: 'one' }] : []),
      ...(i === 9 ? each(9, { kind: 'view', session: 'one' }) : []),
      ...(i === 11 ? [{ at: '2099-01-20T00:00:00Z', kind: 'view', productId }] : []),
    ].map((event, n) => ({ ...event, key: `${productId} ${n}` }));
  });
}

it('returns and searches raise what people review first, with what speaks for it', async () => {
  const { url } = await serve({ store });
  await store.products.put(ids.map((id) => ({ id, category: 'Shirts', fields: { title: id } })));
  await store.predictions.record([
    ...ids.map((id, i) => predicted(id, { value: color(i) })),
    ...ids.map((id) => predicted(id, { attribute: 'size', value: 'Medium', confidence: 0.97 })),
    ...ids.map((id) => predicted(id, { attribute: 'fit', value: 'Wide', status: 'review', confidence: 0.2 })),
  ]);
  const events = log();
  expect((await post(`${url}/v1/events`, { events })).json).toEqual({ added: events.length, repeated: 0 });
  expect((await post(`${url}/v1/events`, { events: events.slice(0, 9) })).json).toEqual({
    added: 0,
    repeated: 9,
  });
  expect((await post(`${url}/v1/events`, { events: [{ kind: 'view' }] })).status).toBe(422);
  for (const odd of [{ at: '0000-01-01T00:00:00Z' }, { at: '2026-01-01T00:00:00Z', query: 'a\u0000' }])
    expect((await post(`${url}/v1/events`, { events: [{ kind: 'view', ...odd }] })).status).toBe(422);

  const raise = async () => (await post(`${url}/v1/reviews:raise`, {})).json;
  // p03 names its attribute, p05 none: its three attributes are asked for.
  expect(await raise()).toMatchObject({ returns: 4, searches: 1, unfound: { fruitless: 0, queries: [] } });
  const taken = takenContract.parse((await post(`${url}/v1/reviews:take`, { who: 'ann', limit: 3 })).json);
  const first = taken.products.map(({ productId, items }) => [
    ...[
      productId,
      items.filter(({ reason }) => reason !== 'unsure').map((item) => [item.attribute, item.reason]),
    ],
  ]);
  expect(first).toEqual([
    ['p07', [['color', 'searches']]],
    ['p03', [['color', 'returns']]],
    [
      'p05',
      expect.arrayContaining([
        ['fit', 'returns'],
        ['color', 'returns'],
        ['size', 'returns'],
      ]),
    ],
  ]);
  const because = (id: string) =>
    taken.products
      .find(({ productId }) => productId === id)!
      .items.find(({ attribute }) => attribute === 'color')!.because;
  expect(because('p03')).toMatchObject({
    ...{ purchases: 33, returns: 10, reasons: ['Color is NOT as described!', 'colour not as described'] },
  });
  expect(because('p07')).toMatchObject({ value: 'Blue', has: ['Red'], otherwise: 11, bought: 2 });

  const answers = [{ productId: 'p03', attribute: 'color', values: ['Orange'] }];
  await post(`${url}/v1/reviews:answer`, { who: 'ann', answers });
  expect(await raise(), 'a person has said').toMatchObject({ returns: 3, searches: 1 });

  const day = (hour: number, minute: number) => new Date(Date.UTC(2026, 2, 2, hour, minute)).toISOString();
  const unfound = [1, 2, 3, 4].flatMap((n) => [
    { at: day(n, 0), kind: 'search', query: 'Petrol shirt', session: `u${n}` },
    { at: day(n, 1), kind: 'search', query: 'petrol shirt', session: `u${n}` },
    { at: day(n, 2), kind: 'search', query: 'teal shirt', session: `u${n}` },
    ...(n < 4 ? [{ at: day(n, 5), kind: 'view', productId: 'p01', session: `u${n}` }] : []),
  ]);
  const last = [{ at: day(9, 0), kind: 'search', query: 'petrol shirt', session: 'now' }];
  await post(`${url}/v1/events`, { events: [...unfound, ...last] });
  const { unfound: told } = await raise();
  expect(told.queries).toEqual([{ query: 'petrol shirt', searches: 4, fruitless: 4 }]);
  expect(told.words).toEqual([{ word: 'petrol', searches: 4, fruitless: 4 }]);
  expect(told.fruitless).toBe(5);
}, 60_000);
