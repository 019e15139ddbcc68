/**
 * Keeps what was predicted of products that have an id: the product as it was sent, and each answer with its model, version and
 * evidence. Answers go out first and are written after, in order, a few hundred at a time. While the database is away they wait, up to a
 * bound, and are written when it is back; closing writes what waits. What the database refuses is left out, and said.
 */
import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { AttuneError } from '../../base/errors.ts';
import type { ProductInput, ProductPrediction } from '../../prediction/prediction.ts';
import { contentHash, type ProductWrite } from '../../store/products.ts';
import type { Store } from '../../store/store.ts';
import { predictionWrites } from './prediction-writes.ts';

export type Kept = {
  readonly product: ProductInput;
  readonly prediction: ProductPrediction;
  readonly model: string;
  readonly version: string;
};

export type KeeperOptions = {
  readonly store: Pick<Store, 'products' | 'predictions'>;
  /** Told of a failure, and of how many products are lost by it: none while it is tried again. */
  readonly onTrouble: (error: unknown, dropped: number) => void;
  /** Products that wait at most; 10,000 when left out. */
  readonly mostWaiting?: number;
};

const AT_ONCE = 200;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 10_000;

export class Keeper {
  readonly #options: Required<KeeperOptions>;
  #waiting: Kept[] = [];
  #running: Promise<void> | undefined;
  #closing = false;

  constructor(options: KeeperOptions) {
    this.#options = { mostWaiting: 10_000, ...options };
  }

  /** Products without an id have nothing that they could be found by, and are not kept. */
  keep(answers: readonly Kept[]): void {
    const { mostWaiting, onTrouble } = this.#options;
    const found = answers.filter(({ product }) => product.id !== undefined && product.id !== '');
    const room = Math.max(0, mostWaiting - this.#waiting.length);
    if (found.length > room)
      onTrouble(new Error(`${mostWaiting} products wait for the database already.`), found.length - room);
    this.#waiting.push(...found.slice(0, room));
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
  }

  /** Writes what waits; once, without trying again. */
  async close(): Promise<void> {
    this.#closing = true;
    await this.#running;
  }

  async #run(): Promise<void> {
    let pause = FIRST_PAUSE_MS;
    /** So many are written one by one: one of them is refused. */
    let singly = 0;
    while (this.#waiting.length > 0) {
      const piece = this.#waiting.slice(0, singly > 0 ? 1 : AT_ONCE);
      const done = () => {
        this.#waiting = this.#waiting.slice(piece.length);
        singly = Math.max(0, singly - piece.length);
        pause = FIRST_PAUSE_MS;
      };
      try {
        await this.#write(piece);
        done();
      } catch (error) {
        if (!isPassing(error)) {
          if (piece.length > 1) singly = piece.length;
          else {
            this.#options.onTrouble(error, 1);
            done();
          }
          continue;
        }
        const dropped = this.#closing ? this.#waiting.length : 0;
        this.#options.onTrouble(error, dropped);
        if (this.#closing) this.#waiting = [];
        else await delay(pause);
        pause = Math.min(2 * pause, LONGEST_PAUSE_MS);
      }
    }
  }

  async #write(piece: readonly Kept[]): Promise<void> {
    const { products, predictions } = this.#options.store;
    const last = [...new Map(piece.map((one) => [one.product.id!, one])).values()];
    const before = new Map(
      (await products.get(last.map(({ product }) => product.id!))).map((one) => [one.id, one]),
    );
    const writes = last.map(({ product }) => writeOf(product, before.get(product.id!)));
    await products.put(writes);
    await predictions.record(
      last.flatMap(({ product, prediction, model: name, version }, i) =>
        predictionWrites(product.id!, prediction, { name, version }, contentHash(writes[i]!)),
      ),
    );
  }
}

/** Whether the same write may succeed later. */
function isPassing(error: unknown): boolean {
  return (
    error instanceof AttuneError && ['store/unavailable', 'store/disk-full'].includes(error.code as string)
  );
}

/** The product as it was sent; what was not sent of it stays. */
function writeOf(
  { id, category, texts, table, media }: ProductInput,
  before: Awaited<ReturnType<Store['products']['get']>>[number] | undefined,
): ProductWrite {
  const cells = Object.entries(media?.cells ?? {}).filter(([, files]) => files.length > 0);
  const sent = new Set(cells.map(([field]) => field));
  return {
    id: id!,
    supplier: before?.supplier ?? null,
    category: category ?? before?.category ?? null,
    locale: before?.locale ?? null,
    fields: { ...before?.fields, ...texts, ...table },
    media: [
      ...(before?.media ?? []).filter(({ field }) => !sent.has(field)),
      ...cells.flatMap(([field, files]) => files.map((file) => fileOf(field, file))),
    ],
  };
}

/** The bytes are not kept: the reference says which they were. */
function fileOf(field: string, file: string | Uint8Array) {
  if (typeof file === 'string') return { field, reference: file };
  const hash = createHash('sha256').update(file).digest('hex');
  return { field, reference: `sha256:${hash}`, contentHash: hash };
}
