/**
 * What shoppers did with every product, computed once and kept on disk beside the log, to be looked up by product id.
 *
 * Either all products are told as of one time, or each as of its own. Times of their own are rounded down, since each is a pass over
 * the log: what is read may end a little before a product's time, never after it. By how much is decided on the products of the first
 * file, so that they are few, and is part of the encoding from then on: what is told of a product depends on no other one.
 */
import type { EventLog } from '../../catalog/events/event-log.ts';
import type { ObservedBehaviour } from '../../catalog/product.ts';
import type { BehaviourEncoding, Time } from './behaviour-encoding.ts';
import { productBehaviour } from './product-behaviour.ts';

/** A product as it is looked up; `at` is read where products have times of their own. */
export type Wanted = { readonly id: string; readonly at?: Time | undefined };

export type AsOf =
  | { readonly kind: 'one'; readonly time: Time }
  /** The products that will be looked up, each with its time; those without one are never found. */
  | { readonly kind: 'each'; products(): AsyncIterable<readonly Wanted[]> };

const DAY_SECONDS = 86_400;
/** Passes over the log, at most, where that is still to be decided. */
const MOST_TIMES = 48;
/** Days that times are rounded down to, the finest first that leaves few enough. */
const STEPS_DAYS = [1, 7, 28, 91, 364] as const;

/** One at a time on a log. Closing the log frees it. */
export class BehaviourStore {
  readonly #log: EventLog;
  /** Days that products' own times are rounded down to; undefined of one time for all. */
  readonly stepDays: number | undefined;
  /** Products (with their times) that have a past. */
  readonly size: number;

  private constructor(log: EventLog, stepDays: number | undefined, size: number) {
    this.#log = log;
    this.stepDays = stepDays;
    this.size = size;
  }

  /** @throws `features/behaviour-time` */
  static async open(log: EventLog, encoding: BehaviourEncoding, asOf: AsOf): Promise<BehaviourStore> {
    await log.run('CREATE OR REPLACE TABLE observed (key VARCHAR, vector BLOB, lists VARCHAR)');
    let step: number | undefined;
    if (asOf.kind === 'one') {
      await append(log, 'observed', encoding, asOf.time, (product) => product);
    } else {
      step = await createWanted(log, asOf.products(), encoding.stepDays);
      const times = await log.query('SELECT DISTINCT time FROM wanted ORDER BY time');
      for (const row of times) {
        const time = Number(row.time);
        await log.run('CREATE OR REPLACE TABLE told (key VARCHAR, vector BLOB, lists VARCHAR)');
        await append(log, 'told', encoding, time, (product) => keyOf(product, time));
        await log.run('INSERT INTO observed SELECT t.* FROM told t JOIN wanted w ON w.key = t.key');
      }
      await log.run('DROP TABLE IF EXISTS told; DROP TABLE wanted');
    }
    const [count] = await log.query('SELECT count(*)::INTEGER AS n FROM observed');
    return new BehaviourStore(log, step, Number(count!.n));
  }

  /** What is known of each product, in their order; undefined where nobody did anything with it before its time. */
  async lookup(products: readonly Wanted[]): Promise<readonly (ObservedBehaviour | undefined)[]> {
    const keys = products.map((product) => this.#keyOf(product));
    const asked = [...new Set(keys.filter((key) => key !== undefined))];
    if (asked.length === 0) return products.map(() => undefined);
    // One text that is split is six times as quick as a list of marks.
    const rows = await this.#log.query(
      `SELECT o.* FROM observed o JOIN (SELECT unnest(string_split(?, chr(2))) AS key) k ON k.key = o.key`,
      [asked.join('\u0002')],
    );
    const found = new Map(rows.map((row) => [String(row.key), observedOf(row.vector, row.lists)]));
    return keys.map((key) => (key === undefined ? undefined : found.get(key)));
  }

  #keyOf({ id, at }: Wanted): string | undefined {
    if (this.stepDays === undefined) return id;
    return at === undefined ? undefined : keyOf(id, floorTo(at, this.stepDays * DAY_SECONDS));
  }
}

const keyOf = (product: string, time: Time) => `${product}\u0001${time}`;
const floorTo = (time: Time, step: number) => Math.floor(time / step) * step;

/**
 * Makes the table `wanted` of `key` and `time`.
 * @param known - days to round down to; decided here when left out
 * @returns the days that times were rounded down to
 */
async function createWanted(
  log: EventLog,
  products: AsyncIterable<readonly Wanted[]>,
  known: number | undefined,
): Promise<number> {
  await log.run('CREATE OR REPLACE TABLE wanted_products (product VARCHAR, time DOUBLE)');
  const appender = await log.appender('wanted_products');
  for await (const chunk of products) {
    for (const { id, at } of chunk) {
      if (at === undefined) continue;
      appender.appendVarchar(id);
      appender.appendDouble(at);
      appender.endRow();
    }
  }
  appender.closeSync();
  const days = known ?? (await stepOf(log));
  const step = days * DAY_SECONDS;
  await log.run(`CREATE OR REPLACE TABLE wanted AS SELECT DISTINCT product || chr(1) || rounded::VARCHAR AS key, rounded AS time
    FROM (SELECT product, (floor(time / ${step}) * ${step})::BIGINT AS rounded FROM wanted_products)`);
  await log.run('DROP TABLE wanted_products');
  return days;
}

/** The finest step that leaves few enough times of `wanted_products`, else the coarsest. */
async function stepOf(log: EventLog): Promise<number> {
  for (const days of STEPS_DAYS) {
    const [row] = await log.query(
      `SELECT count(DISTINCT floor(time / ${days * DAY_SECONDS}))::INTEGER AS n FROM wanted_products`,
    );
    if (Number(row!.n) <= MOST_TIMES) return days;
  }
  return STEPS_DAYS.at(-1)!;
}

async function append(
  log: EventLog,
  table: string,
  encoding: BehaviourEncoding,
  time: Time,
  key: (product: string) => string,
): Promise<void> {
  const appender = await log.appender(table);
  try {
    for await (const { product, vector, neighbours, queries } of productBehaviour(log, encoding, time)) {
      appender.appendVarchar(key(product));
      appender.appendBlob(new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength));
      appender.appendVarchar(JSON.stringify({ neighbours, queries }));
      appender.endRow();
    }
  } finally {
    appender.closeSync();
  }
}

function observedOf(vector: unknown, lists: unknown): ObservedBehaviour {
  const bytes = (vector as Uint8Array).slice();
  const { neighbours, queries } = JSON.parse(String(lists)) as Omit<ObservedBehaviour, 'vector'>;
  return { vector: new Float32Array(bytes.buffer), neighbours, queries };
}
