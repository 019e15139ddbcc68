/**
 * How quick a store is when it is large: writing products with 20 attribute values each, then pages of a catalog (first, middle, last;
 * filtered by category, supplier, value, status, confidence, and by several together), the queue, and single products. Each query runs
 * many times, from different places; the table shows the median, and what 95 and 99 of a hundred stay under.
 */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { openStore, type Store } from '../src/store/store.ts';
import { type Figure, median } from './runner/figure.ts';
import type { BenchOptions, OwnOptions } from './runner/options.ts';
import { fill, idOf } from './store/catalog.ts';

export const OPTIONS: OwnOptions = {
  backends: 'which to run, divided by commas (default pglite, and postgres where --url is given)',
  url: 'a PostgreSQL whose user may make a database, which is removed at the end',
  database: 'name of one that stays: filled where it is not there, only measured where it is',
  products: 'how many (default 50000 in PGlite, 1000000 in PostgreSQL)',
  values: 'attribute values of each (default 20)',
  times: 'how often each query runs (default 100)',
};

const LIMIT_MS = 50;

export async function run({ own, say }: BenchOptions): Promise<readonly Figure[]> {
  const backends = (own.backends ?? (own.url === undefined ? 'pglite' : 'pglite,postgres')).split(',');
  const whole = (name: string, otherwise: number) => {
    const value = Number(own[name] ?? otherwise);
    if (!Number.isInteger(value) || value < 1)
      throw new Error(`--${name} ${own[name]}: a whole number from 1`);
    return value;
  };
  const figures: Figure[] = [];
  for (const backend of backends) {
    const opened = await open(backend, own.url, own.database);
    try {
      const products = whole('products', backend === 'pglite' ? 50_000 : 1_000_000);
      const size = { products, values: whole('values', 20), times: whole('times', 100) };
      figures.push(...(await measure(opened.store, backend, size, say)));
    } finally {
      await opened.remove();
    }
  }
  return figures;
}

async function measure(
  store: Store,
  backend: string,
  { products, values, times }: { products: number; values: number; times: number },
  say: (text: string) => void,
): Promise<Figure[]> {
  const work = `${backend} ${products} products`;
  const figures: Figure[] = [];
  if ((await store.products.page({ limit: 1 })).products.length === 0) {
    const seconds = await fill(store, products, values, (done) => say(`${work}: ${done} written`));
    say(`\n${work}, ${products * values} values: written in ${seconds.toFixed(0)} s`);
    figures.push({ name: `${work} write`, value: products / seconds, unit: 'products/s' });
  }
  const titles = ['median ms', 'p95 ms', 'p99 ms', 'found'];
  say(`${'query'.padEnd(52)}${titles.map((title) => title.padStart(11)).join('')}`);
  for (const [name, query] of Object.entries(queriesOf(store, products))) {
    const taken: number[] = [];
    let found = 0;
    for (let i = 0; i < times + 5; i++) {
      const begun = performance.now();
      found = await query((i * 0.618034) % 1);
      // The first ones plan, and read from the disk.
      if (i >= 5) taken.push(performance.now() - begun);
    }
    taken.sort((a, b) => a - b);
    const under = (part: number) => taken[Math.ceil(taken.length * part) - 1]!;
    const [mid, p95, p99] = [median(taken), under(0.95), under(0.99)];
    const cells = [...[mid, p95, p99].map((ms) => ms.toFixed(1)), String(found)];
    const over = p95 > LIMIT_MS ? ` (over the limit of ${LIMIT_MS} ms)` : '';
    say(`${name.padEnd(52)}${cells.map((cell) => cell.padStart(11)).join('')}${over}`);
    figures.push(
      { name: `${work} ${name}`, value: mid, unit: 'ms' },
      { name: `${work} ${name} p95`, value: p95, unit: 'ms' },
      { name: `${work} ${name} p99`, value: p99, unit: 'ms' },
    );
  }
  return figures;
}

/** Each query is given a place, 0 to 1, and returns how many it found. */
function queriesOf(store: Store, count: number): Record<string, (place: number) => Promise<number>> {
  const idAt = (place: number) => idOf(Math.floor(place * count));
  const page = (filter: Parameters<Store['products']['count']>[0]) => async (place: number) =>
    (await store.products.page({ filter: filter ?? {}, after: idAt(place), limit: 50 })).products.length;
  const attribute = (name: string, other: object) => ({ attributes: [{ attribute: name, ...other }] });
  return {
    'first page of 50': async () => (await store.products.page({ limit: 50 })).products.length,
    'page from anywhere': page({}),
    'by category (1 in 20)': page({ category: 'Category 7' }),
    'by category and supplier (1 in 1000)': page({ category: 'Category 7', supplier: 'Supplier 13' }),
    'by value (1 in 10)': page(attribute('attribute 1', { value: 'Value 3' })),
    'by value (1 in 1000)': page(attribute('attribute 0', { value: 'Value 500' })),
    'by value and category (1 in 200)': page({
      category: 'Category 7',
      ...attribute('attribute 1', { value: 'Value 3' }),
    }),
    'by two values (1 in 100)': page({
      attributes: [
        { attribute: 'attribute 1', value: 'Value 3' },
        { attribute: 'attribute 2', value: 'Value 4' },
      ],
    }),
    'by status review (1 in 10)': page(attribute('color', { status: ['review'] })),
    'by confidence under 0.02 (1 in 50)': page(attribute('color', { confidence: { max: 0.02 } })),
    'by status, value and supplier (1 in 5000)': page({
      supplier: 'Supplier 13',
      attributes: [
        { attribute: 'color', status: ['review'] },
        { attribute: 'attribute 1', value: 'Value 3' },
      ],
    }),
    'predictions of an attribute, least sure first': async (place) =>
      (
        await store.predictions.page({
          attribute: 'color',
          limit: 50,
          after: { confidence: place, productId: '' },
        })
      ).predictions.length,
    'one product with values and predictions': async (place) => {
      const ids = [idAt(place)];
      const [products, values, predictions] = await Promise.all([
        store.products.get(ids),
        store.values.of(ids),
        store.predictions.of(ids),
      ]);
      return products.length + values.length + predictions.length;
    },
    'the first 50 of the queue': async () => (await store.reviews.queue({ limit: 50 })).length,
    'lease the next product of the queue, give it back': async (place) => {
      const who = `person ${Math.floor(place * 10)}`;
      const taken = await store.reviews.take(who);
      await store.reviews.release(who);
      return taken.length;
    },
  };
}

async function open(
  backend: string,
  url: string | undefined,
  lasting: string | undefined,
): Promise<{ store: Store; remove(): Promise<void> }> {
  if (backend === 'pglite') {
    const folder = await mkdtemp(join(tmpdir(), 'attune-bench-store-'));
    const store = await openStore({ folder });
    return {
      store,
      async remove() {
        await store.close();
        await rm(folder, { recursive: true, force: true });
      },
    };
  }
  if (backend !== 'postgres') throw new Error(`--backends ${backend}: known are pglite and postgres`);
  if (url === undefined)
    throw new Error('PostgreSQL needs --url, such as postgres://me@127.0.0.1:5432/postgres');
  const name = lasting ?? `attune_bench_${randomBytes(6).toString('hex')}`;
  if (!(await isThere(url, name))) await administer(url, `CREATE DATABASE ${name}`);
  const address = new URL(url);
  address.pathname = `/${name}`;
  const store = await openStore({ url: address.href });
  return {
    store,
    async remove() {
      await store.close();
      if (lasting === undefined) await administer(url, `DROP DATABASE ${name} WITH (FORCE)`);
    },
  };
}

async function isThere(url: string, database: string): Promise<boolean> {
  return (await administer(url, 'SELECT 1 FROM pg_database WHERE datname = $1', [database])) > 0;
}

/** @returns how many rows came back */
async function administer(url: string, statement: string, values: readonly string[] = []): Promise<number> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(statement, [...values])).rowCount ?? 0;
  } finally {
    await client.end();
  }
}
