import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EventLog } from '../../catalog/events/event-log.ts';
import { type BehaviourEncoding, type BehaviourOptions, fitBehaviour } from './behaviour-encoding.ts';
import { behaviourNames, emptyBehaviour } from './behaviour-vector.ts';
import { type ProductBehaviour, productBehaviour } from './product-behaviour.ts';

/** 1 June 2024. */
const NOW = 1_717_200_000;
const DAY = 86_400;

type Event = {
  /** Seconds before NOW; negative ones are the future. */
  readonly ago: number;
  readonly shopper: string;
  readonly session?: string | undefined;
  readonly kind: string;
  readonly product?: string | undefined;
  readonly query?: string | undefined;
  readonly quantity?: number | undefined;
  readonly price?: number | undefined;
};

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'attune-behaviour-test-'));
  writeFileSync(
    join(folder, 'shoppers.csv'),
    'shopper,country,tier\ns0,GB,gold\ns1,GB,none\ns2,FR,none\ns3,DE,\n',
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Behaviour = { readonly encoding: BehaviourEncoding; readonly products: ProductBehaviour[] };

async function behaviourOf(
  events: readonly Event[],
  options: Partial<BehaviourOptions> = {},
): Promise<Behaviour> {
  const rows = events.map(
    ({ ago, shopper, session = '', kind, product = '', query = '', quantity = '', price = '' }) =>
      [NOW - ago, shopper, session, kind, product, query, quantity, price].join(','),
  );
  const path = join(folder, 'events.csv');
  writeFileSync(path, `time,shopper,session,event,sku,query,quantity,price\n${rows.join('\n')}\n`);
  const log = await EventLog.open({
    paths: [path],
    threads: 1,
    shoppers: { paths: [join(folder, 'shoppers.csv')] },
  });
  try {
    const encoding = await fitBehaviour(log, NOW, options);
    const products: ProductBehaviour[] = [];
    for await (const product of productBehaviour(log, encoding, NOW)) products.push(product);
    return { encoding, products };
  } finally {
    log.close();
  }
}

function named({ encoding, products }: Behaviour, product: string): Record<string, number> {
  const { vector } = products.find((candidate) => candidate.product === product)!;
  return Object.fromEntries(behaviourNames(encoding).map((name, i) => [name, vector[i]!]));
}

const event = (kinds: readonly string[]) =>
  fc.record({
    shopper: fc.constantFrom('s0', 's1', 's2', 's3'),
    session: fc.option(fc.constantFrom('a', 'b', 'c'), { nil: undefined }),
    kind: fc.constantFrom(...kinds),
    product: fc.constantFrom('p0', 'p1', 'p2', 'p3'),
    query: fc.option(fc.constantFrom('lamp', 'red rug'), { nil: undefined }),
    quantity: fc.integer({ min: 0, max: 9 }),
    price: fc.option(fc.constantFrom(1.5, 19.99, 20_000), { nil: undefined }),
  });
const KINDS = ['view', 'cart', 'purchase', 'return', 'search'];
const past = fc.array(
  fc
    .tuple(event(KINDS), fc.integer({ min: 1, max: 120 * DAY }))
    .map(([what, ago]): Event => ({ ...what, ago })),
  { minLength: 1, maxLength: 40 },
);
const future = fc.array(
  fc
    .tuple(event(KINDS), fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 40 * DAY })))
    .map(([what, ahead]): Event => ({ ...what, ago: -ahead })),
  { maxLength: 30 },
);

/** Both lists, each in its own order, mixed by the bits. */
function mixed(a: readonly Event[], b: readonly Event[], bits: number): Event[] {
  const rest: [Event[], Event[]] = [[...a], [...b]];
  const out: Event[] = [];
  for (let i = 0; rest[0].length + rest[1].length > 0; i++) {
    const which = (bits >> (i % 31)) & 1;
    out.push((rest[which]!.shift() ?? rest[1 - which]!.shift())!);
  }
  return out;
}

describe('productBehaviour', () => {
  test('nothing that happens at the time or later, added, changed or removed, changes anything', async () => {
    await fc.assert(
      fc.asyncProperty(past, future, future, fc.nat(), async (known, oneFuture, otherFuture, bits) => {
        const wanted = await behaviourOf(mixed(known, oneFuture, bits));
        expect(await behaviourOf(mixed(known, otherFuture, bits >> 3))).toEqual(wanted);
      }),
      { numRuns: 20 },
    );
  });

  test('a time that is none is refused: every event would be past', async () => {
    writeFileSync(join(folder, 'one.csv'), 'time,event,sku\n2024-05-01,view,p1\n');
    const log = await EventLog.open({ paths: [join(folder, 'one.csv')], threads: 1 });
    try {
      const encoding = await fitBehaviour(log, NOW);
      const refusal = { code: 'features/behaviour-time' };
      await expect(fitBehaviour(log, Number.NaN)).rejects.toMatchObject(refusal);
      await expect(productBehaviour(log, encoding, Number.NaN).next()).rejects.toMatchObject(refusal);
    } finally {
      log.close();
    }
  });

  test('but what happened before does: the same events a day earlier are another past', async () => {
    const lamp: Event = { ago: 10, shopper: 's0', kind: 'view', product: 'p0' };
    const two = await behaviourOf([lamp, { ...lamp, ago: 20 }]);
    expect(await behaviourOf([lamp])).not.toEqual(two);
    expect(await behaviourOf([lamp, { ...lamp, ago: 20 + DAY }])).not.toEqual(two);
  });

  test('counts each window as a plain count does', async () => {
    await fc.assert(
      fc.asyncProperty(past, async (events) => {
        const behaviour = await behaviourOf(events, { windowDays: [2, 30] });
        const ids = [...new Set(events.map(({ product }) => product!))].sort();
        expect(behaviour.products.map(({ product }) => product)).toEqual(ids);
        for (const product of ids) {
          const actual = named(behaviour, product);
          const own = events.filter((e) => e.product === product);
          for (const [window, days] of [
            ['2d', 2],
            ['30d', 30],
            ['all', 1e9],
          ] as const) {
            const within = own.filter(({ ago }) => ago <= days * DAY);
            const count = (kind: string) => within.filter((e) => e.kind === kind);
            for (const kind of ['view', 'cart', 'purchase', 'return']) {
              expect(actual[`log ${kind} ${window}`]).toBeCloseTo(Math.log1p(count(kind).length), 5);
            }
            const units = count('purchase').reduce((sum, e) => sum + e.quantity!, 0);
            expect(actual[`log units ${window}`]).toBeCloseTo(Math.log1p(units), 5);
            const shoppers = new Set(within.map(({ shopper }) => shopper)).size;
            expect(actual[`log shoppers ${window}`]).toBeCloseTo(Math.log1p(shoppers), 5);
          }
          const agos = own.map(({ ago }) => ago / DAY);
          expect(actual['log days since first']).toBeCloseTo(Math.log1p(Math.max(...agos)), 4);
          expect(actual['log days since last']).toBeCloseTo(Math.log1p(Math.min(...agos)), 4);
          const paid = own
            .filter((e) => e.kind === 'purchase' && e.price !== undefined)
            .map(({ price }) => price!);
          expect(actual['price paid missing']).toBe(paid.length === 0 ? 1 : 0);
          const mean = paid.reduce((sum, price) => sum + price, 0) / Math.max(1, paid.length);
          expect(actual['log price paid']).toBeCloseTo(Math.log1p(mean), 4);
        }
      }),
      { numRuns: 10 },
    );
  });

  test("a rate of few views lies near that of all, a rate of many is the product's own", async () => {
    const of = (kind: string, product: string, count: number): Event[] =>
      Array.from({ length: count }, (_, i) => ({ ago: 100 + i, shopper: 's0', kind, product }));
    const behaviour = await behaviourOf([
      ...of('view', 'few', 1),
      ...of('purchase', 'few', 1),
      ...of('view', 'many', 400),
      ...of('purchase', 'many', 200),
      ...of('view', 'none', 600),
    ]);
    const overall = 201.5 / 1002;
    const rate = (product: string) => Math.exp(named(behaviour, product)['purchase per view 7d']!) * overall;
    expect(rate('few')).toBeCloseTo((1 + 20 * overall) / 21, 4);
    expect(rate('many')).toBeCloseTo((200 + 20 * overall) / 420, 4);
    expect(rate('none')).toBeCloseTo((20 * overall) / 620, 4);
  });

  test('neighbours are what is seen in one session and bought by one shopper, the closest first', async () => {
    const see = (session: string, product: string): Event => ({
      ago: 5000,
      shopper: 's0',
      session,
      kind: 'view',
      product,
    });
    const buy = (shopper: string, product: string, ago: number): Event => ({
      ago,
      shopper,
      kind: 'purchase',
      product,
    });
    const { products } = await behaviourOf([
      see('a', 'p1'),
      see('a', 'p2'),
      see('a', 'p2'),
      see('b', 'p1'),
      see('b', 'p2'),
      see('b', 'p3'),
      see('c', 'p1'),
      buy('s1', 'p1', 2 * DAY),
      buy('s1', 'p3', 9 * DAY),
      buy('s2', 'p1', DAY),
      buy('s2', 'p2', 50 * DAY),
    ]);
    const [p1] = products;
    expect(p1!.neighbours.viewed).toEqual([
      { text: 'p2', weight: expect.closeTo(2 / (Math.sqrt(3 * 2) + 2), 9) },
      { text: 'p3', weight: expect.closeTo(1 / (Math.sqrt(3 * 1) + 2), 9) },
    ]);
    expect(p1!.neighbours.bought).toEqual([
      { text: 'p3', weight: expect.closeTo(1 / (Math.sqrt(2) + 2), 9) },
    ]);
  });

  test('what is bought in one session is bought together, though nobody knows by whom', async () => {
    const buy = (session: string, product: string): Event => ({
      ago: 9,
      shopper: '',
      session,
      kind: 'purchase',
      product,
    });
    const { products } = await behaviourOf([buy('a', 'p1'), buy('a', 'p2'), buy('b', 'p3')]);
    expect(products.map(({ neighbours }) => neighbours.bought.map(({ text }) => text))).toEqual([
      ['p2'],
      ['p1'],
      [],
    ]);
  });

  test('without sessions in the log, a pause of half an hour parts them', async () => {
    const see = (product: string, ago: number): Event => ({ ago, shopper: 's0', kind: 'view', product });
    const { products } = await behaviourOf([
      see('p1', 9000),
      see('p2', 9000 - 1700),
      see('p3', 9000 - 1700 - 1900),
    ]);
    expect(products.map(({ neighbours }) => neighbours.viewed.map(({ text }) => text))).toEqual([
      ['p2'],
      ['p1'],
      [],
    ]);
  });

  test('a search finds what is viewed until the next one, what is bought the more', async () => {
    const step = (ago: number, kind: string, what: Partial<Event>): Event => ({
      ago,
      shopper: 's1',
      session: 'a',
      kind,
      ...what,
    });
    const { products } = await behaviourOf([
      step(900, 'view', { product: 'p0' }),
      step(800, 'search', { query: 'Desk Lamp' }),
      step(700, 'view', { product: 'p1' }),
      step(600, 'purchase', { product: 'p1' }),
      step(500, 'search', { query: 'rug' }),
      step(400, 'view', { product: 'p1' }),
      step(300, 'view', { product: 'p2', query: 'carpet' }),
    ]);
    expect(products.map(({ queries }) => queries)).toEqual([
      [],
      [
        { text: 'desk lamp', weight: 6 },
        { text: 'rug', weight: 1 },
      ],
      [{ text: 'carpet', weight: 1 }],
    ]);
  });

  test('who buys it is told against who buys at all', async () => {
    const buy = (shopper: string, product: string): Event => ({
      ago: 100,
      shopper,
      kind: 'purchase',
      product,
    });
    const behaviour = await behaviourOf(
      [
        ...Array(60).fill(buy('s2', 'p1')),
        ...Array(60).fill(buy('s0', 'p2')),
        { ...buy('s1', 'p2'), kind: 'view' },
      ],
      { profile: ['country', 'unheard of'] },
    );
    expect(behaviour.encoding.profile).toEqual([{ attribute: 'country', values: ['GB', 'FR'] }]);
    const p1 = named(behaviour, 'p1');
    expect(p1['buyers country=FR']).toBeCloseTo((60 + 20 * 0.5) / 80 - 0.5, 5);
    expect(p1['buyers country=GB']).toBeCloseTo((20 * 0.5) / 80 - 0.5, 5);
    expect(p1['buyers country=other']).toBeCloseTo(0, 5);
  });

  test('a product that nobody has seen has a vector of the same length that says so', async () => {
    const { encoding, products } = await behaviourOf([
      { ago: 1, shopper: 's0', kind: 'view', product: 'p1' },
    ]);
    const empty = emptyBehaviour(encoding);
    expect(empty.length).toBe(products[0]!.vector.length);
    expect(empty[0]).toBe(1);
    expect(products[0]!.vector[0]).toBe(0);
  });
});
